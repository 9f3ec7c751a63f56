// hono/cors on Hono and @hono/node-server, as the documentation shows: `app.use('*', cors(options))`.
import { serve as serveOnNode } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { fetchResponse, isSubdomains, listening, methods, refusable, run, subdomains } from '../lib/adapter.mjs';

/** The `origin` option: a string, a list, or a function for what those cannot say. */
function origin(origins, credentials) {
  if (origins === '*') return credentials ? (asked) => asked : '*';
  if (!origins.some(isSubdomains)) return origins.length === 1 ? origins[0] : origins;
  const exact = origins.filter((origin) => !isSubdomains(origin));
  const expressions = origins.filter(isSubdomains).map(subdomains);
  return (asked) => (exact.includes(asked) || expressions.some((expression) => expression.test(asked)) ? asked : null);
}

/** The options of `cors()` for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  return {
    origin: origin(origins, credentials),
    allowMethods: [methods(policy)].flat(),
    // Left out, the request's own headers are reflected.
    ...(request_headers === '*' ? {} : { allowHeaders: request_headers }),
    exposeHeaders: [expose].flat(),
    credentials,
    ...(max_age === undefined ? {} : { maxAge: max_age }),
  };
}

run({
  about: { name: 'hono', package: 'hono', homepage: 'https://hono.dev/docs/middleware/builtin/cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = new Hono();
    app.use('*', await refusable(() => cors(options(policy))));
    app.all('*', (c) => fetchResponse(c.req.raw));
    return listening(serveOnNode({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }));
  },
});

// @elysiajs/cors on Elysia and its Node adapter, as the package's README shows: `app.use(cors(options))`.
import { cors } from '@elysiajs/cors';
import { node } from '@elysiajs/node';
import { Elysia } from 'elysia';
import { fetchResponse, listening, methods, refusable, run, stringOrExpression } from '../lib/adapter.mjs';

/** The options of `cors()` for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  const allowed = origins === '*' ? true : origins.map(stringOrExpression);
  return {
    origin: Array.isArray(allowed) && allowed.length === 1 ? allowed[0] : allowed,
    // `true`, the default in the code, reflects the request's method and header names.
    methods: policy.methods === '*' ? (credentials ? true : '*') : methods(policy),
    allowedHeaders: request_headers === '*' ? (credentials ? true : '*') : request_headers,
    exposeHeaders: expose,
    credentials,
    maxAge: max_age,
  };
}

run({
  about: { name: 'elysia-cors', package: '@elysiajs/cors', homepage: 'https://github.com/elysiajs/elysia-cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any', 'methods.any-with-credentials',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'application',
  ],
  async serve(policy) {
    const app = new Elysia({ adapter: node() });
    await refusable(() => app.use(cors(options(policy))));
    app.all('/*', ({ request }) => fetchResponse(request), { parse: 'none' });
    const server = await new Promise((started) => app.listen({ port: 0, hostname: '127.0.0.1' }, started));
    return listening(server.node.server);
  },
});

// @fastify/cors on Fastify, as the package's README shows; routes by its "Route-Level CORS Overrides".
import cors from '@fastify/cors';
import fastify from 'fastify';
import { application, methods, refusable, run, stream, stringOrExpression, whole } from '../lib/adapter.mjs';

/** The options of the plugin, and of a route, for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  const allowed = origins === '*' ? '*' : origins.map(stringOrExpression);
  return {
    origin: origins === '*' ? (credentials ? true : '*') : allowed.length === 1 ? allowed[0] : allowed,
    methods: methods(policy),
    // Not specified, the request's own headers are reflected.
    allowedHeaders: request_headers === '*' ? null : request_headers,
    exposedHeaders: expose.length === 0 ? null : expose,
    credentials,
    maxAge: max_age ?? null,
  };
}

async function handler(request, reply) {
  const body = request.body?.toString('latin1') ?? '';
  const answer = application(request.method, request.url, request.headers, body);
  reply.code(answer.status);
  for (const [name, value] of answer.headers) {
    const before = name === 'Vary' ? reply.getHeader('Vary') : undefined;
    reply.header(name, before ? `${before}, ${value}` : value);
  }
  return reply.send(answer.streamed ? stream(answer) : whole(answer));
}

run({
  about: { name: 'fastify-cors', package: '@fastify/cors', homepage: 'https://github.com/fastify/fastify-cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'routes', 'application',
  ],
  async serve(policy) {
    const app = fastify();
    await refusable(() => app.register(cors, options(policy)));
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
    for (const route of policy.routes ?? []) {
      app.all(route.path.replaceAll(':', '::'), { config: { cors: options(route.policy) } }, handler);
    }
    // `OPTIONS *` is the plugin's own route.
    app.route({ method: app.supportedMethods.filter((method) => method !== 'OPTIONS'), url: '/*', handler });
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/`;
  },
});

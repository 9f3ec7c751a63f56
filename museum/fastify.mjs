// What the exhibits of @fastify/cors share: the plugin registered as the exhibit says, the application behind it.
import cors from '@fastify/cors';
import fastify from 'fastify';
import { application, methods, refusable, run, stream, whole } from '../adapters/lib/adapter.mjs';

/** The options of the plugin for a policy, but for `origin`. */
export const options = ({ credentials = false, request_headers = [], expose = [], max_age, ...rest }) => ({
  methods: methods(rest),
  ...(request_headers === '*' ? {} : { allowedHeaders: request_headers }),
  ...(expose.length === 0 ? {} : { exposedHeaders: expose }),
  credentials,
  ...(max_age === undefined ? {} : { maxAge: max_age }),
});

/** Speaks the protocol; `configured(policy)` is what `register` is given. */
export function exhibit({ knobs, configured }) {
  run({
    about: { name: 'fastify-cors', package: '@fastify/cors', homepage: 'https://github.com/fastify/fastify-cors' },
    knobs: [
      ...knobs, 'credentials', 'methods.list',
      'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
      'expose.list', 'max_age', 'max_age.zero', 'max_age.absent', 'application',
    ],
    async serve(policy) {
      const app = fastify();
      await refusable(() => app.register(cors, configured(policy)));
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
      app.route({ method: ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'], url: '/*', handler });
      return `${await app.listen({ port: 0, host: '127.0.0.1' })}/`;
    },
  });
}

async function handler(request, reply) {
  const answer = application(request.method, request.url, request.headers, request.body?.toString('latin1') ?? '');
  reply.code(answer.status);
  for (const [name, value] of answer.headers) {
    const before = name === 'Vary' ? reply.getHeader('Vary') : undefined;
    reply.header(name, before ? `${before}, ${value}` : value);
  }
  return reply.send(answer.streamed ? stream(answer) : whole(answer));
}

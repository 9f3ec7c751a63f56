// What the exhibits of hapi before 17 share: a connection and its routes, with the `cors` the exhibit gives to each.
import os from 'node:os';
import { application, methods, refusable, run, whole } from '../adapters/lib/adapter.mjs';

// Node took the name away in version 14.
os.tmpDir ??= os.tmpdir;
const { default: Hapi } = await import('hapi');

/** Speaks the protocol; `connection(policy)` and `route(policy)` are the `cors` of each, `knobs` those beyond the shared. */
export function exhibit({ knobs, connection, route }) {
  run({
    about: { name: 'hapi', package: 'hapi', homepage: 'https://github.com/hapijs/hapi' },
    knobs: [...knobs, 'credentials', 'methods.list', 'application'],
    async serve(policy) {
      const server = new Hapi.Server();
      await refusable(() => {
        server.connection({ port: 0, host: '127.0.0.1', routes: { cors: connection(policy) } });
        for (const method of methods(policy).filter((method) => !['HEAD', 'OPTIONS'].includes(method))) {
          const body = method === 'GET' ? {} : { payload: { parse: false, output: 'data' } };
          const cors = route(policy);
          server.route({ method, path: '/{rest*}', handler, config: { ...(cors ? { cors } : {}), ...body } });
        }
      });
      await new Promise((started, failed) => server.start((error) => (error ? failed(error) : started())));
      return `${server.info.uri}/`;
    },
  });
}

function handler(request, reply) {
  const body = request.payload?.toString('latin1') ?? '';
  const answer = application(request.method.toUpperCase(), request.raw.req.url, request.headers, body);
  const response = reply(whole(answer)).code(answer.status);
  for (const [name, value] of answer.headers) {
    if (name === 'Vary') response.vary(value);
    else response.header(name, value);
  }
}

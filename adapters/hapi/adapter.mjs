// The `cors` route option of hapi. Which methods are allowed is which routes have it: the others are routes without.
import Hapi from '@hapi/hapi';
import { Unsupported, application, methods, refusable, run, stream, whole } from '../lib/adapter.mjs';

/** The `cors` option of a route for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  // hapi takes no empty list; without `cors` a route is shared with nobody.
  if (origins.length === 0) return false;
  return {
    origin: origins === '*' ? ['*'] : origins,
    headers: request_headers,
    exposedHeaders: [expose].flat(),
    credentials,
    maxAge: max_age,
  };
}

function handler(request, h) {
  const body = request.payload?.toString('latin1') ?? '';
  const answer = application(request.method.toUpperCase(), request.raw.req.url, request.headers, body);
  const response = h.response(answer.streamed ? stream(answer) : whole(answer)).code(answer.status).charset('');
  for (const [name, value] of answer.headers) {
    if (name === 'Vary') response.vary(value);
    else response.header(name, value);
  }
  return response;
}

/** The routes of a path: the policy's methods with `cors`, all others without. */
function routes(path, policy) {
  const cors = options(policy);
  const route = (method, cors) => {
    const body = method === 'GET' ? {} : { payload: { parse: false, output: 'data' } };
    return { method, path, handler, options: { cors, response: { ranges: false }, ...body } };
  };
  // GET serves HEAD too, and OPTIONS is hapi's own when a route has `cors`.
  const shared = policy.methods === '*' ? ['GET', '*'] : methods(policy).filter((method) => !['HEAD', 'OPTIONS'].includes(method));
  return [...shared.map((method) => route(method, cors)), ...(shared.includes('*') ? [] : [route('*', false)])];
}

run({
  about: { name: 'hapi', package: '@hapi/hapi', homepage: 'https://hapi.dev/api/#-routeoptionscors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any', 'methods.any-with-credentials',
    'request_headers.list',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'routes', 'application',
  ],
  async serve(policy) {
    // OPTIONS of a path with `cors` is hapi's own.
    if ([policy, ...(policy.routes ?? []).map((route) => route.policy)].some(({ methods = [] }) => methods.includes('OPTIONS'))) {
      throw new Unsupported('methods.list');
    }
    const server = Hapi.server({ port: 0, host: '127.0.0.1' });
    await refusable(() => {
      for (const { path, policy: own } of policy.routes ?? []) {
        server.route(routes(path.endsWith('/*') ? `${path.slice(0, -1)}{rest*}` : path, own));
      }
      server.route(routes('/{rest*}', policy));
    });
    await server.start();
    return `${server.info.uri}/`;
  },
});

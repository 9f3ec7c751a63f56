// `handleCors` of h3, called first in the route as its documentation shows.
import { Readable } from 'node:stream';
import { H3, handleCors, serve as serveOnNode } from 'h3';
import { application, methods, run, stream, stringOrExpression, whole } from '../lib/adapter.mjs';

/** The options of `handleCors()` for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  return {
    // With credentials `*` is warned about: a function validates, here every origin.
    origin: origins === '*' ? (credentials ? () => true : '*') : origins.map(stringOrExpression),
    methods: methods(policy),
    allowHeaders: request_headers,
    exposeHeaders: expose,
    credentials,
    maxAge: max_age === undefined ? false : String(max_age),
  };
}

async function handler(event) {
  const body = Buffer.from(await event.req.arrayBuffer()).toString('latin1');
  const answer = application(event.req.method, event.url.pathname, Object.fromEntries(event.req.headers), body);
  event.res.status = answer.status;
  for (const [name, value] of answer.headers) {
    if (name === 'Vary') event.res.headers.append(name, value);
    else event.res.headers.set(name, value);
  }
  return answer.streamed ? Readable.toWeb(stream(answer)) : whole(answer);
}

run({
  about: { name: 'h3', package: 'h3', homepage: 'https://h3.dev/utils/security' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any', 'methods.any-with-credentials',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = new H3();
    const corsOptions = options(policy);
    app.all('/**', (event) => {
      const corsResponse = handleCors(event, corsOptions);
      if (corsResponse !== false) return corsResponse;
      return handler(event);
    });
    const server = serveOnNode(app, { port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false });
    await server.ready();
    return server.url;
  },
});

// `handleCors` of h3 2 in front of an application that throws its errors, as h3's documentation shows for both.
import { Readable } from 'node:stream';
import { H3, HTTPError, handleCors, serve as serveOnNode } from 'h3';
import { application, methods, run, stream, stringOrExpression, whole } from '../../adapters/lib/adapter.mjs';

/** The options of `handleCors()` for a policy. */
const options = ({ origins, credentials = false, request_headers = [], expose = [], max_age, ...rest }) => ({
  origin: origins === '*' ? '*' : origins.map(stringOrExpression),
  methods: methods(rest),
  allowHeaders: request_headers,
  exposeHeaders: expose,
  credentials,
  maxAge: max_age === undefined ? false : String(max_age),
});

async function handler(event) {
  const body = Buffer.from(await event.req.arrayBuffer()).toString('latin1');
  const answer = application(event.req.method, event.url.pathname, Object.fromEntries(event.req.headers), body);
  if (answer.status >= 400) throw new HTTPError({ status: answer.status, headers: answer.headers });
  event.res.status = answer.status;
  for (const [name, value] of answer.headers) event.res.headers[name === 'Vary' ? 'append' : 'set'](name, value);
  return answer.streamed ? Readable.toWeb(stream(answer)) : whole(answer);
}

run({
  about: { name: 'h3', package: 'h3', homepage: 'https://h3.dev/utils/security' },
  knobs: [
    'origins.any', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials', 'methods.list',
    'request_headers.list', 'request_headers.any', 'expose.list',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = new H3();
    const corsOptions = options(policy);
    app.all('/**', (event) => {
      const corsResponse = handleCors(event, corsOptions);
      return corsResponse !== false ? corsResponse : handler(event);
    });
    const server = serveOnNode(app, { port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false });
    await server.ready();
    return server.url;
  },
});

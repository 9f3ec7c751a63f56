// `handleCors` of h3 1, called first in the handler as its documentation shows.
import { createServer } from 'node:http';
import { finished } from 'node:stream/promises';
import { createApp, eventHandler, handleCors, toNodeListener } from 'h3';
import { listening, methods, respond, run, stringOrExpression } from '../../adapters/lib/adapter.mjs';

/** The options of `handleCors()` for a policy. */
const options = ({ origins, credentials = false, request_headers = [], expose = [], max_age, ...rest }) => ({
  origin: origins === '*' ? '*' : origins.map(stringOrExpression),
  methods: methods(rest),
  allowHeaders: request_headers,
  exposeHeaders: expose,
  credentials,
  maxAge: max_age === undefined ? false : String(max_age),
});

run({
  about: { name: 'h3', package: 'h3', homepage: 'https://v1.h3.dev/utils/security' },
  knobs: [
    'origins.any', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials', 'methods.list',
    'request_headers.list', 'request_headers.any', 'expose.list',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = createApp();
    const corsOptions = options(policy);
    app.use('/', eventHandler(async (event) => {
      if (handleCors(event, corsOptions)) return;
      await respond(event.node.req, event.node.res);
      // h3 answers 404 for what has not ended when the handler has.
      await finished(event.node.res);
    }));
    return listening(createServer(toNodeListener(app)).listen(0, '127.0.0.1'));
  },
});

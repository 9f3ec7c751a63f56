// expressjs/cors on Express, as the package's README shows: `app.use(cors(options))` before the routes.
import cors from 'cors';
import express from 'express';
import { listening, methods, refusable, respond, run, stringOrExpression } from '../lib/adapter.mjs';

/** The options of `cors()` for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  const allowed = origins === '*' ? '*' : origins.map(stringOrExpression);
  return {
    // With credentials `*` counts for nothing: `true` reflects. One origin is a string in the README, several a list.
    origin: origins === '*' ? (credentials ? true : '*') : allowed.length === 1 ? allowed[0] : allowed,
    methods: methods(policy),
    // Without it the request's own headers are reflected.
    ...(request_headers === '*' ? {} : { allowedHeaders: request_headers }),
    exposedHeaders: expose,
    credentials,
    ...(max_age === undefined ? {} : { maxAge: max_age }),
  };
}

run({
  about: { name: 'cors', package: 'cors', homepage: 'https://github.com/expressjs/cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = express();
    app.use(await refusable(() => cors(options(policy))));
    app.all('/{*path}', respond);
    return listening(app.listen(0, '127.0.0.1'));
  },
});

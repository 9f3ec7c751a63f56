// restify-cors-middleware2 on restify, as the package's README shows.
import restify from 'restify';
import corsMiddleware from 'restify-cors-middleware2';
import { listening, refusable, respond, run } from '../lib/adapter.mjs';

/** The options of the middleware for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  return {
    origins: origins === '*' ? ['*'] : origins,
    credentials,
    // By the README credentials are not allowed for `*` without it.
    ...(origins === '*' && credentials ? { allowCredentialsAllOrigins: true } : {}),
    allowHeaders: request_headers,
    exposeHeaders: [expose].flat(),
    ...(max_age === undefined ? {} : { preflightMaxAge: max_age }),
  };
}

run({
  about: {
    name: 'restify-cors-middleware2',
    package: 'restify-cors-middleware2',
    homepage: 'https://github.com/DatatracCorporation/restify-cors-middleware2',
  },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.any', 'methods.any-with-credentials',
    'request_headers.list',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = restify.createServer();
    const cors = await refusable(() => corsMiddleware(options(policy)));
    app.pre(cors.preflight);
    app.use(cors.actual);
    for (const method of ['get', 'head', 'post', 'put', 'del', 'patch', 'opts']) app[method]('/*', respond);
    app.listen(0, '127.0.0.1');
    return listening(app.server);
  },
});

// @koa/cors on Koa, as the package's README shows: `app.use(cors(options))`.
import cors from '@koa/cors';
import Koa from 'koa';
import { application, bodyOf, isSubdomains, listening, methods, refusable, run, stream, subdomains, whole } from '../lib/adapter.mjs';

/** The `origin` option: a string for one origin, a function of the context for what a string cannot say. */
function origin(origins, credentials) {
  // Documented: without `origin`, credentials make the default the request's own origin.
  if (origins === '*') return credentials ? undefined : '*';
  if (origins.length === 1 && !isSubdomains(origins[0])) return origins[0];
  const exact = origins.filter((origin) => !isSubdomains(origin));
  const expressions = origins.filter(isSubdomains).map(subdomains);
  return (ctx) => {
    const asked = ctx.get('Origin');
    return exact.includes(asked) || expressions.some((expression) => expression.test(asked)) ? asked : '';
  };
}

/** The options of `cors()` for a policy. */
function options(policy) {
  const { origins, credentials = false, request_headers = [], expose = [], max_age } = policy;
  const allowed = origin(origins, credentials);
  return {
    ...(allowed === undefined ? {} : { origin: allowed }),
    allowMethods: methods(policy),
    // Without it the request's own headers are reflected.
    ...(request_headers === '*' ? {} : { allowHeaders: request_headers }),
    exposeHeaders: expose,
    credentials,
    ...(max_age === undefined ? {} : { maxAge: max_age }),
  };
}

run({
  about: { name: 'koa-cors', package: '@koa/cors', homepage: 'https://github.com/koajs/cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'origins.subdomains', 'credentials',
    'methods.list', 'methods.any',
    'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'expose.any',
    'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = new Koa();
    app.use(await refusable(() => cors(options(policy))));
    app.use(async (ctx) => {
      const answer = application(ctx.method, ctx.originalUrl, ctx.headers, await bodyOf(ctx.req));
      ctx.status = answer.status;
      ctx.body = answer.streamed ? stream(answer) : whole(answer);
      for (const [name, value] of answer.headers) {
        if (name === 'Vary') ctx.vary(value);
        else ctx.set(name, value);
      }
    });
    return listening(app.listen(0, '127.0.0.1'));
  },
});

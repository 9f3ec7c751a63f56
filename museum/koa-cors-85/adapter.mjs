// @koa/cors with any origin and credentials as the report gives them: `cors({ origin: '*', credentials: true })`.
import cors from '@koa/cors';
import Koa from 'koa';
import { application, bodyOf, listening, methods, refusable, run, stream, whole } from '../../adapters/lib/adapter.mjs';

/** The options of `cors()` for a policy. */
function options({ origins, credentials = false, request_headers = [], expose = [], max_age, ...rest }) {
  return {
    origin: origins === '*' ? '*' : (ctx) => (origins.includes(ctx.get('Origin')) ? ctx.get('Origin') : ''),
    allowMethods: methods(rest),
    ...(request_headers === '*' ? {} : { allowHeaders: request_headers }),
    exposeHeaders: expose,
    credentials,
    ...(max_age === undefined ? {} : { maxAge: max_age }),
  };
}

run({
  about: { name: 'koa-cors', package: '@koa/cors', homepage: 'https://github.com/koajs/cors' },
  knobs: [
    'origins.any', 'origins.any-with-credentials', 'origins.list', 'origins.null', 'credentials',
    'methods.list', 'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
    'expose.list', 'max_age', 'max_age.zero', 'max_age.absent', 'application',
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

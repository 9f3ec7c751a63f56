// What the exhibits of @koa/cors share: the package on Koa, the application behind it.
import cors from '@koa/cors';
import Koa from 'koa';
import { application, bodyOf, listening, methods, refusable, run, stream, whole } from '../adapters/lib/adapter.mjs';

/** The options of `cors()` for a policy, but for `origin`. */
const options = ({ credentials = false, request_headers = [], expose = [], max_age, ...rest }) => ({
  allowMethods: methods(rest),
  ...(request_headers === '*' ? {} : { allowHeaders: request_headers }),
  exposeHeaders: expose,
  credentials,
  ...(max_age === undefined ? {} : { maxAge: max_age }),
});

/** Speaks the protocol; `origin(policy)` is the option of that name, `throws` whether errors are thrown. */
export function exhibit({ knobs = [], origin, throws = false }) {
  run({
    about: { name: 'koa-cors', package: '@koa/cors', homepage: 'https://github.com/koajs/cors' },
    knobs: [
      ...knobs, 'origins.any', 'origins.list', 'origins.null', 'credentials',
      'methods.list', 'request_headers.list', 'request_headers.any', 'request_headers.any-with-credentials',
      'expose.list', 'max_age', 'max_age.zero', 'max_age.absent', 'application',
    ],
    async serve(policy) {
      const app = new Koa();
      app.silent = true;
      app.use(await refusable(() => cors({ ...options(policy), origin: origin(policy) })));
      app.use(async (ctx) => {
        const answer = application(ctx.method, ctx.originalUrl, ctx.headers, await bodyOf(ctx.req));
        if (throws && answer.status >= 400) ctx.throw(answer.status, { headers: Object.fromEntries(answer.headers) });
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
}

// @koa/cors in front of an application that throws its errors, as Koa's documentation shows: `ctx.throw(404)`.
import { exhibit } from '../koa.mjs';

exhibit({
  knobs: ['origins.any-with-credentials'],
  origin: ({ origins, credentials }) => {
    // Documented: without `origin`, credentials make the default the request's own origin.
    if (origins === '*') return credentials ? undefined : '*';
    return (ctx) => (origins.includes(ctx.get('Origin')) ? ctx.get('Origin') : '');
  },
  throws: true,
});

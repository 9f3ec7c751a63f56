// @koa/cors with any origin and credentials as the report gives them: `cors({ origin: '*', credentials: true })`.
import { exhibit } from '../koa.mjs';

exhibit({
  knobs: ['origins.any-with-credentials'],
  origin: ({ origins }) => (origins === '*' ? '*' : (ctx) => (origins.includes(ctx.get('Origin')) ? ctx.get('Origin') : '')),
});

// @fastify/cors with a `delegator`, which looks at the request and gives the options, `origin` a string or `false`.
import { exhibit, options } from '../fastify.mjs';

exhibit({
  knobs: ['origins.list', 'origins.null'],
  configured: (policy) => ({
    delegator: (request, done) => {
      const asked = request.headers.origin;
      done(null, { ...options(policy), origin: policy.origins.includes(asked) ? asked : false });
    },
  }),
});

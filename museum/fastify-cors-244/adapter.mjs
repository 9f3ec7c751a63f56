// @fastify/cors with `origin` always a list, as who reads it from a configuration has it: any origin is `['*']`.
import { exhibit, options } from '../fastify.mjs';

exhibit({
  knobs: ['origins.any', 'origins.list', 'origins.null'],
  configured: (policy) => ({ ...options(policy), origin: [policy.origins].flat() }),
});

// expressjs/cors with the expression of its README, `/example\.com$/`; when told `corrected`, with an anchored one.
import cors from 'cors';
import express from 'express';
import { isSubdomains, listening, methods, refusable, respond, run, subdomains } from '../../adapters/lib/adapter.mjs';

const corrected = process.argv[2] === 'corrected';

/** An entry of `origins` as the README has it. */
function entry(origin) {
  if (!isSubdomains(origin)) return origin;
  const host = origin.split('://*.')[1];
  return corrected ? subdomains(origin) : new RegExp(`${host.replaceAll('.', '\\.')}$`);
}

run({
  about: { name: 'cors', package: 'cors', homepage: 'https://github.com/expressjs/cors' },
  knobs: [
    'origins.list', 'origins.null', 'origins.subdomains', 'credentials', 'methods.list',
    'request_headers.list', 'expose.list', 'max_age', 'max_age.zero', 'max_age.absent', 'application',
  ],
  async serve(policy) {
    const app = express();
    app.use(await refusable(() => cors({
      origin: policy.origins.map(entry),
      methods: methods(policy),
      allowedHeaders: policy.request_headers ?? [],
      exposedHeaders: policy.expose ?? [],
      credentials: policy.credentials ?? false,
      ...(policy.max_age === undefined ? {} : { maxAge: policy.max_age }),
    })));
    app.all('/{*path}', respond);
    return listening(app.listen(0, '127.0.0.1'));
  },
});

// hapi with several origins and `matchOrigin: false`, which its documentation of the time offers; version 11 took it away.
import { exhibit } from '../hapi.mjs';

const matched = process.argv[2] === 'matched';

exhibit({
  knobs: ['origins.list', 'request_headers.list', 'expose.list', 'max_age'],
  connection: ({ origins, credentials = false, request_headers = [], expose = [], max_age }) => ({
    origin: origins,
    ...(matched ? {} : { matchOrigin: false }),
    credentials,
    additionalHeaders: request_headers,
    additionalExposedHeaders: expose,
    maxAge: max_age,
  }),
  route: () => undefined,
});

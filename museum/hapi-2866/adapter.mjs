// hapi with the request-headers of a policy as `additionalHeaders`, on the connection.
import { exhibit } from '../hapi.mjs';

exhibit({
  knobs: ['origins.list', 'request_headers.list', 'expose.list', 'max_age'],
  connection: ({ origins, credentials = false, request_headers = [], expose = [], max_age }) => ({
    origin: origins,
    credentials,
    additionalHeaders: request_headers,
    additionalExposedHeaders: expose,
    maxAge: max_age,
  }),
  route: () => undefined,
});

// hapi with the origins given to the connection and the age to each route, which is meant to keep the origins.
import { exhibit } from '../hapi.mjs';

exhibit({
  knobs: ['origins.list', 'max_age'],
  connection: ({ origins, credentials = false }) => ({ origin: origins, credentials }),
  route: ({ max_age }) => ({ maxAge: max_age }),
});

// socket.io as its documentation shows it first: `io(server)`, without `origins`.
import { createServer } from 'node:http';
import io from 'socket.io';
import { exhibit, inFrontOf } from '../closed.mjs';

const about = { name: 'socket.io', package: 'socket.io', homepage: 'https://socket.io/' };

exhibit(about, async () => {
  const server = createServer();
  io(server);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return inFrontOf(server.address().port, '/socket.io/?EIO=3&transport=polling');
});

// What the exhibits share that say nothing about origins and so should be closed: servers of tools, as they are by default.
import { createServer, request } from 'node:http';
import { Unsupported, listening, run } from '../adapters/lib/adapter.mjs';

/** The policy of who configures nothing: nobody. Any other is more than the exhibit says. */
export function exhibit(about, start) {
  run({
    about,
    knobs: ['credentials', 'methods.list', 'max_age.absent'],
    async serve(policy) {
      if (policy.origins.length > 0) throw new Unsupported('origins.list');
      return start();
    },
  });
}

/** A server in front of another that asks for one resource whatever the path, since the other serves nothing else. */
export function inFrontOf(port, resource) {
  const front = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const inner = request({ host: '127.0.0.1', port, method, headers, path: resource }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    inner.on('error', () => outgoing.destroy());
    incoming.pipe(inner);
  });
  return listening(front.listen(0, '127.0.0.1'));
}

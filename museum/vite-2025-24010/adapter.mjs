// Vite's development server as it is by default, without `server.cors`.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';
import { exhibit, inFrontOf } from '../closed.mjs';

const root = mkdtempSync(join(tmpdir(), 'corspec-vite-'));
writeFileSync(join(root, 'index.html'), '<!doctype html><title>plain</title>');
const about = { name: 'vite', package: 'vite', homepage: 'https://vite.dev/config/server-options#server-cors' };

exhibit(about, async () => {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: 20000 + Math.floor(Math.random() * 20000), ws: false, watch: null, hmr: false },
  });
  await server.listen();
  return inFrontOf(server.httpServer.address().port, '/index.html');
});

// esbuild's development server as its documentation shows it: `ctx.serve({ servedir })`.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context } from 'esbuild';
import { exhibit, inFrontOf } from '../closed.mjs';

const servedir = mkdtempSync(join(tmpdir(), 'corspec-esbuild-'));
writeFileSync(join(servedir, 'plain'), 'plain\n');
const about = { name: 'esbuild', package: 'esbuild', homepage: 'https://esbuild.github.io/api/#serve' };

exhibit(about, async () => {
  const building = await context({ logLevel: 'silent' });
  const { port } = await building.serve({ servedir, host: '127.0.0.1', port: 0 });
  return inFrontOf(port, '/plain');
});

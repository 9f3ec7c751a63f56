// Runs an adapter with the packages of another folder: `node ../with.mjs .vulnerable ../../adapters/cors/adapter.mjs`.
// What a venv's `python` is for an adapter in Python, this is for one in JavaScript: the adapter's file stays where it is.
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packages, adapter] = process.argv.slice(2).map((path) => resolve(path));

// A package named by a file that is no package's own is looked for in the folder.
const hooks = `
  let packages;
  export const initialize = (folder) => { packages = folder; };
  export const resolve = (specifier, context, next) => {
    const named = !/^(?:[./]|[a-z]+:)/.test(specifier);
    const byPackage = context.parentURL?.includes('/node_modules/');
    return next(specifier, named && !byPackage ? { ...context, parentURL: packages } : context);
  };`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: pathToFileURL(`${packages}/`).href });

// The adapter looks beside itself for the version of its package.
process.argv = [process.argv[0], resolve(packages, 'adapter.mjs'), ...process.argv.slice(4)];
await import(pathToFileURL(adapter).href);

// What every adapter in JavaScript shares: the protocol, the knobs of a policy, the fixed application.
// An adapter calls `run` with what it is and a function that puts a policy into force; see ../README.md.
import { createInterface } from 'node:readline';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

/** The methods a policy cannot forbid. */
export const SAFELISTED_METHODS = ['GET', 'HEAD', 'POST'];

/** The software has no way to express these knobs, found out while it was configured. */
export class Unsupported extends Error {
  constructor(...knobs) {
    super(knobs.join(', '));
    this.knobs = knobs;
  }
}

class Refused extends Error {}

/** Configures the software: what it throws is its own refusal of the policy, not a fault of the adapter. */
export async function refusable(configure) {
  try {
    return await configure();
  } catch (error) {
    throw error instanceof Unsupported ? error : new Refused(error.message);
  }
}

/**
 * Speaks the protocol until `stop` or the end of stdin.
 *
 * `about`: name, package, homepage; the version is read from the installed package.
 * `knobs`: what the software can express. `serve(policy)`: listens on 127.0.0.1 and resolves to the base URL.
 */
export async function run({ about, knobs, serve }) {
  // As operators run it: error pages without stack traces.
  process.env.NODE_ENV = 'production';
  // Nothing but answers may reach stdout, whatever the software logs.
  console.log = console.info = console.debug = console.error;
  const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    let request;
    try {
      // A member that is null is one that is absent.
      request = JSON.parse(line, (name, value) => value ?? undefined);
      if (request.op === 'stop') {
        reply({});
        break;
      }
      reply(await answerTo(request, { about, knobs, serve }));
    } catch (error) {
      if (error instanceof Unsupported) reply({ unsupported: error.knobs });
      else if (error instanceof Refused) reply({ refused: error.message });
      else {
        console.error(error);
        reply({ error: String(error?.message ?? error) });
      }
    }
  }
  process.exit(0);
}

async function answerTo({ op, protocol, policy }, { about, knobs, serve }) {
  switch (op) {
    case 'hello': {
      if (protocol !== 1) return { error: `protocol ${protocol} is not known here, only 1` };
      return { ...about, version: version(about.package), language: 'JavaScript', knobs };
    }
    case 'serve': {
      const lacking = needs(policy, knobs).filter((knob) => !knobs.includes(knob));
      if (lacking.length > 0) return { unsupported: lacking };
      return { base_url: await serve(policy) };
    }
    default:
      return { error: `no operation is called ${JSON.stringify(op)}` };
  }
}

/** The version of a package, as installed beside the adapter. */
function version(name) {
  const manifest = join(dirname(process.argv[1]), 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${manifest} is missing: run the setup of adapter.toml`);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/** The knobs a policy asks for, those of its routes included. */
export function needs(policy, knobs) {
  const needed = new Set();
  const credentials = policy.credentials ?? false;
  const any = (dimension) => needed.add(`${dimension}.any${credentials ? '-with-credentials' : ''}`);

  if (credentials) needed.add('credentials');
  if (policy.origins === '*') any('origins');
  else {
    if (policy.origins.length > 1) needed.add('origins.list');
    if (policy.origins.includes('null')) needed.add('origins.null');
    if (policy.origins.some(isSubdomains)) needed.add('origins.subdomains');
  }
  for (const dimension of ['methods', 'request_headers', 'expose']) {
    const allowed = policy[dimension] ?? [];
    // "None" is out of reach of software that always allows any.
    const alwaysAny = knobs.some((knob) => knob.startsWith(`${dimension}.any`));
    if (allowed === '*') any(dimension);
    else if (allowed.length > 0 || alwaysAny) needed.add(`${dimension}.list`);
  }
  if (policy.max_age === undefined) needed.add('max_age.absent');
  else needed.add(policy.max_age === 0 ? 'max_age.zero' : 'max_age');
  for (const route of policy.routes ?? []) {
    needed.add('routes');
    for (const knob of needs(route.policy, knobs)) needed.add(knob);
  }
  return [...needed];
}

/** Whether an entry of `origins` stands for the subdomains of a host. */
export const isSubdomains = (origin) => origin.includes('://*.');

/** The anchored expression for `https://*.example.com`: subdomains at any depth, same scheme and port. */
export function subdomains(origin) {
  const [scheme, host] = origin.split('://*.');
  return new RegExp(`^${escape(scheme)}://(?:[a-z0-9_-]+\\.)+${escape(host)}$`);
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** An entry of `origins` for software that takes strings and expressions. */
export const stringOrExpression = (origin) => (isSubdomains(origin) ? subdomains(origin) : origin);

/** The methods for software whose list holds the safelisted ones too; `*` when any is allowed. */
export const methods = (policy) =>
  policy.methods === '*' ? '*' : [...new Set([...SAFELISTED_METHODS, ...(policy.methods ?? [])])];

/** The URL of a server that `listen(0, '127.0.0.1')` was called on. */
export async function listening(server) {
  if (!server.listening) {
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  }
  return `http://127.0.0.1:${server.address().port}/`;
}

// ---------------------------------------------------------------------------------------- the fixed application

const HEADERS = [
  ['Content-Type', 'text/plain'],
  ['Cache-Control', 'max-age=60'],
  ['ETag', '"v1"'],
  ['Set-Cookie', 'session=1'],
  ['X-App', 'corspec'],
  ['X-Request-Id', '42'],
  ['X-Secret', 's'],
];

/**
 * The fixed application: its answer to a request.
 *
 * `target` is the request target as sent, `headers` has lower-case names, `body` is a string.
 * `pieces` are the parts of the body in the order they are sent; `streamed`, when no Content-Length may be sent.
 */
export function application(method, target, headers, body) {
  const path = resolve(target);
  const answer = (status, text, ...more) => ({ status, headers: [...HEADERS, ...more], pieces: [text], streamed: false });
  const status = /^\/status\/([2-5]\d\d)$/.exec(path);
  if (status) return answer(Number(status[1]), status[1] === '200' ? 'plain\n' : '');
  if (path.startsWith('/area/')) return answer(200, 'plain\n');
  switch (path) {
    case '/plain':
      if (headers['if-none-match'] === '"v1"') return answer(304, '');
      if (headers.range === 'bytes=0-1') return answer(206, 'pl', ['Content-Range', 'bytes 0-1/6']);
      return answer(200, 'plain\n');
    case '/redirect':
      return answer(302, '', ['Location', '/plain']);
    case '/vary':
      return answer(200, 'plain\n', ['Vary', 'Accept-Encoding']);
    case '/cors':
      return answer(200, 'plain\n', ['Access-Control-Allow-Origin', 'https://own.example']);
    case '/stream':
      return { ...answer(200, ''), pieces: ['one\n', 'two\n', 'three\n'], streamed: true };
    case '/echo':
      return answer(200, `${method} ${body}`);
    default:
      return answer(404, '');
  }
}

/** The path of a request target: without authority and query, percent-decoded, dot segments removed. */
export function resolve(target) {
  let path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  try {
    path = decodeURIComponent(path);
  } catch {
    // Not UTF-8: the application has no such path.
  }
  const resolved = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '..') resolved.pop();
    if (segment !== '.' && segment !== '..') resolved.push(segment);
    else if (last) resolved.push('');
  }
  return `/${resolved.join('/')}`;
}

/** The body of a Node request as a string. */
export async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

/** The body as a stream of its pieces, in Node's terms. */
export const stream = (answer) => Readable.from(answer.pieces.map((piece) => Buffer.from(piece, 'latin1')), { objectMode: false });

/** The body in one piece. */
export const whole = (answer) => Buffer.from(answer.pieces.join(''), 'latin1');

/** Sends the application's answer over a Node response on which the middleware may have set headers. */
export async function respond(request, response) {
  const target = request.originalUrl ?? request.url;
  const answer = application(request.method, target, request.headers, await bodyOf(request));
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    if (name === 'Vary') response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
  if (answer.streamed) {
    stream(answer).pipe(response);
    return;
  }
  const content = whole(answer);
  if (![204, 304].includes(answer.status)) response.setHeader('Content-Length', content.length);
  response.end(content);
}

/** The application's answer to a fetch-style `Request` as a fetch-style `Response`. */
export async function fetchResponse(request) {
  const { pathname } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer()).toString('latin1');
  const answer = application(request.method, pathname, Object.fromEntries(request.headers), body);
  const bodiless = answer.status === 204 || answer.status === 304;
  const content = bodiless ? null : answer.streamed ? Readable.toWeb(stream(answer)) : whole(answer);
  return new Response(content, { status: answer.status, headers: answer.headers });
}

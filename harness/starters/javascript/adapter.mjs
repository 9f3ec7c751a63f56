// An adapter for corspec: JSON lines on standard input and output, and a server for each policy.
//
// Replace the parts marked `Your software`; keep the rest. What is printed for people goes to standard error.

import { createServer } from "node:http";
import { normalize } from "node:path/posix";
import { createInterface } from "node:readline";

// Your software: who it is. The version is that of the installed package, from its package.json.
const HELLO = {
  name: "my-cors",
  version: process.versions.node,
  language: "JavaScript",
  package: "my-cors",
  homepage: "https://my-cors.example/",
  // What it can express.
  knobs: ["origins.none", "max_age.absent", "application"],
};

/** Your software: answers a request under a policy, with the application behind. Here: one origin, no preflights. */
function middleware(policy, request, response, application) {
  const { origin } = request.headers;
  response.setHeader("Vary", "Origin");
  if (policy.origins.includes(origin)) response.setHeader("Access-Control-Allow-Origin", origin);
  if (request.method === "OPTIONS" && origin && "access-control-request-method" in request.headers) {
    response.writeHead(204).end();
  } else {
    application(request, response);
  }
}

const COMMON = {
  "Content-Type": "text/plain",
  "Cache-Control": "max-age=60",
  ETag: '"v1"',
  "Set-Cookie": "session=1",
  "X-App": "corspec",
  "X-Request-Id": "42",
  "X-Secret": "s",
};

/** The fixed application. */
async function application(request, response) {
  const body = [];
  for await (const piece of request) body.push(piece);
  for (const [name, value] of Object.entries(COMMON)) response.setHeader(name, value);
  const send = (status, text = "") => {
    response.statusCode = status;
    // Node describes a body that is not there.
    if (status !== 204 && status !== 304) response.setHeader("Content-Length", Buffer.byteLength(text));
    response.end(request.method === "HEAD" ? undefined : text);
  };
  const path = resolve(request.url);
  const status = /^\/status\/([2-5]\d\d)$/.exec(path)?.[1];
  if (path === "/plain" && request.headers["if-none-match"] === '"v1"') return send(304);
  if (path === "/plain" && request.headers.range === "bytes=0-1") {
    response.setHeader("Content-Range", "bytes 0-1/6");
    return send(206, "pl");
  }
  if (path === "/plain" || path.startsWith("/area/")) return send(200, "plain\n");
  if (status) return send(Number(status), status === "200" ? "plain\n" : "");
  if (path === "/redirect") {
    response.setHeader("Location", "/plain");
    return send(302);
  }
  if (path === "/vary") {
    response.appendHeader("Vary", "Accept-Encoding");
    return send(200, "plain\n");
  }
  if (path === "/cors") {
    response.setHeader("Access-Control-Allow-Origin", "https://own.example");
    return send(200, "plain\n");
  }
  if (path === "/stream") {
    for (const piece of ["one\n", "two\n", "three\n"]) response.write(piece);
    return response.end();
  }
  if (path === "/echo") return send(200, `${request.method} ${Buffer.concat(body)}`);
  return send(404);
}

/** The path with its percent-encodings and dot segments resolved. */
function resolve(target) {
  const [path] = target.split("?");
  try {
    return normalize(decodeURIComponent(path));
  } catch {
    return path;
  }
}

/** The knobs a policy needs. */
function needed({ origins, credentials, max_age, routes, ...lists }) {
  const any = credentials ? "any-with-credentials" : "any";
  const knobs = [];
  if (origins === "*") knobs.push(`origins.${any}`);
  else {
    if (origins.length === 0) knobs.push("origins.none");
    if (origins.length > 1) knobs.push("origins.list");
    if (origins.includes("null")) knobs.push("origins.null");
    if (origins.some((origin) => origin.includes("://*."))) knobs.push("origins.subdomains");
  }
  if (credentials) knobs.push("credentials");
  for (const field of ["methods", "request_headers", "expose"]) {
    if (lists[field] === "*") knobs.push(`${field}.${any}`);
    else if (lists[field]?.length) knobs.push(`${field}.list`);
  }
  knobs.push(max_age === undefined ? "max_age.absent" : max_age === 0 ? "max_age.zero" : "max_age");
  if (routes?.length) knobs.push("routes");
  return knobs;
}

async function answer({ op, policy }) {
  switch (op) {
    case "hello":
      return HELLO;
    case "serve": {
      const unsupported = needed(policy).filter((knob) => !HELLO.knobs.includes(knob));
      if (unsupported.length) return { unsupported };
      // Your software: what it refuses is answered by {refused: "its own message"}.
      const server = createServer((request, response) => middleware(policy, request, response, application));
      await new Promise((ready, failed) => server.on("error", failed).listen(0, "127.0.0.1", ready));
      return { base_url: `http://127.0.0.1:${server.address().port}/` };
    }
    case "stop":
      return {};
    default:
      return { error: `there is no op ${op}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let request = {};
  let reply;
  try {
    request = JSON.parse(line);
    reply = await answer(request);
  } catch (error) {
    reply = { error: String(error) };
  }
  await new Promise((written) => process.stdout.write(`${JSON.stringify(reply)}\n`, written));
  if (request.op === "stop") break;
}
process.exit(0);

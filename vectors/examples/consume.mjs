// Shows how to read the vectors and judge an implementation by them; put your own in the place of `toy`.
//
// Usage: node consume.mjs     (Node 18 or later, standard library only)

import { readdirSync, readFileSync } from "node:fs";

// A byte string is written with one code point for each byte.
function toBytes(string) {
  if (/[^\0-\xff]/.test(string)) throw new RangeError(`not a byte string: ${JSON.stringify(string)}`);
  return Buffer.from(string, "latin1");
}

const fromBytes = (bytes) => bytes.toString("latin1");
const isOneOf = (bytes, ...names) => names.some((name) => bytes.equals(toBytes(name)));

// Names and methods change case in ASCII letters only.
const upper = (bytes) => bytes.map((b) => (b >= 0x61 && b <= 0x7a ? b - 0x20 : b));

// The values of all lines of that name (given in upper case), each trimmed as an HTTP parser does, or null.
function get(lines, name) {
  const found = lines.filter(([n]) => isOneOf(upper(toBytes(n)), name));
  return found.length ? toBytes(found.map(([, v]) => v.replace(/^[ \t]+|[ \t]+$/g, "")).join(", ")) : null;
}

// The toy implementation takes the `input` of a vector; undefined means that it cannot judge this input.
const toy = new Map(Object.entries({
  "cors-check"({ origin, credentials = "same-origin", headers }) {
    const allowed = get(headers, "ACCESS-CONTROL-ALLOW-ORIGIN");
    const include = credentials === "include";
    if (!allowed) return "failure";
    if (isOneOf(allowed, "*") && !include) return "success";
    const granted = get(headers, "ACCESS-CONTROL-ALLOW-CREDENTIALS")?.equals(toBytes("true"));
    return isOneOf(allowed, origin) && (granted || !include) ? "success" : "failure";
  },
  "cors-safelisted-request-header"(input) {
    // `value` goes straight to the algorithm and is not trimmed; lines of `headers` are.
    const [name, value] = [upper(toBytes(input.name)), toBytes(input.value)];
    if (isOneOf(name, "ACCEPT")) {
      return value.length <= 128 && !/[\0-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/.test(fromBytes(value));
    }
    if (isOneOf(name, "ACCEPT-LANGUAGE", "CONTENT-LANGUAGE")) {
      return value.length <= 128 && /^[0-9A-Za-z *,.;=-]*$/.test(fromBytes(value));
    }
    return undefined;
  },
  "normalize-a-method"({ method }) {
    const name = upper(toBytes(method));
    return isOneOf(name, "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT") ? fromBytes(name) : method;
  },
  "forbidden-method": ({ method }) => isOneOf(upper(toBytes(method)), "CONNECT", "TRACE", "TRACK"),
  "cors-safelisted-method": ({ method }) => isOneOf(toBytes(method), "GET", "HEAD", "POST"),
}));

// Whether `expected`, or an outcome in `accept`, is the actual result. Of an object, only `result` is compared.
function tolerates({ expected, accept = [] }, actual) {
  const outcomes = [expected, ...accept.map(({ outcome }) => outcome)];
  return outcomes.some((outcome) => (outcome?.result ?? outcome) === actual);
}

function load(kind) {
  const folder = new URL(`../${kind}/`, import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(".json")).sort();
  return files.flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")).vectors);
}

const problems = [];
const ids = new Set();
let [checked, wrong] = [0, 0];
for (const kind of ["model", "client", "server"]) {
  const vectors = load(kind);
  const levels = new Map();
  for (const vector of vectors) {
    levels.set(vector.level, (levels.get(vector.level) ?? 0) + 1);
    if (ids.has(vector.id)) problems.push(`used twice: ${vector.id}`);
    ids.add(vector.id);
    if (kind !== "model") continue;
    const actual = toy.get(vector.algorithm)?.(vector.input); // undefined also for an algorithm the toy does not have
    if (actual === undefined) continue;
    checked += 1;
    if (!tolerates(vector, actual)) {
      wrong += 1;
      problems.push(`wrong: ${vector.id}`);
    }
  }
  const counts = [...levels].sort().map(([level, count]) => `${level} ${count}`);
  console.log(`${kind}: ${vectors.length} vectors (${counts.join(", ")})`);
}

console.log(`toy implementation: ${checked} checked, ${wrong} wrong`);
if (!checked) problems.push("no vector was checked");
if (problems.length) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

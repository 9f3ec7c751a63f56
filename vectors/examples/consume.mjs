// Shows how to read the vectors and judge an implementation by them; put your own in the place of toy.
//
// Usage: node consume.mjs     (Node 18 or later, no packages)
import { readFileSync, readdirSync } from "node:fs";

// The values of all lines of that name, each trimmed as an HTTP parser does, or null. A byte string is written with one
// code point for each byte, so ASCII can be compared as it is; encode others with Buffer.from(string, "latin1").
function get(lines, name) {
  const values = lines.filter(([n]) => asciiLower(n) === name).map(([, v]) => v.replace(/^[ \t]+|[ \t]+$/g, ""));
  return values.length ? values.join(", ") : null;
}

// toLowerCase() and toUpperCase() would change more letters than those of ASCII.
const asciiLower = (string) => string.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const asciiUpper = (string) => string.replace(/[a-z]/g, (letter) => letter.toUpperCase());

function corsCheck({ origin, headers, credentials }) {
  const allowed = get(headers, "access-control-allow-origin");
  if (allowed === "*" && credentials !== "include") return "success";
  const granted = get(headers, "access-control-allow-credentials") === "true";
  return allowed === origin && (granted || credentials !== "include") ? "success" : "failure";
}

const toy = new Map([ // algorithm: what takes the `input` of a vector
  ["cors-check", corsCheck],
  ["cors-safelisted-method", ({ method }) => ["GET", "HEAD", "POST"].includes(method)],
  ["forbidden-method", ({ method }) => ["CONNECT", "TRACE", "TRACK"].includes(asciiUpper(method))],
]);

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
let checked = 0;
for (const kind of ["model", "client", "server"]) {
  const vectors = load(kind);
  console.log(`${kind}: ${vectors.length} vectors`);
  for (const vector of vectors) {
    if (ids.has(vector.id)) problems.push(`used twice: ${vector.id}`);
    ids.add(vector.id);
    if (!toy.has(vector.algorithm)) continue; // also every client and server vector
    checked += 1;
    if (!tolerates(vector, toy.get(vector.algorithm)(vector.input))) problems.push(`wrong: ${vector.id}`);
  }
}
console.log(`toy implementation: ${checked} checked, ${problems.length} problems`);
if (!checked || problems.length) console.error(problems.join("\n") || "no vector was checked");
process.exitCode = checked && !problems.length ? 0 : 1;

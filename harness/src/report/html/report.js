"use strict";
// Filters, search and details of the report. Whatever comes from results is written as text, never as markup.

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** What stands between backticks as code, everything else as text. */
function prose(text) {
  const parts = text.split("`");
  return parts.map((part, place) => {
    if (place % 2 === 0) return part;
    if (place + 1 === parts.length) return `\`${part}`;
    return part === "" ? "``" : make("code", {}, part);
  });
}

/** Reads packed data: base64, deflate, JSON. */
async function unpack(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** What is unpacked, by subject, and what is about to be. */
const evidence = new Map();
const unpacking = new Map();
function evidenceOf(subject) {
  if (!unpacking.has(subject)) {
    const unpacked = unpack(`evidence-${subject}`).then((all) => {
      evidence.set(subject, all);
      return all;
    });
    unpacking.set(subject, unpacked);
  }
  return unpacking.get(subject);
}

// ---- the table of implementations ----

const rowFilters = byId("rows");
function filterRows() {
  const words = byId("name").value.toLowerCase();
  const state = byId("state").value;
  let shown = 0;
  const rows = document.querySelectorAll("tr[data-name]");
  for (const row of rows) {
    const fits = row.dataset.name.toLowerCase().includes(words) && (!state || row.dataset.state === state);
    row.hidden = !fits;
    shown += fits;
  }
  byId("shown").textContent = shown === rows.length ? "" : `${shown} of ${rows.length}`;
}
if (rowFilters) {
  rowFilters.hidden = false;
  rowFilters.addEventListener("input", filterRows);
  rowFilters.addEventListener("submit", (event) => event.preventDefault());
}

// Arrow keys go from cell to cell.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const cell = event.target.closest?.(".matrix tbody td, .matrix tbody th");
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...cell.closest("tbody").rows].filter((row) => !row.hidden);
  let row = rows.indexOf(cell.parentElement);
  let column = cell.cellIndex;
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const link = next.querySelector("a");
    if (link) {
      event.preventDefault();
      link.focus();
      return;
    }
  }
});

// ---- the findings ----

const FIELDS = ["q", "who", "law", "level", "kind"];
const PAGE = 40;
const CLASS = { holds: "good", broken: "bad", stale: "bad", silent: "bad", known: "known" };
let index;
let found = [];

const state = () => new URLSearchParams(location.hash.slice(1));
const isState = (fragment) => fragment.includes("=");

/** Every group of every subject. */
function flatten() {
  return index.subjects.flatMap((subject, who) =>
    subject.groups.map((group, number) => Object.assign(group, { who, number, title: subject.title })),
  );
}

/** The places of a group's vectors, which are stored as distances. */
function places(group) {
  if (!group.places) {
    let place = 0;
    group.places = group.cases.map((distance) => (place += distance));
  }
  return group.places;
}

const vectorOf = (group, at) => index.vectors[places(group)[at]];

function matches(group, wanted, words) {
  if (wanted.who !== "" && group.who !== Number(wanted.who)) return false;
  if (wanted.law !== "" && group.law !== wanted.law) return false;
  if (wanted.level !== "" && group.level !== wanted.level) return false;
  if (wanted.kind === "" ? group.kind === "holds" : wanted.kind !== "any" && group.kind !== wanted.kind) return false;
  if (words.length === 0) return true;
  const said = `${group.what} ${group.known ?? ""} ${group.requirement ?? ""} ${group.law} ${group.title} ${group.verdict}`.toLowerCase();
  return words.every((word) => said.includes(word));
}

/** The cases whose vector has all words in its id or title. */
function matchingCases(group, words) {
  return group.cases.map((place, at) => at).filter((at) => {
    const text = vectorOf(group, at).join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const ORDER = ["broken", "stale", "silent", "known", "fact", "not-asked", "holds"];
const LEVELS = ["security", "must", "should", "interop", "check"];
const rank = (group) => ORDER.indexOf(group.kind) * 10 + LEVELS.indexOf(group.level);

function find(wanted) {
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const result = [];
  for (const group of groups) {
    if (!matches(group, wanted, [])) continue;
    if (matches(group, wanted, words)) {
      result.push({ group, cases: group.cases.map((_, at) => at) });
      continue;
    }
    const cases = matchingCases(group, words);
    if (cases.length > 0) result.push({ group, cases });
  }
  return result.sort((a, b) => rank(a.group) - rank(b.group));
}

let groups = [];
function readFilters() {
  return Object.fromEntries(FIELDS.map((field) => [field, byId(field).value]));
}

function show() {
  const wanted = readFilters();
  found = find(wanted);
  const cases = found.reduce((sum, entry) => sum + entry.cases.length, 0);
  byId("count").textContent = found.length ? `${number(found.length, "finding")} in ${number(cases, "case")}` : "Nothing matches.";
  byId("results").replaceChildren();
  more();
}

const number = (count, name) => `${count.toLocaleString("en")} ${name}${count === 1 ? "" : "s"}`;

/** Lists the next findings, at most `most`. */
function more(most = PAGE) {
  const results = byId("results");
  const from = results.childElementCount;
  results.append(...found.slice(from, from + most).map(groupElement));
  const left = found.length - results.childElementCount;
  byId("more").hidden = byId("all").hidden = left <= 0;
  byId("all").textContent = `Show all ${found.length.toLocaleString("en")}`;
  byId("open").hidden = found.length === 0;
  clearTimeout(preparing);
  preparing = setTimeout(prepare, 300);
}

function chip(text, kind) {
  return make("span", { class: `chip ${kind ?? ""}` }, text);
}

function groupElement({ group, cases }) {
  const what = group.kind === "holds" ? index.texts[group.law]?.statement ?? "holds" : group.what || group.verdict;
  const summary = make(
    "summary",
    {},
    chip(group.verdict, CLASS[group.kind]),
    chip(group.level),
    make("span", {}, `${group.law}: `, ...prose(what)),
    make("span", { class: "who" }, `${group.title} × ${cases.length.toLocaleString("en")}`),
  );
  const details = make("details", { class: "group" }, summary);
  entries.set(details, { group, cases });
  details.addEventListener("toggle", () => {
    if (details.open) fill(details);
  });
  return details;
}

/** The findings that are listed, by their element. */
const entries = new WeakMap();

/** Writes what is inside of a finding when it is opened for the first time. */
function fill(details) {
  const { group, cases } = entries.get(details);
  if (details.childElementCount === 1) details.append(inside(group, cases));
}

/** How many findings are opened at once, on the page or on paper. */
const AT_ONCE = 400;
const listed = () => [...byId("results").children];

/** Opens the findings that are listed. */
async function openAll() {
  const several = listed().slice(0, AT_ONCE);
  for (const who of new Set(several.map((details) => entries.get(details).group.who))) await evidenceOf(who);
  for (const details of several) details.open = true;
}

// ---- on paper ----

// Nothing can be opened there, and what is printed cannot be waited for: the evidence of what is listed is unpacked before.
let preparing;
async function prepare() {
  for (const details of listed().slice(0, AT_ONCE)) {
    if (details.isConnected) await evidenceOf(entries.get(details).group.who);
  }
}

const openedForPaper = [];
window.addEventListener("beforeprint", () => {
  const closed = [...document.querySelectorAll("main details:not([open])")].filter((details) => !entries.has(details));
  if (index) {
    const open = listed().filter((details) => details.open).length;
    const ready = listed().filter((details) => !details.open && evidence.has(entries.get(details).group.who));
    const opened = ready.slice(0, Math.max(AT_ONCE - open, 0));
    opened.forEach(fill);
    closed.push(...opened);
    byId("paper").textContent = onPaper(open + opened.length);
  }
  for (const details of closed) details.open = true;
  openedForPaper.push(...closed);
});
window.addEventListener("afterprint", () => {
  for (const details of openedForPaper.splice(0)) details.open = false;
});

/** What a reader of the paper has to know: what was filtered, and what is left out. */
function onPaper(printed) {
  const filters = Object.entries(readFilters()).filter(([, value]) => value !== "");
  const named = filters.map(([field]) => {
    const { labels, options, selectedIndex, value } = byId(field);
    return `${labels[0].firstChild.textContent.trim()}: ${options ? options[selectedIndex].text : value}`;
  });
  const which = named.length ? `Only what fits (${named.join(", ")}). ` : "";
  const left = found.length - printed;
  if (left <= 0) return which;
  const how = listed().length < found.length ? "press \u201cShow all\u201d before printing, or filter" : "filter";
  return `${which}Here are ${number(printed, "finding")} with the evidence of a case each. ${left.toLocaleString("en")} more are left out: ${how} to have them printed.`;
}

/** Cases of which a button each is shown at once. */
const BUTTONS = 60;

function inside(group, cases) {
  const box = make("div", { class: "inside" });
  if (group.known) box.append(make("p", {}, make("strong", {}, "Known: "), ...prose(group.known)));
  const text = index.texts[group.requirement ?? group.law];
  if (text) {
    box.append(make("p", {}, make("strong", {}, group.requirement ?? group.law), ": ", ...prose(`${text.statement} ${text.why} `), ...citations(text)));
  }
  const list = make("ul", { class: "vectors", "aria-label": "Vectors" });
  const place = make("div");
  const choose = (at, button) => {
    for (const other of list.querySelectorAll("button")) other.setAttribute("aria-pressed", other === button);
    showCase(place, group, at);
  };
  const add = (from) => {
    for (const at of cases.slice(from, from + BUTTONS)) {
      const button = make("button", { type: "button", "aria-pressed": "false" }, vectorOf(group, at)[0]);
      button.addEventListener("click", () => choose(at, button));
      list.append(make("li", {}, button));
    }
    if (from + BUTTONS < cases.length) {
      const rest = make("button", { type: "button" }, `${cases.length - from - BUTTONS} more`);
      const item = make("li", {}, rest);
      rest.addEventListener("click", () => {
        item.remove();
        add(from + BUTTONS);
      });
      list.append(item);
    }
  };
  add(0);
  box.append(list, place);
  const first = list.querySelector("button");
  if (first) choose(cases[0], first);
  return box;
}

function citations(text) {
  return text.citations.flatMap(([name, link]) => [" ", link.startsWith("https:") ? make("a", { href: link }, name) : name]);
}

/** At once when the evidence is unpacked. */
function showCase(place, group, at) {
  const [id, title] = vectorOf(group, at);
  const draw = (all) => {
    const seen = all[group.number]?.[at];
    const shown = seen ? evidenceElements(seen, `${id}: ${group.law} of ${group.title}`) : [make("pre", {}, `corspec vectors show ${id}`)];
    place.replaceChildren(make("div", { class: "case" }, make("h3", {}, id), make("p", {}, ...prose(title)), ...shown));
  };
  const unpacked = evidence.get(group.who);
  if (unpacked) draw(unpacked);
  else evidenceOf(group.who).then(draw);
}

/** What a finding rests on; `name` says which it is, for those who go from diagram to diagram. */
function evidenceElements(seen, name) {
  const parts = [];
  const facts = make("dl", { class: "facts" });
  const fact = (name, ...value) => facts.append(make("dt", {}, name), make("dd", {}, ...value));
  if (seen.policy) fact("Policy", ...(seen.words ? [seen.words, make("br")] : []), make("code", {}, seen.policy));
  if (seen.means) fact("Here it means", ...prose(seen.means));
  if (seen.browser) fact("The browser", ...prose(seen.browser));
  if (seen.step) fact("Deciding step", make("a", { href: seen.step[1] }, seen.step[0]));
  if (facts.childElementCount) parts.push(facts);
  if (seen.diagram) parts.push(picture(seen.diagram, name));
  for (const [place, fetch] of (seen.fetches ?? []).entries()) {
    const which = seen.fetches.length > 1 ? `, fetch ${place + 1}` : "";
    parts.push(make("h4", {}, `By the standard${which}`), make("p", {}, ...prose(fetch.why)));
    if (fetch.step) parts.push(make("p", {}, "Deciding step: ", make("a", { href: fetch.step[1] }, fetch.step[0])));
    parts.push(picture(fetch.diagram, name + which));
  }
  if (seen.exchanges) parts.push(make("h4", {}, "On the wire"), ...seen.exchanges.map(wire(seen.exchanges)));
  if (seen.reproduce) parts.push(make("h4", {}, "See it again"), make("pre", { class: "wrap" }, seen.reproduce.join("\n")));
  return parts;
}

/** The diagram, which corspec drew: SVG whose texts are escaped. */
function picture(svg, name) {
  const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return make("div", { class: "wide picture", role: "region", "aria-label": `Sequence diagram of ${name}`, tabindex: "0" }, document.importNode(drawing, true));
}

/** How an exchange is written; of all of them the one that decides is marked, which is the last where none says so. */
function wire(exchanges) {
  const deciding = exchanges.find((exchange) => exchange.decides) ?? exchanges.at(-1);
  const lines = (mark, headers) => headers.map(([name, value]) => `${mark} ${name}: ${value}\n`).join("");
  return (exchange) => {
    const sent = `> ${exchange.method} ${exchange.target}\n${lines(">", exchange.request_headers)}`;
    const status = make("span", { class: exchange === deciding && "decides" }, `< ${exchange.status}`);
    return make("pre", { class: "wire wrap" }, make("span", { class: "sent" }, sent), status, `\n${lines("<", exchange.response_headers)}`);
  };
}

/** Sets the filters to what the address says; `jump` goes there. */
function follow(jump) {
  const fragment = location.hash.slice(1);
  if (fragment && !isState(fragment)) return;
  const wanted = state();
  for (const field of FIELDS) byId(field).value = wanted.get(field) ?? "";
  show();
  if (jump) {
    byId("findings").scrollIntoView();
    byId("findings-title").focus({ preventScroll: true });
  }
}

function remember() {
  const entries = Object.entries(readFilters()).filter(([, value]) => value !== "");
  history.replaceState(null, "", entries.length ? `#${new URLSearchParams(entries)}` : location.pathname + location.search);
}

async function start() {
  const filters = byId("filters");
  if (filters) await startFindings(filters);
  document.documentElement.dataset.ready = "true";
}

async function startFindings(filters) {
  index = await unpack("index");
  groups = flatten();
  index.subjects.forEach((subject, who) => byId("who").append(make("option", { value: who }, subject.title)));
  const laws = new Set(groups.map((group) => group.law));
  for (const law of laws) byId("law").append(make("option", { value: law }, law));
  filters.hidden = false;
  filters.addEventListener("submit", (event) => event.preventDefault());
  let waiting;
  filters.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      remember();
      show();
    }, 120);
  });
  byId("more").addEventListener("click", () => more());
  byId("all").addEventListener("click", () => more(found.length));
  byId("open").addEventListener("click", openAll);
  window.addEventListener("hashchange", () => follow(true));
  follow(isState(location.hash));
}
start();

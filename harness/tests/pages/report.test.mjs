// The report in browsers: click, type, filter, keyboard, accessibility tree.
// CORSPEC names the program. Hostile texts are in ../reports/run.jsonl.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { extractText } from "unpdf";
import { accessible, byRole, inEveryBrowser, text } from "./browsers.mjs";

const corspec = process.env.CORSPEC ?? "corspec";
const results = (name) => resolve(import.meta.dirname, "../reports", name);
const measured = results("../../../benches/record/amd-epyc-2-cores.json");
let folder;
let url;
let audit;
let many;
let client;

/** The events of an implementation of which as many different things are to be said. */
function findings(implementation, count) {
  const results = Array.from({ length: count }, (_, place) => ({
    event: "result", implementation, vector: `s/${place}`, title: `vector ${place}`, law: "soundness", level: "must", verdict: "fail",
    finding: {
      what: `\`thing ${place}\` is shared`,
      policy: { origins: ["https://app.example.com"] },
      exchanges: [{ method: "GET", target: "/", request_headers: [["Origin", "https://a.test"]], status: 200, response_headers: [] }],
      reproduce: [`corspec up ${implementation} s/${place}`],
    },
  }));
  const info = { event: "implementation", name: implementation, version: "1", language: "", homepage: "" };
  return lines([{ event: "start", format: 1, corspec: "", standard: "" }, info, ...results, { event: "end", complete: true, exit_code: 1 }]);
}

/** A vector of the MDN guide, and the events of a client that shares its response all the same. */
const PINGOTHER = "mdn-guide/pingother-header-missing";
const CLIENT = [
  { event: "start", format: 1, corspec: "", standard: "" },
  { event: "client", name: "firefox", version: "1", seconds: 1, milliseconds_a_scenario: 1 },
  {
    event: "client-result", client: "firefox", vector: PINGOTHER, title: `the header is missing: ${"long".repeat(20)}`, level: "must", verdict: "fail",
    differences: [{ aspect: "outcome", what: "the model blocks, the client does not" }],
  },
  { event: "end", complete: true, exit_code: 1 },
];
const lines = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** The text of what comes out of the printer, without the places where its lines end. */
async function printed(page) {
  const { text } = await extractText(new Uint8Array(await page.pdf()), { mergePages: true });
  return text.replaceAll(/\s+/g, " ");
}

/** The address of a report of these results. */
function report(name, files, ...options) {
  const file = join(folder, name);
  execFileSync(corspec, ["report", "-o", file, ...options, ...files.map(results)], { stdio: "ignore" });
  return `file://${file}`;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), "corspec-report-"));
  url = report("report.html", ["run.jsonl", "old.jsonl", "new.jsonl", "zoo.jsonl"], "--bench", measured);
  audit = report("audit.html", ["audit.jsonl"]);
  writeFileSync(join(folder, "many.jsonl"), findings("many", 45));
  many = report("many.html", [join(folder, "many.jsonl")]);
  writeFileSync(join(folder, "client.jsonl"), lines(CLIENT));
  client = report("client.html", [join(folder, "client.jsonl")]);
});
after(() => rmSync(folder, { recursive: true }));

/** Fifty implementations in six thousand vectors each, as `examples/synthetic_results.rs` makes them. */
async function make(program) {
  const file = join(folder, "synthetic.html");
  const maker = spawn(program, ["50", "6000"], { stdio: ["ignore", "pipe", "inherit"] });
  const reporter = spawn(corspec, ["report", "-o", file, "-"], { stdio: ["pipe", "ignore", "inherit"] });
  maker.stdout.pipe(reporter.stdin);
  const [code] = await once(reporter, "exit");
  assert.equal(code, 0);
  return file;
}
let made;
const synthetic = () => (made ??= make(process.env.SYNTHETIC));

/** What can be seen on paper and is none of it: fields, buttons that look like buttons, dark grounds, what is cut off. */
function notOfPaper() {
  const visible = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility({ visibilityProperty: true }));
  const light = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return alpha === 0 || Math.min(red, green, blue) > 200;
  };
  const wrong = visible.filter((element) => {
    const style = getComputedStyle(element);
    if (element.matches("nav, input, select, textarea, .skip")) return true;
    if (element.matches("button")) return style.borderTopStyle !== "none";
    return !light(style.backgroundColor) || style.overflowX === "auto" || style.position === "sticky";
  });
  if (!light(getComputedStyle(document.body).backgroundColor)) wrong.push(document.body);
  return wrong.map((element) => `${element.tagName} ${element.className} ${getComputedStyle(element).backgroundColor}`);
}

/** Whether each of the texts is seen, in an element of its own. */
const seen = (page, selector, ...texts) =>
  page.$$eval(
    selector,
    (all, texts) => texts.filter((text) => !all.some((element) => element.checkVisibility() && element.textContent.includes(text))),
    texts,
  );

inEveryBrowser(({ name, visit, look }) => {
  test("fifty implementations in six thousand vectors fit into ten megabytes and open", { skip: !process.env.SYNTHETIC && "SYNTHETIC names no program" }, async (context) => {
    const file = await synthetic();
    const size = statSync(file).size;
    assert.ok(size < 10_000_000, `${size}`);
    await visit(`file://${file}`, async (page) => {
      const ready = await page.evaluate(() => Math.round(performance.now()));
      context.diagnostic(`${name}: ${size} bytes, ready after ${ready} ms`);
      assert.match(await text(page, "#count"), /findings in/);
    });
  });

  test("the contents lead to each part, and its heading is seen there", () =>
    look(url, async (page) => {
      const links = await page.$$("nav.sections a");
      const titles = await Promise.all(links.map((link) => link.evaluate((anchor) => anchor.textContent)));
      assert.deepEqual(titles, [
        "Implementations", "Browsers and clients", "Findings", "What cannot be asked", "Runs", "The zoo", "Benchmarks", "The museum",
      ]);
      for (const [place, link] of links.entries()) {
        await page.evaluate(() => scrollTo(0, 0));
        await link.click();
        const heading = await page.waitForSelector(`section:target h2`);
        // Under its middle lies nothing else, such as the contents.
        const seen = await heading.evaluate((element) => {
          const { left, top, height } = element.getBoundingClientRect();
          return document.elementFromPoint(left + 5, top + height / 2) === element && element.textContent;
        });
        assert.equal(seen, titles[place]);
      }
      assert.ok((await page.$$("#benchmarks svg")).length > 5);
    }));

  test("names and states filter the rows", () =>
    visit(url, async (page) => {
      const shown = () => page.$$eval("tr[data-name]", (rows) => rows.filter((row) => !row.hidden).map((row) => row.dataset.name));
      const all = await shown();
      await (await byRole(page, "searchbox", "Name or language")).type("other");
      assert.deepEqual(await shown(), all.filter((row) => row.includes("other")));
      assert.match(await text(page, "#shown"), /^\d+ of \d+$/);
    }));

  test("a cell leads to its findings, and a finding to its evidence", () =>
    visit(url, async (page) => {
      const cell = await page.$$("tr[data-name^='demo'] td.bad a");
      await cell[0].click();
      await page.waitForFunction(() => document.activeElement.id === "findings-title");
      assert.match(await text(page, "#count"), /finding/);
      assert.equal(await page.$eval("#law", (select) => select.value), "soundness");
      await page.click("#results details summary");
      await page.waitForSelector("#results .case .wire");
      const wire = await text(page, "#results .case .wire");
      assert.ok(wire.includes("> Origin: https://attacker.test") && wire.includes("b=</script>&```"), wire);
      assert.ok((await text(page, "#results .case")).includes("corspec up demo s/evil"));
      const described = await page.$eval("#results .case svg", (svg) => svg.getAttribute("aria-label"));
      assert.ok(described.includes("cors-check/5"), described);
      assert.match(await page.$eval("#results .case dl a", (link) => link.href), /^https:\/\/fetch\.spec\.whatwg\.org\/#cors-check$/);
    }));

  test("what a client does otherwise leads to what the standard does", () =>
    look(client, async (page) => {
      await page.click("#engines td.bad a");
      await page.waitForFunction(() => document.activeElement.id === "findings-title");
      await page.click("#results details summary");
      const drawing = await page.waitForSelector("#results .case svg");
      assert.match(await drawing.evaluate((svg) => svg.getAttribute("aria-label")), /blocked: HeaderDisallowed \(cors-preflight-fetch\/7\.7\)/);
      assert.ok((await page.$$eval("#results .case a", (links) => links.map((link) => link.href))).includes("https://fetch.spec.whatwg.org/#cors-preflight-fetch"));
      const commands = await page.$$eval("#results .case pre", (all) => all.at(-1).textContent.split("\n"));
      assert.deepEqual(commands, [`corspec client firefox --include ${PINGOTHER}`, `corspec explain ${PINGOTHER}`]);
      await accessible(page);
    }));

  test("search finds words, and the address remembers them", () =>
    visit(url, async (page) => {
      await (await byRole(page, "searchbox", "Search")).type("evil-2");
      await page.waitForFunction(() => location.hash.includes("evil-2"));
      assert.equal(await text(page, "#count"), "1 finding in 1 case");
      const address = await page.evaluate(() => location.href);
      await visit(address, async (again) => {
        assert.equal(await text(again, "#count"), "1 finding in 1 case");
      });
    }));

  test("all of it works with the keyboard", () =>
    visit(url, async (page) => {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the findings");
      await page.focus("tr[data-name] th a");
      await page.keyboard.press("ArrowRight");
      const first = await page.evaluate(() => document.activeElement.closest("td")?.cellIndex);
      assert.ok(first >= 1, `${first}`);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement.id === "findings-title");
      await page.focus("#results summary");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#results details[open] .vectors button[aria-pressed='true']");
    }));

  test("what results say is text", () =>
    visit(url, async (page) => {
      await page.select("#kind", "any");
      await page.$eval("#kind", (select) => select.dispatchEvent(new Event("input", { bubbles: true })));
      await page.waitForFunction(() => location.hash.includes("any"));
      await page.$$eval("#results details", (all) => all.forEach((details) => (details.open = true)));
      await page.waitForSelector("#results .case");
      assert.equal(await page.$$eval("main script, main iframe, main img", (all) => all.length), 0);
      assert.ok((await text(page, "#results")).includes("shared with <an origin>"));
    }));

  test("a row of the zoo leads to its vectors and its wire, and a vector to its findings", () =>
    visit(url, async (page) => {
      const details = await page.$("#zoo details");
      assert.deepEqual(await seen(page, "#zoo pre", "corspec up vary-never"), ["corspec up vary-never"]);
      await (await details.$("summary")).click();
      assert.deepEqual(await seen(page, "#zoo pre", "corspec up vary-never", "< 203"), []);
      assert.equal(await text(page, "#zoo .decides"), "< 200");
      assert.equal(await text(page, "#zoo .case p code"), "code");
      await (await details.$("a[href*='s%2Fevil']")).click();
      await page.waitForFunction(() => document.activeElement.id === "findings-title");
      assert.equal(await page.$eval("#q", (field) => field.value), "s/evil");
      assert.match(await text(page, "#count"), /^[1-9]\d* findings? in/);
    }));

  test("an audit shows severity, wire, attack and fixes, and what the server says is text", () =>
    look(audit, async (page) => {
      assert.equal(await text(page, "h1"), "CORS audit");
      assert.equal(await text(page, "#audits summary .chip"), "high");
      const wire = "< x-a: </script><script>alert(1)</script><img src=x onerror=alert(2)>";
      assert.deepEqual(await seen(page, "#audits pre", wire, "curl -s -D -"), []);
      assert.deepEqual(await seen(page, "#audits dd", "Any page the user visits", "any origin, credentials"), []);
      assert.deepEqual(await seen(page, "#audits pre", "allow_origins="), ["allow_origins="]);
      await page.$$eval("#audits details details summary", (all) => all.find((summary) => summary.textContent === "FastAPI").click());
      assert.deepEqual(await seen(page, "#audits pre", "allow_origins="), []);
      assert.equal(await page.$$eval("main script, main iframe, main img", (all) => all.length), 0);
      await accessible(page);
    }));

  test("what is listed is printed with its evidence, and the paper says what is not", async () => {
    await visit(many, async (page) => {
      // What is unpacked when nobody did anything.
      await page.waitForFunction(() => evidence.size === 1);
      const some = await printed(page);
      assert.match(some, /Here are 40 findings with the evidence of a case each\. 5 more are left out/);
      assert.equal(some.match(/corspec up many s\/\d+/g)?.length, 40);
      assert.equal(await page.$("#results details[open]"), null, "closed again");
      await (await byRole(page, "button", "Show all 45")).click();
      const all = await printed(page);
      assert.ok(!all.includes("left out"), all.slice(0, 2000));
      assert.equal(all.match(/corspec up many s\/\d+/g)?.length, 45);
      await (await byRole(page, "searchbox", "Search")).type("s/17");
      await page.waitForFunction(() => location.hash.includes("17"));
      const one = await printed(page);
      assert.match(one, /Only what fits \(Search: s\/17\)/);
      assert.equal(one.match(/corspec up many s\/\d+/g)?.length, 1);
    });
  });

  test("a button opens what is listed, and each diagram has a name of its own", () =>
    visit(many, async (page) => {
      await (await byRole(page, "button", "Open all that are listed")).click();
      await page.waitForFunction(() => document.querySelectorAll("#results details[open] .case .wire").length === 40);
      await accessible(page);
    }));

  const onPaper = name !== "chromium" && "Firefox's protocol has no emulated media; what it prints is read in another test";
  test("on paper there is all of it, nothing to click, and no dark ground", { skip: onPaper }, async () => {
    const print = async (page) => {
      // Both at once, which puppeteer's own functions do not do.
      const devtools = await page.createCDPSession();
      await devtools.send("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: "dark" }] });
      assert.ok(await page.evaluate(() => matchMedia("print and (prefers-color-scheme: dark)").matches));
      await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      assert.deepEqual(await page.evaluate(notOfPaper), []);
    };
    await visit(url, async (page) => {
      await page.click("#results details summary");
      await page.waitForSelector("#results .case .wire");
      const vector = await text(page, ".vectors button");
      await print(page);
      assert.deepEqual(await seen(page, "th", "demo", "vary-never", "a-package"), []);
      assert.deepEqual(await seen(page, ".vectors li", vector), []);
      assert.deepEqual(await seen(page, ".case pre", "corspec up demo", "corspec up vary-never"), []);
      assert.deepEqual(await seen(page, ".case svg desc, .case svg", "which decides"), []);
      await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      assert.equal(await page.$("#zoo details[open]"), null);
    });
    await visit(audit, async (page) => {
      await print(page);
      assert.deepEqual(await seen(page, "#audits pre", "curl -s -D -", "allow_origins=", "> OPTIONS /plain"), []);
      assert.deepEqual(await seen(page, "h3", "http://127.0.0.1:8997/plain", "http://127.0.0.1:1/"), []);
    });
  });

  test("nothing fails the automated accessibility checks", () =>
    look(url, async (page) => {
      await accessible(page);
      await page.$$eval("#zoo details, #museum details", (all) => all.forEach((details) => (details.open = true)));
      await page.click("#open");
      await page.waitForFunction(() => [...document.querySelectorAll("#results details")].every((details) => details.querySelector(".case")));
      await accessible(page);
    }));
});

// The report in browsers: click, type, filter, keyboard, accessibility tree.
// CORSPEC names the program. Hostile texts are in ../reports/run.jsonl.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { accessible, browsers, byRole, text, visit } from "./browsers.mjs";

const corspec = process.env.CORSPEC ?? "corspec";
const results = (name) => join(import.meta.dirname, "../reports", name);
let folder;
let url;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "corspec-report-"));
  const file = join(folder, "report.html");
  execFileSync(corspec, ["report", "-o", file, ...["run.jsonl", "old.jsonl", "new.jsonl"].map(results)], { stdio: "ignore" });
  url = `file://${file}`;
});
after(() => rmSync(folder, { recursive: true }));

/** Fifty implementations in six thousand vectors each, as `examples/synthetic_results.rs` makes them. */
async function synthetic(program) {
  const file = join(folder, "synthetic.html");
  const maker = spawn(program, ["50", "6000"], { stdio: ["ignore", "pipe", "inherit"] });
  const reporter = spawn(corspec, ["report", "-o", file, "-"], { stdio: ["pipe", "ignore", "inherit"] });
  maker.stdout.pipe(reporter.stdin);
  const [code] = await once(reporter, "exit");
  assert.equal(code, 0);
  return file;
}

test("fifty implementations in six thousand vectors fit into ten megabytes and open", { skip: !process.env.SYNTHETIC }, async (context) => {
  const file = await synthetic(process.env.SYNTHETIC);
  const size = statSync(file).size;
  assert.ok(size < 10_000_000, `${size}`);
  for (const { name, launch } of browsers) {
    const browser = await launch();
    try {
      await visit(browser, `file://${file}`, async (page) => {
        const ready = await page.evaluate(() => Math.round(performance.now()));
        context.diagnostic(`${name}: ${size} bytes, ready after ${ready} ms`);
        assert.match(await text(page, "#count"), /findings in/);
      });
    } finally {
      await browser.close();
    }
  }
});

for (const { name, launch } of browsers) {
  describe(name, () => {
    let browser;
    before(async () => {
      browser = await launch();
    });
    after(() => browser?.close());

    test("names and states filter the rows", () =>
      visit(browser, url, async (page) => {
        const shown = () => page.$$eval("tr[data-name]", (rows) => rows.filter((row) => !row.hidden).map((row) => row.dataset.name));
        const all = await shown();
        await (await byRole(page, "searchbox", "Name or language")).type("other");
        assert.deepEqual(await shown(), all.filter((row) => row.includes("other")));
        assert.match(await text(page, "#shown"), /^\d+ of \d+$/);
      }));

    test("a cell leads to its findings, and a finding to its evidence", () =>
      visit(browser, url, async (page) => {
        const cell = await page.$$("tr[data-name^='demo'] td.bad a");
        await cell[0].click();
        await page.waitForFunction(() => document.activeElement.id === "findings-title");
        assert.match(await text(page, "#count"), /finding/);
        assert.equal(await page.$eval("#law", (select) => select.value), "soundness");
        await page.click("#results details summary");
        await page.waitForSelector(".case .wire");
        const wire = await text(page, ".case .wire");
        assert.ok(wire.includes("> Origin: https://attacker.test") && wire.includes("b=</script>&```"), wire);
        assert.ok((await text(page, ".case")).includes("corspec up demo s/evil"));
        const described = await page.$eval(".case svg", (svg) => svg.getAttribute("aria-label"));
        assert.ok(described.includes("cors-check/5"), described);
        assert.match(await page.$eval(".case dl a", (link) => link.href), /^https:\/\/fetch\.spec\.whatwg\.org\/#cors-check$/);
      }));

    test("search finds words, and the address remembers them", () =>
      visit(browser, url, async (page) => {
        await (await byRole(page, "searchbox", "Search")).type("evil-2");
        await page.waitForFunction(() => location.hash.includes("evil-2"));
        assert.equal(await text(page, "#count"), "1 finding in 1 case");
        const address = await page.evaluate(() => location.href);
        await visit(browser, address, async (again) => {
          assert.equal(await text(again, "#count"), "1 finding in 1 case");
        });
      }));

    test("all of it works with the keyboard", () =>
      visit(browser, url, async (page) => {
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
      visit(browser, url, async (page) => {
        await page.select("#kind", "any");
        await page.$eval("#kind", (select) => select.dispatchEvent(new Event("input", { bubbles: true })));
        await page.waitForFunction(() => location.hash.includes("any"));
        await page.$$eval("#results details", (all) => all.forEach((details) => (details.open = true)));
        await page.waitForSelector(".case");
        assert.equal(await page.$$eval("main script, main iframe, main img", (all) => all.length), 0);
        assert.ok((await text(page, "#results")).includes("shared with <an origin>"));
      }));

    test("nothing fails the automated accessibility checks", () =>
      visit(browser, url, async (page) => {
        await page.click("#results details summary");
        await page.waitForSelector(".case");
        await accessible(page);
        if (name === "chromium") {
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
          await accessible(page);
        }
      }));
  });
}

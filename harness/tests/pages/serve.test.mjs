// `corspec serve` in browsers: type, choose, walk, share, keyboard, accessibility tree. CORSPEC names the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { accessible, browsers, byRole, text, visit } from "./browsers.mjs";

const corspec = process.env.CORSPEC ?? "corspec";
let server;
let base;

before(async () => {
  server = spawn(corspec, ["serve", "--port", "0", "--reports", join(import.meta.dirname, "../reports")]);
  const [line] = await once(server.stdout, "data");
  base = String(line).trim();
});
after(() => server.kill());

/** Fills the explainer with a PUT whose preflight allows no method. */
async function fill(page) {
  await (await byRole(page, "textbox", "Page's origin")).type("https://foo.example");
  await (await byRole(page, "textbox", "URL")).type("https://bar.other/doc");
  await page.select("select[name=method]", "PUT");
  await page.type("textarea[name=responses]", "HTTP/1.1 204\nAccess-Control-Allow-Origin: https://foo.example\n");
}

const shown = (page) => page.$$eval(".steps > li", (steps) => steps.filter((step) => !step.hidden).length);

for (const { name, launch } of browsers) {
  describe(name, () => {
    let browser;
    before(async () => {
      browser = await launch();
    });
    after(() => browser?.close());

    test("a typed fetch is explained, and its address brings it back", () =>
      visit(browser, base, async (page) => {
        await fill(page);
        await (await byRole(page, "button", "Explain")).click();
        await page.waitForSelector("#outcome .verdict");
        assert.match(await text(page, "#outcome .verdict"), /blocked.*MethodDisallowed/);
        assert.match(await text(page, ".steps .decides"), /cors-preflight-fetch\/7\.5/);
        assert.match(await text(page, "#outcome pre"), /Access-Control-Allow-Methods: PUT/);
        const address = await page.evaluate(() => location.href);
        await visit(browser, address, async (again) => {
          assert.match(await text(again, "#outcome .verdict"), /MethodDisallowed/);
          assert.equal(await again.$eval("select[name=method]", (select) => select.value), "PUT");
        });
      }));

    test("the steps are walked one by one, with the keyboard", () =>
      visit(browser, `${base}vectors/mdn-guide/pingother-header-missing`, async (page) => {
        const all = await shown(page);
        assert.ok(all > 10, `${all}`);
        await (await byRole(page, "button", "From the start")).focus();
        await page.keyboard.press("Enter");
        assert.equal(await shown(page), 1);
        await page.keyboard.press("Tab");
        await page.keyboard.press("Tab");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Enter");
        assert.equal(await shown(page), 3);
        assert.match(await text(page, ".player [role=status]"), /^step 3 of/);
        await (await byRole(page, "button", "All")).click();
        assert.equal(await shown(page), all);
      }));

    test("a worked example is changed in the explainer", () =>
      visit(browser, base, async (page) => {
        await (await byRole(page, "link", "A PUT is not sent when only GET, HEAD and POST are listed")).click();
        await page.waitForFunction(() => location.pathname.startsWith("/vectors/"));
        await (await byRole(page, "link", "Change it in the explainer")).click();
        await page.waitForSelector("#outcome .verdict");
        assert.match(await text(page, "#outcome .verdict"), /MethodDisallowed/);
        await page.$eval("textarea[name=responses]", (area) => (area.value = area.value.replace(/Allow-Methods:.*/g, "Allow-Methods: PUT")));
        await (await byRole(page, "button", "Explain")).click();
        await page.waitForFunction(() => document.querySelector("#outcome .verdict")?.textContent.includes("shared"));
      }));

    test("what is typed is text", () =>
      visit(browser, base, async (page) => {
        await fill(page);
        await page.type("textarea[name=headers]", "X-A: <img src=x onerror=alert(1)>");
        await (await byRole(page, "button", "Explain")).click();
        await page.waitForSelector("#outcome .verdict");
        assert.equal(await page.$("#outcome img, #outcome script"), null);
        await page.type("textarea[name=headers]", "\nnot a header <script>");
        await (await byRole(page, "button", "Explain")).click();
        await page.waitForSelector("#outcome [role=alert]");
        assert.match(await text(page, "#outcome [role=alert]"), /not a header <script>/);
      }));

    test("a report of the folder opens and its script runs", () =>
      visit(browser, `${base}reports/run.jsonl`, async (page) => {
        assert.match(await text(page, "#count"), /findings in/);
      }));

    test("nothing fails the automated accessibility checks", async () => {
      for (const path of ["", "vectors/mdn-guide/pingother-header-missing", "vectors?law=caching", "laws", "reports"]) {
        await visit(browser, base + path, accessible);
      }
      if (name === "chromium") {
        await visit(browser, `${base}vectors/mdn-guide/pingother-header-missing`, async (page) => {
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
          await accessible(page);
        });
      }
    });
  });
}

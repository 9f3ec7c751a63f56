// `corspec serve` in browsers: type, choose, walk, share, keyboard, accessibility tree. CORSPEC names the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessible, byRole, inEveryBrowser, text } from "./browsers.mjs";

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

/** Drops a file onto the page, as somebody does with the mouse. */
const drop = (page, name, content) =>
  page.evaluate(
    (name, content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], name, { type: "application/json" }));
      for (const type of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    },
    name,
    content,
  );

/** A recording of a request that another origin's server answers without a word on CORS. */
const RECORDING = JSON.stringify({
  log: {
    entries: [
      {
        request: { method: "GET", url: "https://bar.other/doc", headers: [{ name: "Origin", value: "https://foo.example" }] },
        response: { status: 200, headers: [{ name: "X-A", value: "<img src=x onerror=alert(1)>" }] },
      },
    ],
  },
});

const shown = (page) => page.$$eval(".steps > li", (steps) => steps.filter((step) => !step.hidden).length);

inEveryBrowser(({ visit, look }) => {
  test("a typed fetch is explained, and its address brings it back", () =>
    visit(base, async (page) => {
      await fill(page);
      await (await byRole(page, "button", "Explain")).click();
      await page.waitForSelector("#outcome .verdict");
      assert.match(await text(page, "#outcome .verdict"), /blocked.*MethodDisallowed/);
      assert.match(await text(page, ".steps .decides"), /cors-preflight-fetch\/7\.5/);
      assert.match(await text(page, "#outcome pre"), /Access-Control-Allow-Methods: PUT/);
      const address = await page.evaluate(() => location.href);
      await visit(address, async (again) => {
        assert.match(await text(again, "#outcome .verdict"), /MethodDisallowed/);
        assert.equal(await again.$eval("select[name=method]", (select) => select.value), "PUT");
      });
    }));

  test("the steps are walked one by one, with the keyboard", () =>
    visit(`${base}vectors/mdn-guide/pingother-header-missing`, async (page) => {
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

  test("every worked example opens, and the address of its fetch in the explainer does too", () =>
    visit(base, async (page) => {
      const examples = await page.$$eval("#examples .examples li", (items) =>
        items.map((item) => ({
          title: item.querySelector("strong").textContent,
          links: [...item.querySelectorAll("a[href^='/vectors/']")].map((link) => link.href),
        })),
      );
      // The three scenarios of the guide, and the fifteen pages about errors.
      assert.equal(examples.length, 3 + 15);
      for (const { title, links } of examples) {
        // What goes wrong, and how it goes right, in whichever order.
        const outcomes = [];
        for (const link of links) {
          await page.goto(link);
          await page.waitForSelector("html[data-ready]");
          outcomes.push((await text(page, ".verdict")).split(" ")[0]);
          assert.ok((await shown(page)) > 0, link);
          assert.ok(await page.$(".picture svg, svg.corspec-sequence"), link);
          const state = await (await byRole(page, "link", "Change it in the explainer")).evaluate((anchor) => anchor.href);
          await page.goto(state);
          await page.waitForSelector("#outcome .verdict");
          assert.equal((await text(page, "#outcome .verdict")).split(" ")[0], outcomes.at(-1), link);
        }
        assert.deepEqual(outcomes.sort(), ["blocked", "shared"], title);
      }
    }));

  test("a worked example is changed in the explainer", () =>
    visit(base, async (page) => {
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
    visit(base, async (page) => {
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

  test("a HAR file dropped onto the page is taken apart, and what is none is one message", () =>
    visit(base, async (page) => {
      await drop(page, "page.har", RECORDING);
      await page.waitForSelector("#entries details.entry");
      assert.equal(await text(page, "#entries [role=status]"), "1 request to other origins");
      assert.match(await text(page, "#entries summary"), /blocked GET https:\/\/bar\.other\/doc/);
      await page.click("#entries details.entry > summary");
      assert.match(await text(page, "#entries .verdict"), /MissingAllowOrigin/);
      assert.equal(await page.$("#entries img, #entries script"), null);
      const link = await page.$eval("#entries a[href^='/#']", (link) => link.textContent);
      await (await byRole(page, "link", link)).click();
      await page.waitForSelector("#outcome .verdict");
      assert.equal(await page.$eval("[name=url]", (field) => field.value), "https://bar.other/doc");
      await drop(page, "not.har", "<script>alert(1)</script>");
      await page.waitForSelector("#entries [role=alert]");
      assert.equal(await page.$$eval("#entries > *", (all) => all.length), 1);
    }));

  test("what stands between backticks is shown as code", () =>
    visit(base, async (page) => {
      await fill(page);
      await page.select("select[name=method]", "");
      await page.$eval("textarea[name=responses]", (area) => (area.value = "HTTP/1.1 200\nAccess-Control-Allow-Origin: <b>x</b>"));
      await (await byRole(page, "button", "Explain")).click();
      await page.waitForSelector("#outcome .why code");
      const codes = await page.$$eval("#outcome .why code", (all) => all.map((code) => code.textContent));
      assert.ok(codes.includes("<b>x</b>"), `${codes}`);
      assert.ok(!(await text(page, "#outcome .why")).includes("`"));
      assert.equal(await page.$("#outcome b"), null);
    }));

  test("a report of the folder opens and its script runs", () =>
    visit(`${base}reports/run.jsonl`, async (page) => {
      assert.match(await text(page, "#count"), /findings in/);
    }));

  test("nothing fails the automated accessibility checks", async () => {
    for (const path of ["", "vectors/mdn-guide/pingother-header-missing", "vectors?law=caching", "laws", "reports"]) {
      await look(base + path, accessible);
    }
    await look(base, async (page) => {
      await fill(page);
      await (await byRole(page, "button", "Explain")).click();
      await page.waitForSelector("#outcome .verdict");
      await accessible(page);
    });
  });
});

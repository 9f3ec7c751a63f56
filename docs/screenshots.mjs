// Makes docs/report.png and docs/explainer.png.
//
//   (cd harness/tests/pages && npm ci)
//   node docs/screenshots.mjs CORSPEC RESULTS…
//
// CORSPEC is the program, RESULTS are files that `corspec test -o FILE` wrote.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browsers } from "../harness/tests/pages/browsers.mjs";

const [corspec, ...results] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "corspec-screenshots-"));
const report = join(folder, "report.html");
execFileSync(corspec, ["report", "-o", report, ...results], { stdio: "inherit" });
const server = spawn(corspec, ["serve", "--port", "0"]);
const [line] = await once(server.stdout, "data");
const browser = await browsers.find(({ name }) => name === "chromium").launch();

/** A picture of `url`, after `prepare` was done to it. */
async function picture(name, url, { width, height }, prepare) {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.goto(url);
  await page.waitForSelector("html[data-ready]");
  await prepare?.(page);
  await page.screenshot({ path: join(import.meta.dirname, `${name}.png`), optimizeForSpeed: false });
  await page.close();
}

try {
  await picture("report", `file://${report}`, { width: 1340, height: 900 });
  const state = new URLSearchParams({
    origin: "https://foo.example",
    url: "https://bar.other/resources/post-here/",
    method: "POST",
    headers: "X-PINGOTHER: pingpong\nContent-Type: text/xml\n",
    body: "on",
    responses: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: https://foo.example\nAccess-Control-Allow-Headers: Content-Type\n",
  });
  await picture("explainer", `${String(line).trim()}#${state}`, { width: 1120, height: 760 }, async (page) => {
    await page.waitForSelector(".steps .decides");
    await page.evaluate(() => document.querySelector(".fetch").scrollIntoView());
  });
} finally {
  await browser.close();
  server.kill();
  rmSync(folder, { recursive: true });
}

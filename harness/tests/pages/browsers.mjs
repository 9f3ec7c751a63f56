// Chromium and Firefox as the system has them, and what every page is asked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe } from "node:test";
import axe from "axe-core";
import puppeteer from "puppeteer-core";

function find(names) {
  for (const name of names) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // The next name.
    }
  }
  throw new Error(`none of ${names.join(", ")} is installed`);
}

const browsers = [
  {
    name: "chromium",
    launch: () =>
      puppeteer.launch({
        executablePath: find(["chromium", "chromium-browser", "google-chrome"]),
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      }),
  },
  {
    name: "firefox",
    launch: () => puppeteer.launch({ browser: "firefox", executablePath: find(["firefox-esr", "firefox"]) }),
  },
];

/** Makes `tests` for each browser: they get its name, and `visit` with it. */
export function inEveryBrowser(tests) {
  for (const { name, launch } of browsers) {
    describe(name, () => {
      let browser;
      before(async () => {
        browser = await launch();
      });
      after(() => browser?.close());
      tests({ name, visit: (url, steps) => visit(browser, url, steps) });
    });
  }
}

/** Opens a page, runs `steps` with it, and fails when it reported an error of its own. */
async function visit(browser, url, steps) {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.setViewport({ width: 1280, height: 900 });
  try {
    await page.goto(url);
    await page.waitForSelector("html[data-ready]");
    await steps(page);
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
  }
}

/** The automated accessibility checks: none may fail. */
export async function accessible(page) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const result = await axe.run(document);
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 5).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
}

/** What a screen reader is told of: the element with this role and name. */
export async function byRole(page, role, name) {
  const element = await page.$(`aria/${name}[role="${role}"]`);
  assert.ok(element, `no ${role} is called ${name}`);
  return element;
}

export const text = (page, selector) => page.$eval(selector, (element) => element.textContent);

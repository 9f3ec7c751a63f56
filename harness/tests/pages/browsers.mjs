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

export const browsers = [
  {
    name: "chromium",
    launch: (dark = false) =>
      puppeteer.launch({
        executablePath: find(["chromium", "chromium-browser", "google-chrome"]),
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...(dark ? ["--blink-settings=preferredColorScheme=0"] : [])],
      }),
  },
  {
    name: "firefox",
    launch: (dark = false) =>
      puppeteer.launch({
        browser: "firefox",
        executablePath: find(["firefox-esr", "firefox"]),
        extraPrefsFirefox: { "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1 },
      }),
  },
];

/** How people look at pages: light and dark, enlarged twice, and four times or on a small telephone. */
const LOOKS = [{}, { dark: true }, { width: 640, zoom: 2 }, { width: 320, dark: true }];

/**
 * Makes `tests` for each browser: they get its name, `visit` with it, and `look`, which visits a page in each way people
 * look at it.
 */
export function inEveryBrowser(tests) {
  for (const { name, launch } of browsers) {
    describe(name, () => {
      const launched = new Map();
      const browser = (dark) => {
        if (!launched.has(dark)) launched.set(dark, launch(dark));
        return launched.get(dark);
      };
      before(() => browser(false));
      after(async () => {
        for (const one of launched.values()) await (await one).close();
      });
      const look = async (url, steps) => {
        for (const { dark = false, ...viewport } of LOOKS) {
          await visit(await browser(dark), url, viewport, async (page) => {
            assert.equal(await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches), dark);
            await steps(page);
          });
        }
      };
      tests({ name, visit: async (url, steps) => visit(await browser(false), url, {}, steps), look });
    });
  }
}

/** Opens a page, runs `steps` with it, and fails when it reported an error of its own. */
async function visit(browser, url, { width = 1280, zoom = 1 }, steps) {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.setViewport({ width, height: 900, deviceScaleFactor: zoom });
  try {
    await page.goto(url);
    await page.waitForSelector("html[data-ready]");
    await steps(page);
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
  }
}

/** The automated accessibility checks: none may fail. Nor may the page have to be moved sideways to be read. */
export async function accessible(page) {
  const beyond = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    // Not what is moved sideways by itself.
    const wide = [...document.querySelectorAll("body :not(.wide *, pre *)")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 || element.scrollWidth > element.clientWidth + 1,
    );
    return [`${scrollWidth} px in ${clientWidth}`, ...wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 200))];
  });
  assert.deepEqual(beyond, []);
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

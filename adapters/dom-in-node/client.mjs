// A browser window in Node that runs the pages of `corspec client`.
//
//   node client.mjs jsdom|happy-dom URL PORT
//
// Every connection goes to the scripted server at PORT on loopback, whatever host was asked for. A page says where to go
// next by `corspecGo`; the last one says nothing, and the harness ends the process.
import { Socket } from "node:net";

const [name, start, port] = process.argv.slice(2);

const { connect } = Socket.prototype;
Socket.prototype.connect = function (first, ...rest) {
  // Node hands over either the options or a list that begins with them.
  const options = Array.isArray(first) ? first[0] : first;
  Object.assign(options, { host: "127.0.0.1", port: Number(port) });
  delete options.path;
  return connect.call(this, first, ...rest);
};
// Nobody's trust store knows the authority of the scripted server.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
process.removeAllListeners("warning");

const open = { jsdom, "happy-dom": happyDom }[name];
if (open === undefined || port === undefined) {
  console.error("usage: node client.mjs jsdom|happy-dom URL PORT");
  process.exit(2);
}
process.on("uncaughtException", () => {}); // what a page throws is the page's affair
process.on("unhandledRejection", () => {});
const { version, visit } = await open();
console.log(version);
for (let url = start; url; ) url = await visit(url);

async function jsdom() {
  const { CookieJar, JSDOM, VirtualConsole } = await import("jsdom");
  const version = await packageVersion("jsdom");
  const cookieJar = new CookieJar();
  return {
    version,
    visit: (url) =>
      new Promise((go) => {
        JSDOM.fromURL(url, {
          cookieJar,
          pretendToBeVisual: true,
          resources: "usable",
          runScripts: "dangerously",
          virtualConsole: new VirtualConsole(),
          beforeParse(window) {
            window.corspecGo = go;
            // jsdom has no fetch(); the pages need one to talk to the harness.
            window.fetch = (path, init) => fetch(new URL(path, url), init);
          },
        });
      }),
  };
}

async function happyDom() {
  const { Browser } = await import("happy-dom");
  const browser = new Browser({
    settings: {
      enableJavaScriptEvaluation: true,
      suppressInsecureJavaScriptEnvironmentWarning: true,
      fetch: { disableStrictSSL: true },
    },
  });
  return {
    version: await packageVersion("happy-dom"),
    visit: (url) =>
      new Promise((go) => {
        const page = browser.newPage();
        page.goto(url, { beforeContentCallback: (window) => (window.corspecGo = go) });
      }),
  };
}

async function packageVersion(name) {
  const { readFile } = await import("node:fs/promises");
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, "utf8")).version;
}

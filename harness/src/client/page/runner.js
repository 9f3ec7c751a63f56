// Runs scenarios in a page: asks the scripted server for some, runs them, brings the results with the next question.
"use strict";

// ms for one fetch, on a busy machine too. A window in Node has the process to itself, and many a fetch that never ends.
const PATIENCE = self.corspecGo ? 3_000 : 15_000;
const SETTLE = 250; // ms for what has no event

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const failed = (error) => ({ error: String(error?.name ?? error) });

/** A body that brings no Content-Type of its own. */
const bodyOf = (request) => (request.body ? new Blob(["corspec"]) : undefined);

const initiators = {
  async fetch(request) {
    const init = {};
    for (const field of ["method", "headers", "mode", "credentials", "redirect"])
      if (request[field] !== undefined) init[field] = request[field];
    if (request.body) init.body = bodyOf(request);
    if (request.referrer_policy) init.referrerPolicy = request.referrer_policy;
    const response = await fetch(request.url, init);
    return {
      type: response.type,
      status: response.status,
      url: response.url,
      redirected: response.redirected,
      headers: [...response.headers.keys()],
    };
  },

  xhr(request) {
    return new Promise((done) => {
      const xhr = new XMLHttpRequest();
      xhr.onload = () =>
        done({
          status: xhr.status,
          url: xhr.responseURL,
          headers: xhr.getAllResponseHeaders().split("\r\n").filter(Boolean).map((line) => line.split(":")[0].toLowerCase()),
        });
      xhr.onerror = () => done({ error: "error event" });
      xhr.open(request.method ?? "GET", request.url);
      xhr.withCredentials = Boolean(request.with_credentials);
      if (request.upload_listeners) xhr.upload.onprogress = () => {};
      for (const [name, value] of request.headers ?? []) xhr.setRequestHeader(name, value);
      xhr.send(bodyOf(request));
    });
  },

  eventsource(request) {
    return new Promise((done) => {
      const source = new EventSource(request.url, { withCredentials: Boolean(request.with_credentials) });
      const end = (loaded) => () => {
        source.close();
        done({ loaded });
      };
      source.onopen = end(true);
      source.onerror = end(false);
    });
  },

  async beacon(request) {
    const type = request.headers?.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    // The type of a string; a Blob would have it in lower case.
    if (type === "text/plain;charset=UTF-8") navigator.sendBeacon(request.url, "corspec");
    else if (request.body && type !== undefined) navigator.sendBeacon(request.url, new Blob(["{}"], { type }));
    else if (request.body) navigator.sendBeacon(request.url, new Uint8Array([1]));
    else navigator.sendBeacon(request.url);
    await pause(SETTLE);
    return {};
  },

  img: (request) => element(request, new Image(), "src"),
  "canvas-image": (request) => element(request, new Image(), "src", readFromCanvas),
  "webgl-texture": (request) => element(request, new Image(), "src", readAsTexture),
  script: (request) => element(request, document.createElement("script"), "src"),
  "module-script": (request) =>
    element(request, Object.assign(document.createElement("script"), { type: "module" }), "src"),
  stylesheet: (request) =>
    element(request, Object.assign(document.createElement("link"), { rel: "stylesheet" }), "href", (link) => link.sheet.cssRules),
  video: (request) => media(request, document.createElement("video")),
  audio: (request) => media(request, document.createElement("audio")),

  async font(request) {
    const face = new FontFace("corspec", `url(${JSON.stringify(request.url)})`);
    await face.load().catch(() => {});
    return {};
  },

  /** A frame that navigates itself: a document of its own carries the referrer policy. Script sees no outcome. */
  async navigate(request) {
    const frame = document.createElement("iframe");
    const loaded = () => new Promise((done) => (frame.onload = done));
    const ready = loaded();
    const policy = `<meta name="referrer" content="${request.referrer_policy ?? ""}">`;
    frame.srcdoc = `${policy}<form method="post"></form>`;
    document.body.append(frame);
    await ready;
    const arrived = loaded();
    if (request.method === "POST") {
      const form = frame.contentDocument.forms[0];
      form.action = request.url;
      form.submit();
    } else {
      frame.contentWindow.location.href = request.url;
    }
    await Promise.race([arrived, pause(16 * SETTLE)]); // a network error need not load anything
    frame.remove();
    return {};
  },

  "css-image": (request) => styled(request, (style, url) => (style.backgroundImage = url)),
  "css-shape": (request) =>
    styled(request, (style, url) => {
      style.float = "left";
      style.shapeOutside = url;
    }),
};

/** Loads an element; `read` throws when script may not read what was loaded. */
async function element(request, element, attribute, read) {
  if (request.cross_origin !== undefined) element.crossOrigin = request.cross_origin;
  const loaded = await new Promise((done) => {
    element.onload = () => done(true);
    element.onerror = () => done(false);
    element[attribute] = request.url;
    document.body.append(element);
  });
  const outcome = { loaded };
  if (loaded && read) {
    try {
      read(element);
      outcome.readable = true;
    } catch (error) {
      if (error.name !== "SecurityError") throw error;
      outcome.readable = false;
    }
  }
  element.remove();
  return outcome;
}

function readFromCanvas(image) {
  const context = document.createElement("canvas").getContext("2d");
  context.drawImage(image, 0, 0);
  context.getImageData(0, 0, 1, 1);
}

function readAsTexture(image) {
  const gl = document.createElement("canvas").getContext("webgl");
  if (gl === null) return readFromCanvas(image); // the same rule, where there is no WebGL
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
}

async function media(request, element) {
  if (request.cross_origin !== undefined) element.crossOrigin = request.cross_origin;
  element.preload = "auto";
  await new Promise((done) => {
    element.onloadedmetadata = element.onerror = done;
    element.src = request.url;
    setTimeout(done, 8 * SETTLE);
  });
  element.removeAttribute("src");
  element.load();
  return {};
}

async function styled(request, set) {
  const element = document.createElement("div");
  element.style.width = element.style.height = "1px";
  set(element.style, `url(${JSON.stringify(request.url)})`);
  document.body.append(element);
  await pause(SETTLE);
  element.remove();
  return {};
}

/**
 * Runs the fetches of one scenario. Virtual time stands still during a fetch, so the pauses count from the end of the one
 * before: what it left in the cache is never younger than the vector says.
 */
async function runScenario({ number, fetches, mark }) {
  const outcomes = [];
  let before = 0;
  for (const [index, { at = 0, request }] of fetches.entries()) {
    if (at > before) await pause((at - before) * 1000);
    before = at;
    if (index > 0) await fetch(`/.corspec/begin?scenario=${number}&fetch=${index}`);
    if (mark) console.log(`corspec ${number}`);
    let outcome;
    try {
      const run = initiators[request.mode === "navigate" ? "navigate" : (request.initiator ?? "fetch")];
      outcome = await Promise.race([run(request), pause(PATIENCE).then(() => ({ hang: true }))]);
    } catch (error) {
      outcome = failed(error);
    }
    outcomes.push(outcome);
  }
  return { number, outcomes };
}

/** Runs `work` on each item, so many at once; results in the order of the items. */
async function pool(items, atOnce, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

(async () => {
  let results = [];
  for (;;) {
    const question = { page: PAGE, results };
    const reply = await fetch("/.corspec/turn", { method: "POST", body: JSON.stringify(question) });
    const { scenarios, at_once, unmarked, go } = await reply.json();
    if (unmarked) console.log("corspec -");
    if (go) {
      // A framed page may not navigate the top one by itself; a window in Node cannot navigate at all.
      if (self.corspecGo) corspecGo(go);
      else if (parent === self) location.replace(go);
      else parent.postMessage(go, "*");
      return;
    }
    if (!scenarios) return;
    results = await pool(scenarios, at_once, runScenario);
  }
})();

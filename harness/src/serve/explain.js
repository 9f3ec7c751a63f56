"use strict";
// The explainer: answers come from the server as parts of a page, the state of the form stands in the address.

const form = document.getElementById("fetch");
const outcome = document.getElementById("outcome");
const share = document.getElementById("share");

/** Fields that are filled in. */
const filled = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));

/** Puts a part of a page that this server made into its place. */
function put(place, markup) {
  place.replaceChildren(...new DOMParser().parseFromString(markup, "text/html").body.childNodes);
  place.querySelectorAll(".player").forEach(player);
}

function problem(place, text) {
  const element = document.createElement("p");
  element.className = "error";
  element.setAttribute("role", "alert");
  element.textContent = text;
  place.replaceChildren(element);
}

async function ask(address, body, place) {
  try {
    const answer = await fetch(address, { method: "POST", body });
    put(place, await answer.text());
  } catch {
    problem(place, "corspec serve does not answer: is it still running?");
  }
}

async function explain() {
  share.hidden = false;
  document.getElementById("examples")?.remove();
  await ask("/explain?part=1", filled(), outcome);
}

/** Fills the form from the address. */
function follow() {
  const state = new URLSearchParams(location.hash.slice(1));
  if (state.size === 0) return;
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = state.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value !== "";
    else {
      if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) field.add(new Option(value));
      field.value = value;
    }
  }
  if (state.get("scenario")) form.elements.scenario.closest("details").open = true;
  return explain();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `#${filled()}`);
  explain();
});
share.addEventListener("click", async () => {
  const said = document.getElementById("shared");
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "copied";
  } catch {
    said.textContent = "the address above is the link";
  }
});

const entries = document.getElementById("entries");
function recording(file) {
  if (!file) return;
  entries.closest("details").open = true;
  return ask("/har", file, entries);
}
const har = document.getElementById("har");
har.closest("[hidden]").hidden = false;
har.addEventListener("change", () => recording(har.files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  recording(event.dataTransfer.files[0]);
});

window.addEventListener("hashchange", follow);
Promise.resolve(follow()).then(() => {
  document.documentElement.dataset.ready = "true";
});

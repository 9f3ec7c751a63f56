"use strict";
// Steps of the algorithm, one at a time.

/** Lets somebody walk through the steps one by one. */
function player(bar) {
  const steps = [...bar.parentElement.querySelectorAll(".steps > li")];
  if (steps.length === 0) return;
  const status = bar.querySelector("[role=status]");
  let at = steps.length;
  const show = () => {
    steps.forEach((step, index) => {
      step.hidden = index > at;
      step.toggleAttribute("data-current", index === at);
    });
    status.textContent = at < steps.length ? `step ${at + 1} of ${steps.length}` : `${steps.length} steps`;
    steps[at]?.scrollIntoView({ block: "nearest" });
  };
  const moves = {
    first: () => 0,
    back: () => Math.max(0, Math.min(at, steps.length) - 1),
    on: () => (at >= steps.length ? 0 : Math.min(at + 1, steps.length - 1)),
    all: () => steps.length,
  };
  bar.addEventListener("click", (event) => {
    const move = moves[event.target.dataset?.step];
    if (!move) return;
    at = move();
    show();
  });
  bar.hidden = false;
  show();
}
document.querySelectorAll(".player").forEach(player);

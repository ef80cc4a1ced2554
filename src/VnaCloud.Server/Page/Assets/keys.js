// The keyboard: what works everywhere, and how one goes through lists.

import { byId } from "./dom.js";

// What one goes through, on whichever view is on the screen.
const stops = "#rows a, #study .series > summary, #study .document button, #patient .visit-link";

const actions = {
  "/": () => focusSearch(),
  "?": () => byId("keys").showModal(),
  j: () => step(1),
  k: () => step(-1),
  u: () => visible("a.back")[0]?.click(),
  t: () => byId("theme").click(),
};

export function startKeys() {
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("keys-close").addEventListener("click", () => byId("keys").close());
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea, dialog")) return;
    // Arrows scroll the page, except from one line to the next.
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const action = arrow && event.target.matches(stops) ? () => step(arrow) : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function focusSearch() {
  if (byId("list").hidden) location.hash = "#/";
  // The list may be drawn by the change of the address, a moment later.
  setTimeout(() => {
    const field = byId("search").elements.PatientName;
    field.focus();
    field.select();
  });
}

function step(by) {
  const all = visible(stops);
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const visible = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());

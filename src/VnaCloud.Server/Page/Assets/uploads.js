// The card that shows uploads: progress, then what was stored, what was not, and why.

import { byId, bytes, count, el, fill, icon, plural } from "./dom.js";
import { Upload } from "./upload.js";

const listed = 100; // names per list; a disc of ten thousand failures says enough with a hundred

const panel = byId("uploads");
let uploads = [];

/** @param onStored called when an upload has ended and something new is in the archive. */
export function startUploads(onStored) {
  addEventListener("beforeunload", (event) => {
    if (uploads.some(({ upload }) => upload.running)) event.preventDefault();
  });
  return (source) => add(source, onStored);
}

async function add(source, onStored) {
  const card = el("section", { class: "card" });
  let waiting = false;
  // Thousands of files finish faster than a screen is drawn.
  const draw = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      show(entry);
    }, 60);
  };
  const upload = new Upload(draw);
  const entry = { upload, card, parts: null };
  entry.run = async (work) => {
    const before = upload.stored;
    show(entry);
    await work();
    show(entry);
    if (upload.stored > before) onStored();
  };
  uploads.filter(({ upload: other }) => isDone(other)).forEach(remove);
  uploads = [entry, ...uploads];
  panel.prepend(card);
  panel.hidden = false;
  await entry.run(() => upload.send(source));
}

function show(entry) {
  if (entry.upload.running) showProgress(entry);
  else showResult(entry);
}

// Updated in place: a button that is replaced sixty times cannot be clicked.
function showProgress(entry) {
  const { upload, card } = entry;
  if (!entry.parts) {
    entry.parts = {
      title: el("h2", {}),
      bar: el("progress", { max: 1, "aria-label": "Upload progress" }),
      state: el("p", { class: "state" }),
    };
    const cancel = el("button", { type: "button", class: "button text", onclick: () => upload.cancel() }, "Cancel");
    fill(card, el("header", {}, entry.parts.title, cancel), entry.parts.bar, entry.parts.state);
  }
  const { title, bar, state } = entry.parts;
  title.textContent = upload.found === 0 ? "Looking at the files" : `Uploading ${plural(upload.found, "file")}`;
  if (upload.size === 0) bar.removeAttribute("value");
  else bar.value = upload.sent / upload.size;
  const trouble = upload.failures.length + upload.unsent.length > 0 ? ` · ${count(upload.settled - upload.stored)} failed` : "";
  state.textContent = upload.found === 0 ? `${plural(upload.skipped.length, "file")} looked at`
    : `${count(upload.stored)} stored · ${bytes(upload.sent)} of ${bytes(upload.size)}${upload.reading ? " so far" : ""}${trouble}`;
}

function showResult(entry) {
  const { upload, card } = entry;
  entry.parts = null;
  const unsent = upload.unsent.flatMap(({ files, reason }) => files.map(({ path }) => ({ path, reason })));
  const bad = upload.failures.length + unsent.length;
  card.classList.toggle("bad", bad > 0);
  fill(card,
    el("header", {},
      el("h2", { role: "status" }, headline(upload, bad)),
      el("button", { type: "button", class: "button icon-only", "aria-label": "Dismiss", onclick: () => dismiss(entry) }, icon("close"))),
    upload.studies.size === 1 && el("a", { class: "open", href: `#/study/${[...upload.studies][0]}` }, "Open the study"),
    unsent.length > 0 && el("div", { class: "unsent" },
      el("p", {}, `${plural(unsent.length, "file was", "files were")} not sent. ${[...new Set(upload.unsent.map(({ reason }) => reason))].join(" ")}`),
      el("button", { type: "button", class: "button", onclick: () => entry.run(() => upload.retry()) }, "Try again")),
    reasons("not stored", upload.failures, true),
    reasons("stored with a warning", upload.warnings, false),
    reasons("skipped", upload.skipped, false));
}

function headline(upload, bad) {
  if (upload.found === 0) return upload.skipped.length > 0 ? "No DICOM files among these" : "Nothing to upload";
  if (bad === 0) return `${plural(upload.stored, "file")} stored`;
  return upload.stored === 0 ? `${plural(bad, "file")} failed` : `${count(upload.stored)} stored, ${count(bad)} failed`;
}

function reasons(what, items, open) {
  if (items.length === 0) return null;
  return el("details", { open }, el("summary", {}, `${plural(items.length, "file")} ${what}`),
    el("ul", {}, items.slice(0, listed).map(({ path, reason, comment }) =>
      el("li", {}, el("b", { title: path }, path), el("span", {}, reason), comment && el("small", {}, comment)))),
    items.length > listed && el("p", { class: "hint" }, `and ${count(items.length - listed)} more`));
}

// Nothing left to read on its card.
const isDone = ({ running, failures, unsent, warnings, skipped }) => !running && ![failures, unsent, warnings, skipped].some((list) => list.length > 0);

function dismiss(entry) {
  remove(entry);
  byId("pick-files").focus();
}

function remove(entry) {
  uploads = uploads.filter((other) => other !== entry);
  entry.card.remove();
  panel.hidden = uploads.length === 0;
}

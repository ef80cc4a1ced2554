// One instance on the screen: a picture with its frames, a video, a report, a document. All of them are the archive's rendered resources.

import { byId, count, el, fill, icon } from "./dom.js";
import { number, storageClass, value } from "./dicom.js";
import { kindOf } from "./objects.js";

const dialog = byId("preview");
let shown = null; // { path, instances, at }

/** @param path of the series' instances; @param instances as searched; @param at which one. */
export function showPreview(path, instances, at) {
  shown = { path, instances: instances.filter((instance) => kindOf(instance)), at: 0 };
  shown.at = shown.instances.indexOf(instances[at]);
  draw();
  if (!dialog.open) dialog.showModal();
}

export function startPreview() {
  byId("preview-close").addEventListener("click", () => dialog.close());
  byId("preview-before").addEventListener("click", () => move(-1));
  byId("preview-after").addEventListener("click", () => move(1));
  dialog.addEventListener("close", () => fill(byId("preview-body"))); // a film stops
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, k: -1, j: 1 }[event.key];
    if (!by || event.target.matches("input, video, iframe")) return;
    event.preventDefault();
    move(by);
  });
}

function move(by) {
  const at = shown.at + by;
  if (at < 0 || at >= shown.instances.length) return;
  shown.at = at;
  draw();
}

function draw() {
  const { path, instances, at } = shown;
  const instance = instances[at];
  const address = `${path}/${encodeURIComponent(value(instance, "00080018"))}`;
  const kind = storageClass(value(instance, "00080016"));
  byId("preview-title").textContent = instances.length > 1 ? `${kind}, ${count(at + 1)} of ${count(instances.length)}` : kind;
  byId("preview-before").disabled = at === 0;
  byId("preview-after").disabled = at === instances.length - 1;
  byId("preview-before").hidden = byId("preview-after").hidden = instances.length === 1;
  byId("preview-open").href = `${address}/rendered`;
  fill(byId("preview-body"), body(instance, address, kind));
}

function body(instance, address, label) {
  switch (kindOf(instance)) {
    case "video":
      return el("video", { controls: true, preload: "metadata", src: `${address}/rendered`, "aria-label": label });
    case "report":
      // What somebody else wrote: it may run nothing, here as by its own policy.
      return el("iframe", { sandbox: "", src: `${address}/rendered?accept=text/html`, title: label });
    case "pdf":
      return el("iframe", { src: `${address}/rendered?accept=application/pdf`, title: label });
    default:
      return picture(instance, address, label);
  }
}

function picture(instance, address, label) {
  const frames = number(instance, "00280008") || 1;
  const trouble = el("p", { class: "none", role: "alert", hidden: true }, "The archive cannot make a picture of this.");
  const image = el("img", { alt: label, onerror: () => show(false), onload: () => show(true) });
  const show = (good) => {
    trouble.hidden = good;
    image.hidden = !good;
  };
  image.src = frames > 1 ? `${address}/frames/1/rendered` : `${address}/rendered`;
  if (frames === 1) return el("div", { class: "picture" }, image, trouble);
  const text = el("output", {}, `1 of ${count(frames)}`);
  const slider = el("input", { type: "range", min: 1, max: frames, value: 1, "aria-label": "Frame", oninput: () => {
    text.textContent = `${count(slider.value)} of ${count(frames)}`;
    image.src = `${address}/frames/${slider.value}/rendered`;
  } });
  return el("div", { class: "picture" }, image, trouble, el("label", { class: "frames" }, icon("frames"), slider, text));
}

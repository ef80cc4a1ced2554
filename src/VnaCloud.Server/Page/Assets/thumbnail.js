// A small picture of a study or series.

import { el } from "./dom.js";

/** @param resource of the archive; false for a place that stays empty. What has no picture (406, 404) leaves its place empty, too. */
export function thumbnail(resource) {
  const frame = el("span", { class: "thumb" });
  if (resource) {
    frame.append(el("img", { src: `${resource}/thumbnail`, alt: "", width: 128, height: 128, loading: "lazy", decoding: "async", onerror: (event) => event.target.remove() }));
  }
  return frame;
}

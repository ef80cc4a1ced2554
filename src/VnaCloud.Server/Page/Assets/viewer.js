// The image viewer, where the server has one: asked once, when somebody first looks at a study.

import { el, icon } from "./dom.js";

let asked = null;

const hasViewer = () => (asked ??= fetch("viewer/", { method: "HEAD" }).then((answer) => answer.status === 200, () => false));

export const viewerAddress = (...uids) => `viewer/open?StudyInstanceUIDs=${uids.map(encodeURIComponent).join(",")}`;

/** A link to the viewer, which stays hidden where there is none. */
export function viewLink(uid, label, kind = "button primary") {
  const link = el("a", { class: kind, href: viewerAddress(uid), hidden: true, "aria-label": label }, icon("eye"), "View");
  whenViewer(() => (link.hidden = false));
  return link;
}

/** Calls back where there is a viewer. */
export const whenViewer = (show) => hasViewer().then((there) => there && show());

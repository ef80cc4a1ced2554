// The series of a study with their instances, and beside them its reports and documents.

import { ArchiveError, root, search, searchNext } from "./archive.js";
import { date, number, storageClass, transferSyntax, value } from "./dicom.js";
import { count, el, fill, icon, plural } from "./dom.js";
import { hasPictures, isDocument, kindOf } from "./objects.js";
import { showPreview } from "./preview.js";
import { thumbnail } from "./thumbnail.js";

const instancesPerPage = 100;
const documentsPerSeries = 20;

export const instancesOf = (uid, seriesUid) => `studies/${encodeURIComponent(uid)}/series/${encodeURIComponent(seriesUid)}/instances`;

/** @returns { images, documents }: two parts of the page; documents is hidden while there are none. */
export function seriesParts(uid, page) {
  const list = el("div", { class: "series-list" });
  const title = el("h2", { class: "series-title" });
  const papers = el("ul", { class: "documents" });
  const documents = el("section", { "aria-label": "Reports and documents", hidden: true }, el("h2", { class: "series-title" }, "Reports and documents"), papers);
  const more = el("button", { type: "button", class: "button" }, "Show more series");
  const add = ({ items, next }) => {
    const [written, seen] = [items.filter((series) => isDocument(value(series, "00080060"))), items.filter((series) => !isDocument(value(series, "00080060")))];
    list.append(...seen.map((series) => seriesItem(uid, series)));
    list.hidden = list.childElementCount === 0;
    papers.append(...written.map((series) => documentItem(uid, series)));
    documents.hidden = papers.childElementCount === 0;
    // Of what stands here, unless there is more to come.
    title.textContent = plural(next ? page.total : list.childElementCount, "series", "series");
    more.hidden = !next;
    more.onclick = () => loadMore(more, next, add);
  };
  add(page);
  if (list.childElementCount === 1) list.firstChild.open = true;
  const images = el("div", {}, title, list, el("p", { class: "more" }, more));
  return { images, documents };
}

function seriesItem(uid, series) {
  const seriesUid = value(series, "0020000E");
  const modality = value(series, "00080060");
  const notes = [value(series, "00180015"), value(series, "00081010"), value(series, "00080080"), date(value(series, "00400244"))];
  const body = el("div", { class: "instances" });
  const details = el("details", { class: "series" },
    el("summary", {}, icon("open"),
      thumbnail(hasPictures(modality) && `${root}/studies/${encodeURIComponent(uid)}/series/${encodeURIComponent(seriesUid)}`),
      el("span", { class: "number" }, value(series, "00200011") === "" ? "–" : String(value(series, "00200011"))),
      el("span", { class: "tag" }, modality || "–"),
      el("span", { class: "what" }, el("b", {}, value(series, "0008103E") || "No description"), el("small", {}, notes.filter(Boolean).join(" · "))),
      el("span", { class: "count" }, plural(number(series, "00201209"), "instance"))),
    body);
  // "toggle" also comes for a series that is opened by script.
  details.addEventListener("toggle", () => details.open && !body.hasChildNodes() && showInstances(body, uid, seriesUid));
  return details;
}

// Reports and documents are few: each is a line that opens it.
function documentItem(uid, series) {
  const path = instancesOf(uid, value(series, "0020000E"));
  const title = value(series, "0008103E");
  const lines = el("li", { class: "document" }, el("p", { class: "loading" }, "Loading…"));
  search(path, { limit: documentsPerSeries, includefield: "AvailableTransferSyntaxUID" }).then(({ items }) =>
    fill(lines, items.map((instance, at) => {
      const what = storageClass(value(instance, "00080016"));
      const content = [icon("document"), el("span", {}, el("b", {}, title || what), el("small", {}, [title && what, date(value(series, "00400244"))].filter(Boolean).join(" · ")))];
      return kindOf(instance)
        ? el("button", { type: "button", class: "paper", "aria-haspopup": "dialog", onclick: () => showPreview(`${root}/${path}`, items, at) }, content)
        : el("p", { class: "paper" }, content);
    })),
  (failure) => {
    if (!(failure instanceof ArchiveError)) throw failure;
    fill(lines, el("p", { class: "none" }, failure.message));
  });
  return lines;
}

async function showInstances(body, uid, seriesUid) {
  fill(body, el("p", { class: "loading" }, "Loading…"));
  const path = instancesOf(uid, seriesUid);
  try {
    const page = await search(path, { limit: instancesPerPage, includefield: "AvailableTransferSyntaxUID" });
    const shown = [];
    const rows = el("tbody", { role: "rowgroup" });
    const more = el("button", { type: "button", class: "button" }, "Show more instances");
    const add = ({ items, next }) => {
      rows.append(...items.map((instance, i) => instanceRow(`${root}/${path}`, instance, () => showPreview(`${root}/${path}`, shown, shown.indexOf(items[i])))));
      shown.push(...items);
      more.hidden = !next;
      more.onclick = () => loadMore(more, next, add);
    };
    add(page);
    fill(body, el("table", { role: "table" },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
        ["#", "Kind", "Size", "Frames", "Encoding", ""].map((name, i) =>
          el("th", { role: "columnheader", scope: "col", class: [0, 3].includes(i) ? "number" : null }, name || el("span", { class: "visually-hidden" }, "Download"))))),
      rows), el("p", { class: "more" }, more));
  } catch (failure) {
    if (!(failure instanceof ArchiveError)) throw failure;
    fill(body, el("div", { class: "problem", role: "alert" }, el("p", {}, failure.message),
      el("button", { type: "button", class: "button", onclick: () => showInstances(body, uid, seriesUid) }, "Try again")));
  }
}

function instanceRow(path, instance, show) {
  const uid = value(instance, "00080018");
  const [rows, columns] = [value(instance, "00280010"), value(instance, "00280011")];
  const label = value(instance, "00200013") === "" ? "–" : String(value(instance, "00200013"));
  const kind = storageClass(value(instance, "00080016"));
  return el("tr", { role: "row", title: uid },
    el("td", { role: "cell", class: "number" }, label),
    el("td", { role: "cell", class: "kind" },
      kindOf(instance) ? el("button", { type: "button", class: "show", "aria-haspopup": "dialog", "aria-label": `Show instance ${label}, ${kind}`, onclick: show }, kind) : kind),
    el("td", { role: "cell", class: "size" }, rows && columns ? `${count(columns)} × ${count(rows)}` : ""),
    el("td", { role: "cell", class: "number frames" }, rows ? count(number(instance, "00280008") || 1) : ""),
    el("td", { role: "cell", class: "encoding" }, transferSyntax(value(instance, "00083002"))),
    el("td", { role: "cell", class: "get" },
      el("a", { href: `${path}/${encodeURIComponent(uid)}?accept=${encodeURIComponent('application/dicom; transfer-syntax=*')}`, download: `${uid}.dcm`, "aria-label": `Download instance ${label}` }, icon("download"))));
}

async function loadMore(button, next, add) {
  button.disabled = true;
  button.textContent = "Loading…";
  try {
    add(await searchNext(next));
    button.textContent = "Show more";
  } catch (failure) {
    if (!(failure instanceof ArchiveError)) throw failure;
    button.textContent = `${failure.message} Try again`;
  } finally {
    button.disabled = false;
  }
}

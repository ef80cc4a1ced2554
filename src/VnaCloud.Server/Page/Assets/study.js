// One study: who and when, its series, their instances, download and delete.

import { ArchiveError, deleteStudy, root, search, searchNext } from "./archive.js";
import { date, nameNode, nameText, number, sex, storageClass, time, transferSyntax, value, values } from "./dicom.js";
import { byId, count, el, fill, icon, plural } from "./dom.js";

const seriesPerPage = 200;
const instancesPerPage = 100;
const section = byId("study");

let running = null;

/** @returns the study's title for the window. */
export async function showStudy(uid, onDeleted) {
  running?.abort();
  const mine = (running = new AbortController());
  fill(section, backLink(), el("p", { class: "loading", role: "status" }, "Loading…"));
  try {
    const path = `studies/${encodeURIComponent(uid)}/series`;
    const [studies, series] = await Promise.all([
      search("studies", { StudyInstanceUID: uid, limit: 1, includefield: "StudyDescription" }, mine.signal),
      search(path, { limit: seriesPerPage, includefield: "BodyPartExamined,StationName,InstitutionName" }, mine.signal),
    ]);
    if (mine !== running) return null;
    if (!studies.items.length) throw new ArchiveError("This study is not in the archive.", 404);
    const study = studies.items[0];
    fill(section, backLink(), head(study, uid, onDeleted), facts(study, uid), seriesList(uid, series));
    return nameText(value(study, "00100010") || null);
  } catch (failure) {
    if (failure.name === "AbortError" || mine !== running) return null;
    if (!(failure instanceof ArchiveError)) throw failure;
    fill(section, backLink(), el("div", { class: "problem", role: "alert" }, el("p", {}, failure.message),
      failure.status === 404 ? null : el("button", { type: "button", class: "button", onclick: () => showStudy(uid, onDeleted) }, "Try again")));
    return null;
  }
}

function backLink() {
  return el("a", { class: "back", href: "#/", id: "back" }, icon("back"), "All studies");
}

function head(study, uid, onDeleted) {
  const name = value(study, "00100010") || null;
  const instances = number(study, "00201208");
  const size = `${plural(number(study, "00201206"), "series", "series")}, ${plural(instances, "instance")}`;
  const confirm = () => confirmDelete(uid, `${nameText(name)}, ${date(value(study, "00080020")) || "no date"}: ${size}.`, onDeleted);
  return el("header", { class: "study-head" },
    el("div", {},
      el("h1", { id: "study-title", tabindex: -1 }, nameNode(name)),
      el("p", { class: "subtitle" }, value(study, "00081030") || "No description",
        values(study, "00080061").map((modality) => el("span", { class: "tag" }, String(modality))))),
    el("div", { class: "actions" },
      el("button", { type: "button", class: "button quiet-danger", onclick: confirm }, icon("trash"), "Delete"),
      el("a", { class: "button primary", href: `${root}/studies/${encodeURIComponent(uid)}?accept=application/zip`, download: "" }, icon("download"), "Download ZIP")));
}

function facts(study, uid) {
  const physician = value(study, "00080090") || null;
  const when = [date(value(study, "00080020")), time(value(study, "00080030"))].filter(Boolean).join(" ");
  const birth = [date(value(study, "00100030")), sex(value(study, "00100040"))].filter(Boolean).join(" · ");
  return el("dl", { class: "facts" },
    fact("Patient ID", value(study, "00100020")),
    fact("Born", birth),
    fact("Study date", when),
    fact("Accession", value(study, "00080050")),
    fact("Referring physician", physician && nameText(physician)),
    fact("Study ID", value(study, "00200010")),
    fact("Study Instance UID", el("code", {}, uid), "wide"));
}

function fact(name, content, kind = "") {
  return el("div", { class: kind }, el("dt", {}, name), el("dd", {}, content || el("span", { class: "none" }, "–")));
}

function seriesList(uid, page) {
  const list = el("div", { class: "series-list" });
  const more = el("button", { type: "button", class: "button" }, "Show more series");
  const add = ({ items, next }) => {
    list.append(...items.map((series) => seriesItem(uid, series)));
    more.hidden = !next;
    more.onclick = () => loadMore(more, next, add);
  };
  add(page);
  if (page.items.length === 1) list.firstChild.open = true;
  return el("div", {}, el("h2", { class: "series-title" }, plural(page.total, "series", "series")), list, el("p", { class: "more" }, more));
}

function seriesItem(uid, series) {
  const seriesUid = value(series, "0020000E");
  const notes = [value(series, "00180015"), value(series, "00081010"), value(series, "00080080"), date(value(series, "00400244"))];
  const body = el("div", { class: "instances" });
  const details = el("details", { class: "series" },
    el("summary", {}, icon("open"),
      el("span", { class: "number" }, value(series, "00200011") === "" ? "–" : String(value(series, "00200011"))),
      el("span", { class: "tag" }, value(series, "00080060") || "–"),
      el("span", { class: "what" }, el("b", {}, value(series, "0008103E") || "No description"), el("small", {}, notes.filter(Boolean).join(" · "))),
      el("span", { class: "count" }, plural(number(series, "00201209"), "instance"))),
    body);
  // "toggle" also comes for a series that is opened by script.
  details.addEventListener("toggle", () => details.open && !body.hasChildNodes() && showInstances(body, uid, seriesUid));
  return details;
}

async function showInstances(body, uid, seriesUid) {
  fill(body, el("p", { class: "loading" }, "Loading…"));
  const path = `studies/${encodeURIComponent(uid)}/series/${encodeURIComponent(seriesUid)}/instances`;
  try {
    const page = await search(path, { limit: instancesPerPage, includefield: "AvailableTransferSyntaxUID" });
    const rows = el("tbody", { role: "rowgroup" });
    const more = el("button", { type: "button", class: "button" }, "Show more instances");
    const add = ({ items, next }) => {
      rows.append(...items.map((instance) => instanceRow(`${root}/${path}`, instance)));
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

function instanceRow(path, instance) {
  const uid = value(instance, "00080018");
  const [rows, columns] = [value(instance, "00280010"), value(instance, "00280011")];
  const label = value(instance, "00200013") === "" ? "–" : String(value(instance, "00200013"));
  return el("tr", { role: "row", title: uid },
    el("td", { role: "cell", class: "number" }, label),
    el("td", { role: "cell", class: "kind" }, storageClass(value(instance, "00080016"))),
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

function confirmDelete(uid, text, onDeleted) {
  const [dialog, yes, no, problem] = ["confirm", "confirm-yes", "confirm-no", "confirm-problem"].map(byId);
  byId("confirm-text").textContent = text;
  problem.hidden = true;
  no.onclick = () => dialog.close();
  yes.onclick = async () => {
    yes.disabled = true;
    try {
      await deleteStudy(encodeURIComponent(uid));
      dialog.close();
      onDeleted();
    } catch (failure) {
      if (!(failure instanceof ArchiveError)) throw failure;
      problem.textContent = failure.message;
      problem.hidden = false;
    } finally {
      yes.disabled = false;
    }
  };
  dialog.showModal();
  no.focus();
}

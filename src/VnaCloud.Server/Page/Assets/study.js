// One study: who and when, its series beside its reports, the patient's other studies, download and delete.

import { may } from "./account.js";
import { ArchiveError, deleteStudy, root, search } from "./archive.js";
import { date, nameNode, nameText, number, sex, time, value, values } from "./dicom.js";
import { byId, el, fill, icon, plural } from "./dom.js";
import { patientAddress, priorsOf } from "./patient.js";
import { seriesParts } from "./series.js";
import { shareButton } from "./share.js";
import { viewLink } from "./viewer.js";

const seriesPerPage = 200;
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
    const { images, documents } = seriesParts(uid, series);
    fill(section, backLink(), head(study, uid, onDeleted), facts(study, uid),
      el("div", { class: "study-parts" }, images, el("aside", { "aria-label": "Beside the images" }, documents, priorsOf(study, uid, mine.signal))));
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
      deleteButton(confirm),
      shareButton(uid),
      el("a", { class: "button", href: `${root}/studies/${encodeURIComponent(uid)}?accept=application/zip`, download: "" }, icon("download"), "Download ZIP"),
      viewLink(uid, "View the images")));
}

function deleteButton(confirm) {
  const button = el("button", { type: "button", class: "button quiet-danger", hidden: true, onclick: confirm }, icon("trash"), "Delete");
  may("delete").then((allowed) => (button.hidden = !allowed));
  return button;
}

function facts(study, uid) {
  const physician = value(study, "00080090") || null;
  const patient = value(study, "00100020");
  const when = [date(value(study, "00080020")), time(value(study, "00080030"))].filter(Boolean).join(" ");
  const birth = [date(value(study, "00100030")), sex(value(study, "00100040"))].filter(Boolean).join(" · ");
  return el("dl", { class: "facts" },
    fact("Patient ID", patient && el("a", { href: patientAddress(study) }, patient)),
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

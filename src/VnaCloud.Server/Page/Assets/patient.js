// One patient: all studies of a Patient ID in the order of time, two of them beside each other in the viewer.

import { ArchiveError, root, search, searchNext } from "./archive.js";
import { date, nameNode, nameText, number, sex, time, value, values } from "./dicom.js";
import { byId, el, fill, icon, plural } from "./dom.js";
import { hasPictures } from "./objects.js";
import { thumbnail } from "./thumbnail.js";
import { viewerAddress, viewLink, whenViewer } from "./viewer.js";

const studiesPerPage = 100;
const priorsShown = 5;
const section = byId("patient");

let running = null;

/** The patient of a study: an ID says nothing without who gave it. */
export function patientAddress(study) {
  const issuer = value(study, "00100021");
  return `#/patient/${encodeURIComponent(value(study, "00100020"))}${issuer ? `?issuer=${encodeURIComponent(issuer)}` : ""}`;
}

/** @returns the patient's name for the window. */
export async function showPatient(id, issuer) {
  running?.abort();
  const mine = (running = new AbortController());
  fill(section, back(), el("p", { class: "loading", role: "status" }, "Loading…"));
  try {
    const page = await search("studies", queryOf(id, issuer, studiesPerPage), mine.signal);
    if (mine !== running) return null;
    const studies = ofPatient(page.items, id, issuer);
    if (!studies.length) throw new ArchiveError("There are no studies of this patient.", 404);
    fill(section, back(), head(studies[0], page), timeline(page, id, issuer));
    return nameText(value(studies[0], "00100010") || null);
  } catch (failure) {
    if (failure.name === "AbortError" || mine !== running) return null;
    if (!(failure instanceof ArchiveError)) throw failure;
    fill(section, back(), el("div", { class: "problem", role: "alert" }, el("p", {}, failure.message),
      failure.status === 404 ? null : el("button", { type: "button", class: "button", onclick: () => showPatient(id, issuer) }, "Try again")));
    return null;
  }
}

/** The patient's other studies, newest first, for the side of one of them. */
export function priorsOf(study, uid, signal) {
  const part = el("section", { class: "priors", "aria-label": "Other studies of this patient", hidden: true });
  const [id, issuer] = [value(study, "00100020"), value(study, "00100021")];
  if (!id) return part;
  search("studies", queryOf(id, issuer, priorsShown + 1), signal).then((page) => {
    const others = ofPatient(page.items, id, issuer).filter((other) => value(other, "0020000D") !== uid).slice(0, priorsShown);
    if (!others.length) return;
    part.hidden = false;
    fill(part, el("h2", { class: "series-title" }, "Other studies"),
      el("ul", { class: "documents" }, others.map((other) => el("li", { class: "document" },
        el("a", { class: "paper", href: `#/study/${encodeURIComponent(value(other, "0020000D"))}` }, icon("clock"),
          el("span", {}, el("b", {}, value(other, "00081030") || "No description"),
            el("small", {}, [date(value(other, "00080020")) || "No date", values(other, "00080061").join(" ")].filter(Boolean).join(" · "))))))),
      el("p", { class: "all" }, el("a", { href: patientAddress(study) }, `All ${plural(page.total, "study", "studies")} of this patient`)));
  }, (failure) => {
    if (failure.name !== "AbortError" && !(failure instanceof ArchiveError)) throw failure;
  });
  return part;
}

function queryOf(id, issuer, limit) {
  const query = { PatientID: id, limit, includefield: "StudyDescription,IssuerOfPatientID" };
  return issuer ? { ...query, IssuerOfPatientID: issuer } : query;
}

// In an ID a star is a star, which a search takes for anything.
const ofPatient = (studies, id, issuer) => studies.filter((study) => value(study, "00100020") === id && (!issuer || value(study, "00100021") === issuer));

const back = () => el("a", { class: "back", href: "#/" }, icon("back"), "All studies");

function head(study, page) {
  const facts = [value(study, "00100020"), value(study, "00100021"), date(value(study, "00100030")) && `born ${date(value(study, "00100030"))}`, sex(value(study, "00100040"))];
  const compare = el("a", { class: "button primary", id: "compare", hidden: true }, icon("compare"), "Compare");
  whenViewer(() => {
    compare.hidden = false;
    section.classList.add("with-viewer");
    choose();
  });
  return el("header", { class: "study-head" },
    el("div", {},
      el("h1", { id: "patient-title", tabindex: -1 }, nameNode(value(study, "00100010") || null)),
      el("p", { class: "subtitle" }, [...facts, plural(page.total, "study", "studies")].filter(Boolean).join(" · "))),
    el("div", { class: "actions" }, el("small", { id: "compare-hint", role: "status" }), compare));
}

function timeline(page, id, issuer) {
  const list = el("div", { class: "timeline" });
  const more = el("button", { type: "button", class: "button" }, "Show more studies");
  let year = null;
  let visits = null;
  const add = ({ items, next }) => {
    for (const study of ofPatient(items, id, issuer)) {
      const of = date(value(study, "00080020")).slice(0, 4) || "No date";
      if (of !== year) {
        year = of;
        visits = el("ol", { class: "visits", "aria-label": year });
        list.append(el("h2", {}, year), visits);
      }
      visits.append(visit(study));
    }
    more.hidden = !next;
    more.onclick = async () => add(await searchNext(next));
  };
  add(page);
  return el("div", {}, list, el("p", { class: "more" }, more));
}

function visit(study) {
  const uid = value(study, "0020000D");
  const modalities = values(study, "00080061").map(String);
  const description = value(study, "00081030") || "No description";
  const when = date(value(study, "00080020")) || "No date";
  return el("li", { class: "visit" },
    el("label", { class: "pick" }, el("input", { type: "checkbox", value: uid, "aria-label": `Compare the study of ${when}`, onchange: choose })),
    thumbnail(modalities.some(hasPictures) && `${root}/studies/${encodeURIComponent(uid)}`),
    el("div", { class: "what" },
      el("a", { class: "visit-link", href: `#/study/${encodeURIComponent(uid)}` }, description),
      el("small", {}, [`${when} ${time(value(study, "00080030"))}`.trim(), value(study, "00080050"), plural(number(study, "00201206"), "series", "series"), plural(number(study, "00201208"), "instance")].filter(Boolean).join(" · "))),
    el("span", { class: "tags" }, modalities.map((modality) => el("span", { class: "tag" }, modality))),
    viewLink(uid, `View the study of ${when}`, "button small"));
}

// Two, in the order in which they were made: the older on the left.
function choose() {
  const chosen = [...section.querySelectorAll(".pick input:checked")];
  for (const box of section.querySelectorAll(".pick input")) box.disabled = chosen.length >= 2 && !box.checked;
  const compare = byId("compare");
  compare.setAttribute("aria-disabled", chosen.length !== 2);
  if (chosen.length === 2) compare.href = viewerAddress(...chosen.map((box) => box.value).reverse());
  else compare.removeAttribute("href");
  byId("compare-hint").textContent = chosen.length === 2 ? "" : "Choose two studies to compare";
}

// The study list: search form, results, further pages.

import { ArchiveError, search, searchNext } from "./archive.js";
import { date, nameNode, nameText, number, time, value, values } from "./dicom.js";
import { byId, count, el, fill, plural } from "./dom.js";
import { addFilters, addName, anywhere, drawFilters, moreFields, prefix } from "./filters.js";
import { chooseFiles, chooseFolder } from "./pick.js";

const pageSize = 50;
const fields = ["PatientName", "PatientID", "from", "to", "ModalitiesInStudy", "AccessionNumber", "StudyDescription", ...moreFields];
const form = byId("search");
const rows = byId("rows");

let shown = null; // the parameters of the list on the screen
let next = null;
let listed = 0;
let running = null;

/** What the form says, as the parameters of the page's address. */
export function formParameters() {
  const parameters = new URLSearchParams();
  for (const name of fields) {
    const text = form.elements[name].value.trim();
    if (text) parameters.set(name, name === "ModalitiesInStudy" ? text.toUpperCase() : text);
  }
  return parameters;
}

/** Shows the list for an address; searches only when it is not on the screen already. */
export async function showList(parameters) {
  for (const name of fields) form.elements[name].value = parameters.get(name) ?? "";
  byId("clear").hidden = !isFiltered(parameters);
  // What a search is narrowed by is never out of sight.
  if (moreFields.some((name) => parameters.get(name))) openFilters(true);
  if (shown !== parameters.toString()) await run(parameters);
}

/** Searches again; what somebody is typing stays. */
export const refreshList = (parameters) => run(parameters);

const isFiltered = (parameters) => fields.some((name) => parameters.get(name));

/** The archive has changed: the next showList searches again. */
export function forgetList() {
  shown = null;
}

export function startList(onSearch) {
  drawFilters();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onSearch(formParameters());
  });
  byId("clear").addEventListener("click", () => {
    onSearch(new URLSearchParams());
    form.elements.PatientName.focus();
  });
  byId("more-filters").addEventListener("click", () => openFilters(!form.classList.contains("open")));
  byId("more").addEventListener("click", showMore);
}

function openFilters(open) {
  form.classList.toggle("open", open);
  byId("more-filters").setAttribute("aria-expanded", open);
  byId("more-filters").textContent = open ? "Fewer filters" : "More filters";
}

export function queryOf(parameters) {
  const query = new URLSearchParams({ limit: pageSize, includefield: "StudyDescription" });
  const text = (name) => parameters.get(name) ?? "";
  if (text("PatientName")) addName(query, "PatientName", text("PatientName"));
  if (text("PatientID")) query.set("PatientID", prefix(text("PatientID")));
  if (text("AccessionNumber")) query.set("AccessionNumber", prefix(text("AccessionNumber")));
  if (text("StudyDescription")) query.set("StudyDescription", anywhere(text("StudyDescription")));
  if (text("ModalitiesInStudy")) query.set("ModalitiesInStudy", text("ModalitiesInStudy"));
  if (text("from") || text("to")) query.set("StudyDate", `${text("from")}-${text("to")}`.replace(/(\d{4})-(\d\d)-(\d\d)/g, "$1$2$3"));
  addFilters(query, parameters);
  return query;
}

async function run(parameters) {
  running?.abort();
  const mine = (running = new AbortController());
  byId("list").setAttribute("aria-busy", "true");
  try {
    const page = await search("studies", queryOf(parameters), mine.signal);
    if (mine !== running) return;
    clearRows();
    shown = parameters.toString();
    fill(byId("list-notice"), page.items.length ? null : isFiltered(parameters) ? nothingFound() : nothingStored());
    document.body.classList.toggle("blank", !page.items.length && !isFiltered(parameters));
    addPage(page);
  } catch (failure) {
    if (mine !== running || failure.name === "AbortError") return;
    // The rows of an earlier search must not stand under this one's terms.
    clearRows();
    showFailure(failure, () => run(parameters));
  } finally {
    if (mine === running) byId("list").removeAttribute("aria-busy");
  }
}

async function showMore() {
  const button = byId("more");
  const mine = running;
  button.disabled = true;
  try {
    const page = await searchNext(next, mine?.signal);
    if (mine !== running) return;
    const first = listed;
    addPage(page);
    rows.rows[first]?.querySelector("a")?.focus();
  } catch (failure) {
    if (failure.name !== "AbortError") showFailure(failure, showMore);
  } finally {
    button.disabled = false;
  }
}

function addPage(page) {
  rows.append(...page.items.map(row));
  listed += page.items.length;
  next = page.next;
  byId("more").hidden = !next;
  byId("list-sheet").hidden = listed === 0;
  const total = Math.max(page.total, listed);
  byId("count").textContent = listed === 0 ? ""
    : next ? `${count(listed)} of ${page.atLeast ? "more than " : ""}${plural(total, "study", "studies")}`
    : plural(listed, "study", "studies");
}

function row(study) {
  const uid = value(study, "0020000D");
  const birth = date(value(study, "00100030"));
  const facts = [value(study, "00100020"), birth && `born ${birth}`].filter(Boolean);
  const name = value(study, "00100010") || null;
  const instances = number(study, "00201208");
  return el("tr", { role: "row" },
    el("td", { role: "cell", class: "patient" },
      el("a", { href: `#/study/${encodeURIComponent(uid)}`, "aria-label": `${nameText(name)}, study of ${date(value(study, "00080020")) || "unknown date"}` }, nameNode(name)),
      el("small", {}, facts.join(" · "))),
    el("td", { role: "cell", class: "when" }, date(value(study, "00080020")), " ", el("small", {}, time(value(study, "00080030")))),
    el("td", { role: "cell", class: "modality" }, values(study, "00080061").map((modality) => el("span", { class: "tag" }, String(modality)))),
    el("td", { role: "cell", class: "description" }, value(study, "00081030") || el("span", { class: "none" }, "No description")),
    el("td", { role: "cell", class: "accession" }, value(study, "00080050")),
    el("td", { role: "cell", class: "number n-series" }, count(number(study, "00201206"))),
    el("td", { role: "cell", class: "number n-instances" }, count(instances), el("span", { class: "unit" }, instances === 1 ? " instance" : " instances")));
}

function nothingFound() {
  return el("div", { class: "empty" },
    el("h2", {}, "No study matches"),
    el("p", {}, "Names match from the beginning of each word, IDs and accession numbers from their beginning, descriptions anywhere. Only in names are capital and small letters the same."));
}

function nothingStored() {
  return el("div", { class: "empty begin" },
    el("h2", {}, "The archive is empty"),
    el("p", {}, "Drop DICOM files or whole folders anywhere on this page, or choose them."),
    el("p", { class: "actions" },
      el("button", { type: "button", class: "button primary", onclick: chooseFiles }, "Choose files"),
      el("button", { type: "button", class: "button pick-folder", onclick: chooseFolder }, "Choose a folder")),
    el("p", { class: "hint" }, "Or send them with any DICOMweb client to ", el("code", {}, new URL("dicom-web/studies", document.baseURI).href)));
}

function showFailure(failure, again) {
  if (!(failure instanceof ArchiveError)) throw failure;
  fill(byId("list-notice"), el("div", { class: "problem", role: "alert" },
    el("p", {}, failure.message),
    failure.status === 400 ? null : el("button", { type: "button", class: "button", onclick: () => {
      fill(byId("list-notice"));
      again();
    } }, "Try again")));
}

function clearRows() {
  rows.replaceChildren();
  listed = 0;
  shown = null;
  byId("list-sheet").hidden = true;
  byId("more").hidden = true;
  byId("count").textContent = "";
}

// Every attribute that the index can search by (docs/conformance.md): those of the first row are in the page, these are behind "More filters".

import { byId, el } from "./dom.js";

const prefix = (text) => (/[*?]/.test(text) ? text : `${text}*`);
const anywhere = (text) => `*${text.replace(/^\*|\*$/g, "")}*`;
const literal = (text) => text;
const code = (text) => prefix(text.toUpperCase());
const day = (text) => text.replaceAll("-", "");
const clock = (text) => `${text.replace(":", "")}00-${text.replace(":", "")}59`;

const groups = [
  ["Patient and study", [
    ["IssuerOfPatientID", "Issuer of patient ID", prefix],
    ["PatientBirthDate", "Born", day, "date"],
    ["PatientSex", "Sex", literal, { "": "Any", M: "Male", F: "Female", O: "Other" }],
    ["ReferringPhysicianName", "Referring physician", null],
    ["StudyID", "Study ID", prefix],
    ["StudyTime", "Study time (minute)", clock, "time"],
    ["StudyInstanceUID", "Study Instance UID", literal, "uid"],
  ]],
  ["Has a series with", [
    ["SeriesDescription", "Description", anywhere],
    ["BodyPartExamined", "Body part", code],
    ["Modality", "Modality", (text) => text.toUpperCase()],
    ["SeriesNumber", "Number", literal, "number"],
    ["InstitutionName", "Institution", anywhere],
    ["StationName", "Station", prefix],
    ["RequestedProcedureID", "Requested procedure ID", prefix, null, "RequestAttributesSequence"],
    ["ScheduledProcedureStepID", "Scheduled step ID", prefix, null, "RequestAttributesSequence"],
    ["PerformedProcedureStepStartDate", "Performed on", day, "date"],
    ["PerformedProcedureStepStartTime", "Performed at (minute)", clock, "time"],
    ["SeriesInstanceUID", "Series Instance UID", literal, "uid"],
  ]],
  ["Has an instance with", [
    ["SOPClassUID", "SOP Class UID", literal, "uid"],
    ["SOPInstanceUID", "SOP Instance UID", literal, "uid"],
    ["InstanceNumber", "Number", literal, "number"],
    ["NumberOfFrames", "Frames", literal, "number"],
    ["Rows", "Rows", literal, "number"],
    ["Columns", "Columns", literal, "number"],
    ["BitsAllocated", "Bits allocated", literal, "number"],
  ]],
];

const all = groups.flatMap(([, fields]) => fields);

/** Names of these fields, in the form and in the page's address. */
export const moreFields = all.map(([name]) => name);

/** Draws them into the form. */
export function drawFilters() {
  byId("more-fields").append(...groups.map(([title, fields]) =>
    el("fieldset", {}, el("legend", {}, title), el("div", { class: "filter-grid" }, fields.map(([name, label, , kind]) =>
      el("label", { class: kind === "uid" ? "field wide" : "field" }, el("span", {}, label), input(name, kind)))))));
}

/** Adds what they say to a search. */
export function addFilters(query, parameters) {
  for (const [name, , match, , sequence] of all) {
    const text = parameters.get(name);
    if (!text) continue;
    if (match) query.set(sequence ? `${sequence}.${name}` : name, match(text));
    else addName(query, name, text);
  }
}

/**
 * People type the beginning of a name in any order and case, which is what fuzzy matching compares (PS3.18 8.3.4.2). A wildcard or a caret
 * says that they know DICOM's own matching.
 */
export function addName(query, name, text) {
  const knows = /[*?^=]/.test(text);
  query.set(name, knows ? `${text.replace(/\*$/, "")}*` : text);
  if (!knows) query.set("fuzzymatching", "true");
}

export { anywhere, prefix };

function input(name, kind) {
  if (kind && typeof kind === "object") {
    return el("select", { name }, Object.entries(kind).map(([value, label]) => el("option", { value }, label)));
  }
  const types = { date: { type: "date" }, time: { type: "time" }, number: { type: "number", min: 0, step: 1, inputmode: "numeric" }, uid: { type: "search", maxlength: 64, pattern: "[0-9.]*" } };
  return el("input", { name, spellcheck: "false", ...(types[kind] ?? { type: "search", maxlength: 64 }) });
}

// Reading and showing values of the DICOM JSON model (PS3.18 Annex F).

import { el } from "./dom.js";

export const values = (data, tag) => data?.[tag]?.Value ?? [];
export const value = (data, tag) => values(data, tag)[0] ?? "";
export const number = (data, tag) => Number(value(data, tag)) || 0;

/** YYYY-MM-DD; what is not a date stays as it is. */
export function date(text) {
  const parts = /^(\d{4})\.?(\d\d)\.?(\d\d)$/.exec(text);
  return parts ? `${parts[1]}-${parts[2]}-${parts[3]}` : String(text);
}

/** HH:MM. */
export function time(text) {
  const parts = /^(\d\d):?(\d\d)/.exec(text);
  return parts ? `${parts[1]}:${parts[2]}` : "";
}

/** One component group as people write it: "Doe, Dr. Jane Ann, MD"; ideographic and phonetic groups have no comma (PS3.5 6.2.1). */
export function personName(group, western) {
  const [family = "", given = "", middle = "", prefix = "", suffix = ""] = group.split("^").map((part) => part.trim());
  if (!western) return [family, given, middle].filter(Boolean).join(" ");
  return [family, [prefix, given, middle].filter(Boolean).join(" "), suffix].filter(Boolean).join(", ");
}

/** All groups of a name as one line. */
export function nameText(name) {
  return nameGroups(name).join(" ") || "No name";
}

/** A name with its other groups beside it, quieter. */
export function nameNode(name) {
  const [first, ...others] = nameGroups(name);
  if (!first) return el("span", { class: "none" }, "No name");
  return el("span", { class: "name" }, el("bdi", {}, first), others.map((other) => el("bdi", { class: "group" }, other)));
}

function nameGroups(name) {
  if (!name) return [];
  return [personName(name.Alphabetic ?? "", true), personName(name.Ideographic ?? "", false), personName(name.Phonetic ?? "", false)].filter(Boolean);
}

const sexes = { M: "Male", F: "Female", O: "Other" };
export const sex = (code) => sexes[code] ?? code;

const storageClasses = {
  "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography",
  "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray",
  "1.2.840.10008.5.1.4.1.1.1.2": "Digital Mammography",
  "1.2.840.10008.5.1.4.1.1.2": "CT Image",
  "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT",
  "1.2.840.10008.5.1.4.1.1.3.1": "Ultrasound Multi-frame",
  "1.2.840.10008.5.1.4.1.1.4": "MR Image",
  "1.2.840.10008.5.1.4.1.1.4.1": "Enhanced MR",
  "1.2.840.10008.5.1.4.1.1.6.1": "Ultrasound Image",
  "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture",
  "1.2.840.10008.5.1.4.1.1.11.1": "Presentation State",
  "1.2.840.10008.5.1.4.1.1.12.1": "X-Ray Angiography",
  "1.2.840.10008.5.1.4.1.1.13.1.3": "Breast Tomosynthesis",
  "1.2.840.10008.5.1.4.1.1.20": "Nuclear Medicine",
  "1.2.840.10008.5.1.4.1.1.66.4": "Segmentation",
  "1.2.840.10008.5.1.4.1.1.77.1.6": "Whole Slide Microscopy",
  "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text SR",
  "1.2.840.10008.5.1.4.1.1.88.22": "Enhanced SR",
  "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive SR",
  "1.2.840.10008.5.1.4.1.1.88.59": "Key Object Selection",
  "1.2.840.10008.5.1.4.1.1.104.1": "Encapsulated PDF",
  "1.2.840.10008.5.1.4.1.1.128": "PET Image",
  "1.2.840.10008.5.1.4.1.1.481.1": "RT Image",
  "1.2.840.10008.5.1.4.1.1.481.2": "RT Dose",
  "1.2.840.10008.5.1.4.1.1.481.3": "RT Structure Set",
  "1.2.840.10008.5.1.4.1.1.481.5": "RT Plan",
};

const transferSyntaxes = {
  "1.2.840.10008.1.2": "Implicit little endian",
  "1.2.840.10008.1.2.1": "Explicit little endian",
  "1.2.840.10008.1.2.1.99": "Deflated",
  "1.2.840.10008.1.2.2": "Explicit big endian",
  "1.2.840.10008.1.2.4.50": "JPEG",
  "1.2.840.10008.1.2.4.51": "JPEG 12-bit",
  "1.2.840.10008.1.2.4.57": "JPEG lossless",
  "1.2.840.10008.1.2.4.70": "JPEG lossless",
  "1.2.840.10008.1.2.4.80": "JPEG-LS lossless",
  "1.2.840.10008.1.2.4.81": "JPEG-LS",
  "1.2.840.10008.1.2.4.90": "JPEG 2000 lossless",
  "1.2.840.10008.1.2.4.91": "JPEG 2000",
  "1.2.840.10008.1.2.4.201": "HTJ2K lossless",
  "1.2.840.10008.1.2.4.202": "HTJ2K lossless RPCL",
  "1.2.840.10008.1.2.4.203": "HTJ2K",
  "1.2.840.10008.1.2.4.100": "MPEG-2",
  "1.2.840.10008.1.2.4.102": "H.264",
  "1.2.840.10008.1.2.4.103": "H.264",
  "1.2.840.10008.1.2.4.107": "H.265",
  "1.2.840.10008.1.2.5": "RLE lossless",
};

export const storageClass = (uid) => storageClasses[uid] ?? uid;
export const transferSyntax = (uid) => transferSyntaxes[uid] ?? uid;

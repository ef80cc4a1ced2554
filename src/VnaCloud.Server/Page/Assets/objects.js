// What kinds of objects there are, and how each is shown.

import { number, value } from "./dicom.js";

// Modalities of series that have no pictures: a thumbnail is not asked for.
const withoutPictures = new Set(["SR", "KO", "PR", "DOC", "REG", "RTSTRUCT", "RTPLAN", "RTRECORD", "ECG", "HD", "EPS", "RESP", "AU", "PLAN", "FID", "RWV", "LEN", "AR", "KER", "OAM", "VA", "SRF", "SMR", "ASMT", "TEXTUREMAP", "M3D", "STAIN", "RTSEGANN", "ANN"]);

// Reports and documents stand beside the images.
const documents = new Set(["SR", "DOC"]);

const video = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8]/;
const reports = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.88\./;
const pdf = "1.2.840.10008.5.1.4.1.1.104.1";

export const hasPictures = (modality) => !withoutPictures.has(modality);
export const isDocument = (modality) => documents.has(modality);

/** "image", "video", "report", "pdf", or "" for what is not shown here. */
export function kindOf(instance) {
  const sopClass = value(instance, "00080016");
  if (video.test(value(instance, "00083002"))) return "video";
  if (reports.test(sopClass)) return "report";
  if (sopClass === pdf) return "pdf";
  return number(instance, "00280010") > 0 ? "image" : "";
}

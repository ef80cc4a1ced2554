// Storing files by STOW-RS (PS3.18 10.5): which are DICOM, one request, what became of each file.

import { problemText, root } from "./archive.js";
import { value, values } from "./dicom.js";

const headBytes = 4096;
const dicomDirectory = "1.2.840.10008.1.3.10";

const failureReasons = {
  0x0106: "An identifying attribute has a value that is not allowed",
  0x0110: "The archive could not process it",
  0x0111: "A different instance with the same UIDs is stored already",
  0x0117: "Its SOP Instance UID is not valid",
  0x0120: "An identifying attribute is missing",
  0x0122: "The archive does not store this kind of object",
  0x0124: "Storing is not allowed",
  0xa700: "The archive is out of space",
  0xc122: "Its transfer syntax is not known",
};

const warningReasons = {
  0xb000: "Stored, with text that does not fit its character set",
  0xb006: "Stored, with elements that do not belong",
  0xb007: "Stored, although it contradicts itself",
};

/** { sop } of a file to send, or { skip } with the reason not to. */
export async function inspect(file) {
  let head;
  try {
    head = new DataView(await file.slice(0, headBytes).arrayBuffer());
  } catch {
    return { skip: "It cannot be read" };
  }
  if (head.byteLength < 132 || ascii(head, 128, 4) !== "DICM") return { skip: "Not a DICOM file" };
  const meta = fileMeta(head);
  return meta.get(0x0002) === dicomDirectory ? { skip: "A DICOMDIR, the index of a disc" } : { sop: meta.get(0x0003) ?? "" };
}

/** Sends files in one request. Resolves to { results: [{ state, study, reason, comment }] } in their order, or { failed: { status, reason, retryAfter } }. */
export function store(files, onProgress, signal) {
  const boundary = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const parts = files.flatMap(({ file }) => [`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`, file, "\r\n"]);
  const body = new Blob([...parts, `--${boundary}--\r\n`]);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const done = () => {
      signal.removeEventListener("abort", abort);
      resolve(outcome(request, files));
    };
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.addEventListener("progress", (event) => onProgress(event.total ? event.loaded / event.total : 0));
    request.addEventListener("loadend", done);
    request.open("POST", `${root}/studies`);
    request.setRequestHeader("Content-Type", `multipart/related; type="application/dicom"; boundary=${boundary}`);
    request.setRequestHeader("Accept", "application/dicom+json");
    request.send(body);
  });
}

function outcome(request, files) {
  const { status } = request;
  if (status === 200 || status === 202 || status === 409) {
    try {
      return { results: match(JSON.parse(request.responseText), files) };
    } catch {
      return { failed: { status, reason: "The server's answer cannot be read." } };
    }
  }
  return { failed: { status, reason: problemText(status, request.responseText), retryAfter: Number(request.getResponseHeader("Retry-After")) || 0 } };
}

// The answer names instances by UID. What could not be read that far has none, and stands in the order of the parts.
function match(answer, files) {
  const stored = byUid(values(answer, "00081199"), (item) => {
    const code = value(item, "00081196");
    const study = /\/studies\/([0-9.]+)/.exec(value(item, "00081190"))?.[1];
    return code ? { study, state: "warning", reason: warningReasons[code] ?? `Stored, with warning ${hex(code)}`, comment: value(item, "00000902") } : { study, state: "stored" };
  });
  const failed = byUid(values(answer, "00081198"), failure);
  const others = values(answer, "0008119A").map(failure);
  const results = files.map(({ sop }) => stored.get(sop)?.shift() ?? failed.get(sop)?.shift() ?? null);
  // A file whose meta header names another instance than its data set is found by what is left over.
  const rest = [...others, ...[...failed.values()].flat(), ...[...stored.values()].flat()];
  return results.map((result) => result ?? rest.shift() ?? { state: "failed", reason: "The server did not mention it", comment: "" });
}

function byUid(items, read) {
  const map = new Map();
  for (const item of items) {
    const uid = value(item, "00081155");
    if (!map.has(uid)) map.set(uid, []);
    map.get(uid).push(read(item));
  }
  return map;
}

function failure(item) {
  const code = value(item, "00081197");
  const reason = failureReasons[code]
    ?? ((code & 0xff00) === 0xa900 ? "It does not belong to this request's study"
      : (code & 0xf000) === 0xc000 ? "The archive cannot read it as DICOM"
      : `Failed with reason ${hex(code)}`);
  return { state: "failed", reason, comment: value(item, "00000902") };
}

const hex = (code) => `${Number(code).toString(16).toUpperCase().padStart(4, "0")}H`;

// Group 0002 is always Explicit VR Little Endian (PS3.10 7.1).
function fileMeta(head) {
  const long = new Set(["OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UN", "UR", "UT", "SV", "UV"]);
  const found = new Map();
  let at = 132;
  while (at + 8 <= head.byteLength && head.getUint16(at, true) === 0x0002) {
    const element = head.getUint16(at + 2, true);
    const isLong = long.has(ascii(head, at + 4, 2));
    if (isLong && at + 12 > head.byteLength) break;
    const length = isLong ? head.getUint32(at + 8, true) : head.getUint16(at + 6, true);
    at += isLong ? 12 : 8;
    if (at + length > head.byteLength) break;
    if (element === 0x0002 || element === 0x0003) found.set(element, ascii(head, at, length).replace(/[\0 ]+$/, ""));
    at += length;
  }
  return found;
}

function ascii(view, at, length) {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));
}

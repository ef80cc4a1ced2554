// The generated data: manifest, packs of small instances, and fresh copies under new UIDs.
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = '1.2.826.0.1.3680043.10.1499', SALT = '100000';
const needle = Buffer.from(`${ROOT}.${SALT}.`);

export function manifest(folder) {
  const lines = fs.readFileSync(path.join(folder, 'manifest.jsonl'), 'utf8').trim().split('\n');
  return lines.map(line => JSON.parse(line)).map(row => ({ ...row, file: path.join(folder, row.path) }));
}

/** { row, head, tail }: only the head, everything before the pixels, holds UIDs. */
export function loadInstance(row) {
  const bytes = fs.readFileSync(row.file);
  return { row, head: bytes.subarray(0, row.pixelOffset), tail: bytes.subarray(row.pixelOffset) };
}

export function frameBytes(row, frame) {
  const bytes = Buffer.alloc(row.frameLength), file = fs.openSync(row.file);
  try { fs.readSync(file, bytes, 0, bytes.length, row.pixelOffset + (frame - 1) * row.frameLength); } finally { fs.closeSync(file); }
  return bytes;
}

export function* packedInstances(folder) {
  for (const name of fs.readdirSync(folder).filter(n => n.endsWith('.pack')).sort()) {
    const pack = fs.readFileSync(path.join(folder, name));
    for (let at = 0; at < pack.length;) {
      const length = pack.readUInt32LE(at);
      yield { head: pack.subarray(at + 4, at + 4 + length), tail: Buffer.alloc(0) };
      at += 4 + length;
    }
  }
}

export const saltedUid = (uid, salt) => uid.replace(`${ROOT}.${SALT}.`, `${ROOT}.${salt}.`);

/** The same instance under UIDs that no server has seen: same length, so nothing is encoded again. */
export function salted(instance, salt) {
  const head = Buffer.from(instance.head), to = Buffer.from(`${ROOT}.${salt}.`);
  for (let at = head.indexOf(needle); at >= 0; at = head.indexOf(needle, at + to.length)) to.copy(head, at);
  const { row } = instance;
  const uids = { study: saltedUid(row.study, salt), series: saltedUid(row.series, salt), sop: saltedUid(row.sop, salt) };
  return { row: { ...row, ...uids }, head, tail: instance.tail };
}

let lastSalt = 199999;
export const nextSalt = () => String(++lastSalt);

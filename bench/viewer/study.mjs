// A CT series of 512 x 512 pixels, generated: a body with noise, as slices of a scanner have it.
const ROOT = '1.2.826.0.1.3680043.10.7.400';
export const STUDY = `${ROOT}.1`;

const long = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

function element(group, number, vr, value) {
  let bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'latin1');
  if (bytes.length % 2) bytes = Buffer.concat([bytes, Buffer.from(vr === 'UI' || vr === 'OB' ? '\0' : ' ')]);
  const head = Buffer.alloc(long.has(vr) ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (long.has(vr)) head.writeUInt32LE(bytes.length, 8); else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

const us = (value) => Buffer.from(Uint16Array.of(value).buffer);

export function slice(number, count) {
  const sop = `${ROOT}.1.1.${number + 1}`, ct = '1.2.840.10008.5.1.4.1.1.2';
  const meta = Buffer.concat([element(2, 1, 'OB', Buffer.from([0, 1])), element(2, 2, 'UI', ct), element(2, 3, 'UI', sop), element(2, 0x10, 'UI', '1.2.840.10008.1.2.1'), element(2, 0x12, 'UI', '2.25.1')]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from('DICM'), element(2, 0, 'UL', length), meta,
    element(8, 8, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'), element(8, 0x16, 'UI', ct), element(8, 0x18, 'UI', sop), element(8, 0x20, 'DA', '20260303'), element(8, 0x30, 'TM', '101500'), element(8, 0x50, 'SH', 'B1'),
    element(8, 0x60, 'CS', 'CT'), element(8, 0x90, 'PN', ''), element(8, 0x1030, 'LO', `CT of ${count} slices`), element(0x10, 0x10, 'PN', 'Bench^Viewer'), element(0x10, 0x20, 'LO', 'BENCH-V'), element(0x10, 0x30, 'DA', ''), element(0x10, 0x40, 'CS', 'O'),
    element(0x18, 0x50, 'DS', '1'), element(0x18, 0x5100, 'CS', 'HFS'), element(0x20, 0xd, 'UI', STUDY), element(0x20, 0xe, 'UI', `${ROOT}.1.1`), element(0x20, 0x10, 'SH', '1'), element(0x20, 0x11, 'IS', '1'), element(0x20, 0x13, 'IS', number + 1),
    element(0x20, 0x32, 'DS', `-250\\-250\\${number}`), element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0'), element(0x20, 0x52, 'UI', `${ROOT}.1.9`),
    element(0x28, 2, 'US', us(1)), element(0x28, 4, 'CS', 'MONOCHROME2'), element(0x28, 0x10, 'US', us(512)), element(0x28, 0x11, 'US', us(512)), element(0x28, 0x30, 'DS', '0.9765625\\0.9765625'),
    element(0x28, 0x100, 'US', us(16)), element(0x28, 0x101, 'US', us(16)), element(0x28, 0x102, 'US', us(15)), element(0x28, 0x103, 'US', us(1)), element(0x28, 0x1050, 'DS', '40'), element(0x28, 0x1051, 'DS', '400'), element(0x28, 0x1052, 'DS', '0'), element(0x28, 0x1053, 'DS', '1'),
    element(0x7fe0, 0x10, 'OW', pixels(number)),
  ]);
}

function pixels(number) {
  const values = new Int16Array(512 * 512);
  let state = number * 7919 + 1;
  for (let y = 0, i = 0; y < 512; y++)
    for (let x = 0; x < 512; x++, i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = (((x - 256) / 220) ** 2 + ((y - 256) / 160) ** 2 < 1 ? 40 : -1000) + (state >>> 27) - 16;
    }
  return Buffer.from(values.buffer);
}

// STOW-RS, PS3.18 section 10.5, and the same bytes for the bare handler.
import { load } from './http.mjs';

const BOUNDARY = 'vnacloud-bench-7f3a9c2e51';
const PART = Buffer.from(`\r\n--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`), FIRST = PART.subarray(2);
const END = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

function request(path, instances) {
  const pieces = instances.flatMap(({ head, tail }, i) => [i ? PART : FIRST, head, tail]).filter(piece => piece.length);
  pieces.push(END);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    method: 'POST', path, length, count: instances.length,
    body: length < 1 << 18 ? Buffer.concat(pieces) : (function* () { yield* pieces; })(),
    headers: {
      'content-type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`, 'content-length': String(length),
      accept: 'application/dicom+json',
    },
  };
}

function requireStored(answer, { count }) {
  if (answer.status !== 200) throw new Error(`STOW: HTTP ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  const json = JSON.parse(answer.body.toString()), dataset = Array.isArray(json) ? json[0] : json;
  const stored = dataset['00081199']?.Value?.length ?? 0, failed = dataset['00081198']?.Value?.length ?? 0;
  if (failed || stored !== count) throw new Error(`STOW: stored ${stored} of ${count}, failed ${failed}`);
}

function requireReceived(answer, { length }) {
  if (answer.status !== 200 || JSON.parse(answer.body.toString()).bytes !== length) throw new Error(`upload: HTTP ${answer.status}`);
}

/** POST all instances of the iterator, so many per request; what was stored, how fast, and what it cost the server. */
export async function stow(server, { instances, perRequest, concurrency }) {
  const bare = server.name === 'bare', path = bare ? '/upload' : `${server.prefix}/studies`;
  let stored = 0;
  const cpu = server.cpuSeconds();
  const result = await load({
    origin: server.origin, concurrency, check: bare ? requireReceived : requireStored,
    next() {
      const batch = [];
      for (let step; batch.length < perRequest && !(step = instances.next()).done;) batch.push(step.value);
      stored += batch.length;
      return batch.length ? request(path, batch) : null;
    },
  });
  return { stored, wall: result.wall, perSecond: stored / result.wall, cpuPer1000: (server.cpuSeconds() - cpu) / stored * 1000 };
}

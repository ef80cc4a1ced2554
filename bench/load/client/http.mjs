// A closed-loop HTTP load: so many connections, each with one request at a time.
import { Client } from 'undici';

const TIMEOUT = 120_000;

export const median = values => {
  const sorted = [...values].sort((x, y) => x - y), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * next() gives { method?, path, headers?, body? } or null at the end. check(answer, request) throws when the answer is wrong;
 * answer is { status, headers, body }. The first error ends the load: a figure of failing requests means nothing.
 */
export async function load({ origin, concurrency = 1, next, check = requireSuccess, seconds = Infinity }) {
  const latencies = [], started = performance.now();
  let failed = false;
  async function worker() {
    const client = new Client(origin, { pipelining: 1, headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
    try {
      while (!failed && performance.now() - started < seconds * 1000) {
        const request = next();
        if (!request) break;
        const sentAt = performance.now(), answer = await send(client, request);
        latencies.push(performance.now() - sentAt);
        check(answer, request);
      }
    } catch (error) {
      failed = true;
      throw new Error(`${origin}: ${error.message}`, { cause: error });
    } finally {
      await client.close();
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker));
  const wall = (performance.now() - started) / 1000;
  return { count: latencies.length, wall, perSecond: latencies.length / wall, p50: median(latencies), latencies };
}

async function send(client, { method = 'GET', path, headers, body }) {
  const response = await client.request({ method, path, headers, body });
  const chunks = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** Asks for every item in turn; check(answer, item) says whether the answer is the item's bytes. */
export async function checkEach(origin, items, { path, accept, check }) {
  const left = [...items];
  await load({
    origin,
    next: () => left.length ? { item: left[0], path: path(left.shift()), headers: { accept } } : null,
    check(answer, request) {
      requireSuccess(answer, request);
      if (!check(answer, request.item)) throw new Error(`${request.path} is not what was stored`);
    },
  });
}

export function requireSuccess(answer, request) {
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} for ${request.path}: ${answer.body.toString().slice(0, 300)}`);
}

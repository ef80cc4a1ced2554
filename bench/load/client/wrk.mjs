// GET load by wrk, for servers that are faster than a Node client.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const script = path.join(import.meta.dirname, 'frames.lua'), run = promisify(execFile);

/** paths are asked for in turn, starting at seed; an answer shorter than minimumBytes on average is an error. */
export async function wrk(server, { paths, accept, concurrency, seconds, seed, minimumBytes, scratch }) {
  const list = path.join(scratch, `paths-${server.name}.txt`), cpu = server.cpuSeconds();
  fs.writeFileSync(list, paths.join('\n') + '\n');
  const args = ['-t1', `-c${concurrency}`, `-d${seconds}s`, '--timeout', '60s', '-s', script, server.origin];
  const options = { env: { ...process.env, PATHS: list, ACCEPT: accept, SEED: String(seed) }, timeout: (seconds + 90) * 1000 };
  const { stdout } = await run('wrk', args, options);
  const result = JSON.parse(stdout.split('\n').find(line => line.startsWith('{')));
  if (result.errors) throw new Error(`${server.name}: ${result.errors} of ${result.count} requests failed`);
  if (result.bytes < result.count * minimumBytes) throw new Error(`${server.name}: answers shorter than the frame`);
  return { perSecond: result.count / result.seconds, p50: result.p50, cpuPer1000: (server.cpuSeconds() - cpu) / result.count * 1000 };
}

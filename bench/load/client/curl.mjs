// One timed request by curl: Node's client takes 2 ms and its collector up to 15 for a body of 1.7 MB, a multiple of what is measured.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { requireSuccess } from './http.mjs';

const file = `/dev/shm/vna-bench-${process.pid}`;           // in memory: a disk would be measured too
process.on('exit', () => fs.rmSync(file, { force: true }));

/** One request on a connection of its own: { status, encoding, body, milliseconds }, connecting included; no encoding is ''. */
export function curl({ origin }, path, headers) {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const said = execFileSync('curl', ['-sS', '--max-time', '120', '-o', file, '-w', '%{http_code} %{time_total} %header{content-encoding}', ...fields, origin + path], { encoding: 'utf8' });
  const [status, seconds, encoding] = said.split(' ');
  const answer = { status: Number(status), encoding, body: fs.readFileSync(file), milliseconds: seconds * 1000 };
  requireSuccess(answer, { path });
  return answer;
}

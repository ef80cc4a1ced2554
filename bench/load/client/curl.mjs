// One timed request by curl: Node's client takes 2 ms and its collector up to 15 for a body of 1.7 MB, a multiple of what is measured.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { requireSuccess } from './http.mjs';

const folder = fs.mkdtempSync('/dev/shm/vna-bench-');       // in memory: a disk would be measured too
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

/** One request on a connection of its own: { status, headers, body, milliseconds }, connecting included. */
export function curl({ origin }, path, headers) {
  const body = `${folder}/body`, head = `${folder}/head`;
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const said = execFileSync('curl', ['-sS', '--max-time', '120', '-o', body, '-D', head, '-w', '%{http_code} %{time_total}', ...fields, origin + path], { encoding: 'utf8' });
  const [status, seconds] = said.split(' ').map(Number);
  const lines = fs.readFileSync(head, 'latin1').split('\r\n').slice(1).map(line => line.split(/:\s*/, 2)).filter(pair => pair.length === 2);
  const answer = { status, headers: Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])), body: fs.readFileSync(body), milliseconds: seconds * 1000 };
  requireSuccess(answer, { path });
  return answer;
}

// The same viewer and the same study before two servers; both behind one nginx, which serves the viewer's files to both.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { orthanc } from '../load/servers/orthanc.mjs';
import { freePorts } from '../load/servers/server.mjs';
import { vna } from '../load/servers/vna.mjs';
import { slice, STUDY } from './study.mjs';

const slices = Number(process.argv[2] ?? 500), rounds = Number(process.argv[3] ?? 3);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'vna-bench-viewer-'));
const viewer = path.resolve(import.meta.dirname, '../../artifacts/viewer');
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function store(server) {
  for (let first = 0; first < slices; first += 20) {
    const parts = [];
    for (let i = first; i < Math.min(slices, first + 20); i++) parts.push(Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'), slice(i, slices), Buffer.from('\r\n'));
    const answer = await fetch(`${server.origin}/dicom-web/studies`, { method: 'POST', headers: { 'Content-Type': 'multipart/related; type="application/dicom"; boundary=b' }, body: Buffer.concat([...parts, Buffer.from('--b--\r\n')]) });
    if (!answer.ok) throw new Error(`${server.name}: STOW answered ${answer.status}`);
    await answer.arrayBuffer();
  }
}

async function proxy(archive, viewerServer) {
  const port = await freePorts(1), folder = fs.mkdtempSync(path.join(scratch, 'nginx-'));
  const config = path.join(folder, 'nginx.conf');
  const target = (server) => `proxy_pass ${server.origin}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;`;
  fs.writeFileSync(config, `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events { worker_connections 512; }
    http { access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
      server { listen 127.0.0.1:${port}; location /viewer/ { ${target(viewerServer)} } location / { ${target(archive)} } } }`);
  const process = spawn('/usr/sbin/nginx', ['-c', config, '-p', folder], { stdio: 'ignore' });
  for (let i = 0; i < 100; i++) if (await fetch(`http://127.0.0.1:${port}/viewer/`).then((a) => a.ok, () => false)) return { origin: `http://127.0.0.1:${port}`, process };
    else await new Promise((resolve) => setTimeout(resolve, 50));
  throw new Error('nginx did not answer.');
}

// Seconds to the first picture and to the whole stack, by the clock and as a sum over the requests to the archive.
async function open(browser, origin) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } }), page = await context.newPage();
  // The viewer's own files are the same for both, and are in the browser's cache as after the first visit.
  await page.goto(`${origin}/viewer/`);
  await page.waitForSelector('input');
  const requests = [];
  page.on('requestfinished', (request) => {
    const { startTime, requestStart, responseEnd } = request.timing();
    if (request.url().includes('/dicom-web/') && requestStart >= 0) requests.push({ end: startTime + responseEnd, wait: responseEnd - requestStart });
  });
  let failed = 0;
  page.on('requestfailed', () => failed++);
  const started = Date.now();
  await page.goto(`${origin}/viewer/viewer?StudyInstanceUIDs=${STUDY}`, { waitUntil: 'commit' });
  const until = async (condition) => {
    for (;;) {
      const at = await page.evaluate(condition).catch(() => null);
      if (at) return at;
      if (Date.now() - started > 180_000) throw new Error(`${origin}: the pictures did not come within three minutes (${requests.length} requests ended, ${failed} failed).`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const first = await until(() => {
    const canvas = window.cornerstone?.getEnabledElements()[0]?.viewport.canvas;
    if (!canvas?.width) return null;
    const copy = new OffscreenCanvas(1, 1).getContext('2d');
    copy.drawImage(canvas, canvas.width / 2, canvas.height / 2, 1, 1, 0, 0, 1, 1);
    return copy.getImageData(0, 0, 1, 1).data[0] > 60 ? Date.now() : null;
  });
  const whole = await until(() => {
    const ids = window.cornerstone.getEnabledElements()[0]?.viewport.getImageIds() ?? [];
    return ids.length > 1 && ids.every((id) => window.cornerstone.cache.isLoaded(id)) ? Date.now() : null;
  });
  await page.waitForTimeout(300);
  const sum = (until) => requests.filter((request) => request.end <= until).reduce((total, request) => total + request.wait, 0);
  const result = { 'first picture, waiting': sum(first), 'first picture, clock': first - started, 'whole stack, waiting': sum(whole), 'whole stack, clock': whole - started, requests: requests.length };
  await context.close();
  return result;
}

const servers = [vna(path.join(scratch, 'vna'), 'vna', [`--Vna:Viewer:Path=${viewer}`]), orthanc(path.join(scratch, 'orthanc'))];
const running = [];
try {
  for (const server of servers) fs.mkdirSync(server.folder ?? path.join(scratch, server.name), { recursive: true });
  for (const server of servers) await server.start();
  for (const server of servers) await store(server);
  const results = {};
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });
  running.push({ close: () => browser.close() });
  for (const server of servers) {
    const front = await proxy(server, servers[0]);
    running.push({ close: () => front.process.kill() });
    server.front = front.origin;
    results[server.name] = [];
  }
  // What a browser does at its first picture (graphics are started, scripts are compiled) is not one server's; Orthanc may be warmer by it.
  await open(browser, servers[1].front);
  for (let round = 0; round < rounds; round++) for (const server of round % 2 ? [...servers].reverse() : servers) {
    const result = await open(browser, server.front);
    results[server.name].push(result);
    console.error(server.name, JSON.stringify(result, (_, value) => (typeof value === 'number' ? Math.round(value) : value)));
  }
  console.log(`OHIF, CT of ${slices} slices of 512 x 512, median of ${rounds} rounds, ms; waiting is the sum over requests from their start to their last byte`);
  for (const what of Object.keys(results.vna[0])) {
    const [ours, theirs] = servers.map((server) => median(results[server.name].map((result) => result[what])));
    const judged = what.endsWith('waiting') ? (ours <= theirs / 2 ? 'met: at most half' : 'MISSED: at most half') : what.endsWith('clock') ? (ours <= theirs * 1.05 ? 'met: not slower' : 'MISSED: not slower') : '';
    console.log(`${what.padEnd(24)} VnaCloud ${ours.toFixed(0).padStart(8)}   Orthanc ${theirs.toFixed(0).padStart(8)}   ${(ours / theirs).toFixed(2)}   ${judged}`);
  }
} finally {
  for (const each of running) await each.close();
  for (const server of servers) await server.stop().catch(() => {});
  fs.rmSync(scratch, { recursive: true, force: true });
}

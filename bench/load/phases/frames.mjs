// WADO-RS frames: one CT slice's, and one of an object of 300 frames. The bare handler reads the same ranges of the same files.
import fs from 'node:fs';
import { frameBytes, loadInstance } from '../client/dataset.mjs';
import { checkEach, load, median } from '../client/http.mjs';
import { ACCEPT_FRAME, ACCEPT_INSTANCE, firstPart } from '../client/multipart.mjs';
import { stow } from '../client/stow.mjs';
import { wrk } from '../client/wrk.mjs';
import { instancePath } from './stow.mjs';

const CONCURRENCY = 16, SAMPLE = 40;

export async function frames({ settings, data, servers, report, scratch }) {
  const ct = [...data.ct, ...data.ctlarge].map(row => ({ row, frame: 1 }));
  const multi = data.enhanced.flatMap(row => Array.from({ length: row.frames }, (_, i) => ({ row, frame: i + 1 })));
  const started = await servers.start(['orthanc', 'vna', 'bare'], 'frames');
  for (const server of started.filter(s => s.name !== 'bare')) {
    const rows = [...data.ct, ...data.ctlarge, ...data.enhanced];
    const instances = (function* () { for (const row of rows) yield loadInstance(row); })();
    await stow(server, { instances, perRequest: 20, concurrency: 4 });
    await server.prepareReads?.();
    await checkFrames(server, [...shuffled(ct).slice(0, SAMPLE), ...shuffled(multi).slice(0, SAMPLE)]);
    await checkInstances(server, shuffled(rows).slice(0, SAMPLE).concat(data.enhanced));
  }
  const seconds = settings.wrkSeconds, kinds = [
    { what: `CT frame 512 KiB, c${CONCURRENCY}`, list: shuffled(ct), times: 5, seconds },
    { what: `one of 300 frames 128 KiB, c${CONCURRENCY}`, list: shuffled(multi), times: 100, seconds, slowServer: 'orthanc' },
  ];
  for (const kind of kinds) await measure(kind, { settings, started, report, scratch, files: data.files });
  await servers.stop(started, 'frames');
}

async function measure({ what, list, times, seconds, slowServer }, { settings, started, report, scratch, files }) {
  const runs = {};
  for (let run = -1; run < settings.repetitions; run++) {       // run -1 warms up and is not counted
    for (const server of started) {
      const paths = list.map(({ row, frame }) => server.name === 'bare'
        ? `/range/${files.indexOf(row.file)}?offset=${row.pixelOffset + (frame - 1) * row.frameLength}&length=${row.frameLength}`
        : `${instancePath(server, row)}/frames/${frame}`);
      const shape = { paths, accept: ACCEPT_FRAME, concurrency: CONCURRENCY, seconds: run < 0 ? 1 : seconds, seed: (run + 1) * 97 };
      const result = slowServer === server.name ? await untilAnswered(server, shape)
        : await wrk(server, { ...shape, minimumBytes: list[0].row.frameLength, scratch });
      if (run < 0) continue;
      (runs[server.name] ??= []).push(result);
      report.measured({ phase: 'frames', what, server: server.name, run, ...result });
    }
  }
  const rate = name => runs[name] && median(runs[name].map(r => r.perSecond));
  const [vna, orthanc, bare] = ['vna', 'orthanc', 'bare'].map(rate);
  report.row({ what, unit: 'requests/s', vna, orthanc, bare, target: `>= ${times}x`, needs: [vna, orthanc], pass: vna >= times * orthanc });
}

/** For a server that takes seconds per answer: wrk would drop the requests in flight at the end, which are most of them. */
async function untilAnswered(server, { paths, accept, concurrency, seconds, seed }) {
  const cpu = server.cpuSeconds();
  let at = seed;
  const { count, perSecond, p50 } = await load({
    origin: server.origin, concurrency, seconds, next: () => ({ path: paths[++at % paths.length], headers: { accept } }),
  });
  return { perSecond, p50, cpuPer1000: (server.cpuSeconds() - cpu) / count * 1000 };
}

const checkFrames = (server, wanted) => checkEach(server.origin, wanted, {
  path: ({ row, frame }) => `${instancePath(server, row)}/frames/${frame}`, accept: ACCEPT_FRAME,
  check: (answer, { row, frame }) => firstPart(answer).equals(frameBytes(row, frame)),
});

const checkInstances = (server, rows) => checkEach(server.origin, rows, {
  path: row => instancePath(server, row), accept: ACCEPT_INSTANCE,
  check: (answer, row) => firstPart(answer).equals(fs.readFileSync(row.file)),
});

/** In an order that is the same in every run of the benchmark. */
function shuffled(list) {
  const random = (state => () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff)(42);
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

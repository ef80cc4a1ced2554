// WADO-RS pictures: a native CT frame as JPEG, and thumbnails that are kept.
import { load, median } from '../client/http.mjs';
import { loadInstance } from '../client/dataset.mjs';
import { stow } from '../client/stow.mjs';
import { wrk } from '../client/wrk.mjs';
import { instancePath } from './stow.mjs';

const CONCURRENCY = 16, TIMES = 2, THUMBNAIL_MS = 2;

export async function rendered({ settings, data, servers, report, scratch }) {
  const rows = data.ct, started = await servers.start(['orthanc', 'vna'], 'rendered');
  for (const server of started) {
    const instances = (function* () { for (const row of rows) yield loadInstance(row); })();
    await stow(server, { instances, perRequest: 20, concurrency: 4 });
    await server.prepareReads?.();
  }
  const runs = {}, what = `CT frame as JPEG, c${CONCURRENCY}`;
  for (let run = -1; run < settings.repetitions; run++) {       // run -1 warms up and is not counted
    for (const server of started) {
      const paths = rows.map(row => `${instancePath(server, row)}/rendered`);
      const result = await wrk(server, { paths, accept: 'image/jpeg', concurrency: CONCURRENCY, seconds: run < 0 ? 2 : settings.wrkSeconds, seed: (run + 1) * 97, minimumBytes: 5000, scratch });
      if (run < 0) continue;
      (runs[server.name] ??= []).push(result);
      report.measured({ phase: 'rendered', what, server: server.name, run, ...result });
    }
  }
  const rate = name => runs[name] && median(runs[name].map(r => r.perSecond));
  const [vna, orthanc] = ['vna', 'orthanc'].map(rate);
  report.row({ what, unit: 'requests/s', vna, orthanc, target: `>= ${TIMES}x`, needs: [vna, orthanc], pass: vna >= TIMES * orthanc });
  const ours = started.find(server => server.name === 'vna');
  if (ours) await thumbnails(ours, { settings, rows, report });
  await servers.stop(started, 'rendered');
}

async function thumbnails(server, { settings, rows, report }) {
  const paths = rows.map(row => `${instancePath(server, row)}/thumbnail`), what = 'thumbnail that is kept, one at a time', times = [];
  for (let run = -1; run < settings.repetitions; run++) {       // run -1 makes them
    let at = 0;
    const shape = { origin: server.origin, concurrency: 1, seconds: run < 0 ? 10 : 1, next: () => ({ path: paths[at++ % paths.length], headers: { accept: 'image/jpeg' } }) };
    const { p50 } = await load(shape);
    if (run >= 0) times.push(p50);
  }
  const vna = median(times);
  report.row({ what, unit: 'ms, p50', lowerIsBetter: true, vna, target: `<= ${THUMBNAIL_MS} ms`, needs: [vna], pass: vna <= THUMBNAIL_MS });
}

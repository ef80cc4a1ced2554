// STOW-RS of 527 KB CT slices under fresh UIDs, against Orthanc and against a bare handler with the same bodies.
import { loadInstance, nextSalt, salted } from '../client/dataset.mjs';
import { checkEach, median } from '../client/http.mjs';
import { ACCEPT_INSTANCE, firstPart } from '../client/multipart.mjs';
import { stow as send } from '../client/stow.mjs';

const TIMES_ORTHANC = 3, OF_BARE = 0.85, CPU_OF_ORTHANC = 1 / 3, SAMPLE = 20;
// Before the second shape is measured each server gets so many that its runtime has compiled what it runs and that the kernel writes back as fast as is written:
// what an archive does all day. Some seconds of a burst into an empty page cache tell less.
const SHAPES = [
  { perRequest: 100, concurrency: 4, instances: 800, warmUp: 400 },
  { perRequest: 1, concurrency: 16, instances: 960, warmUp: 4000 },
];

export async function stow({ settings, data, servers, report }) {
  const base = data.ct.slice(0, 200).map(loadInstance);
  const started = await servers.start(['orthanc', 'vna', 'bare'], 'stow');
  for (const server of started) {
    await oneRun(server, base, { perRequest: 100, concurrency: 4, instances: 200 });
    await server.prepareReads?.();
  }
  for (const shape of SHAPES) {
    const runs = {};
    for (const server of started) await oneRun(server, base, { ...shape, instances: shape.warmUp });      // not counted
    for (let run = 0; run < settings.repetitions; run++) {
      for (const server of started) {
        const result = await oneRun(server, base, shape);
        (runs[server.name] ??= []).push(result);
        report.measured({ phase: 'stow', server: server.name, run, ...shape, ...result, salts: undefined });
      }
    }
    for (const server of started) if (server.name !== 'bare') await checkBytes(server, base, runs[server.name].at(-1).salts);
    addRows(report, shape, runs);
  }
  await servers.stop(started, 'stow');
}

export async function oneRun(server, base, { perRequest, concurrency, instances: count }) {
  const salts = [];
  function* instances() {
    for (let i = 0; i < count; i++) {
      if (i % base.length === 0) salts.push(nextSalt());
      yield salted(base[i % base.length], salts.at(-1));
    }
  }
  const result = await send(server, { instances: instances(), perRequest, concurrency });
  return { ...result, salts };
}

function checkBytes(server, base, salts) {
  const wanted = Array.from({ length: SAMPLE }, (_, i) => salted(base[(i * 37 + 5) % 80], salts[i % salts.length]));
  return checkEach(server.origin, wanted, {
    path: ({ row }) => instancePath(server, row), accept: ACCEPT_INSTANCE,
    check: (answer, { head, tail }) => firstPart(answer).equals(Buffer.concat([head, tail])),
  });
}

export const instancePath = (server, row) => `${server.prefix}/studies/${row.study}/series/${row.series}/instances/${row.sop}`;

function addRows(report, { perRequest, concurrency }, runs) {
  const of = (name, key) => runs[name] && median(runs[name].map(run => run[key]));
  const rate = { vna: of('vna', 'perSecond'), orthanc: of('orthanc', 'perSecond'), bare: of('bare', 'perSecond') };
  const cpu = { vna: of('vna', 'cpuPer1000'), orthanc: of('orthanc', 'cpuPer1000'), bare: of('bare', 'cpuPer1000') };
  const what = `STOW CT 527 KB, ${perRequest}/request, c${concurrency}`;
  report.row({
    what, unit: 'instances/s', ...rate, target: `>= ${TIMES_ORTHANC}x, or 85 % of bare`,
    needs: [rate.vna, rate.orthanc, rate.bare], pass: rate.vna >= Math.min(TIMES_ORTHANC * rate.orthanc, OF_BARE * rate.bare),
  });
  report.row({
    what: `${what}: server CPU`, unit: 's per 1,000', lowerIsBetter: true, ...cpu, target: '<= 1/3 of Orthanc',
    needs: [cpu.vna, cpu.orthanc], pass: cpu.vna <= cpu.orthanc * CPU_OF_ORTHANC,
  });
}

// QIDO-RS over an index of many studies, one client: every query different, every answer checked.
import fs from 'node:fs';
import path from 'node:path';
import { packedInstances, ROOT, SALT } from '../client/dataset.mjs';
import { load, median, requireSuccess } from '../client/http.mjs';
import { stow } from '../client/stow.mjs';
import { orthanc } from '../servers/orthanc.mjs';
import { distinct, queries } from './queries.mjs';

const TIMES_ORTHANC = 10, WARM_UP = 3, HEADERS = { accept: 'application/dicom+json' };
const studyNumber = study => {
  const [prefix, number] = study['0020000D'].Value[0].split(/\.(?=\d+$)/);
  if (prefix !== `${ROOT}.${SALT}.2`) throw new Error('a study that was not stored');
  return +number;
};

export async function qido({ settings, data, servers, report, scratch }) {
  const orthancFolder = servers.has('orthanc') ? await filledOrthanc(settings, data, report, scratch) : undefined;
  const started = await servers.start(['orthanc', 'vna'], 'qido', { orthancFolder });
  const vna = started.find(server => server.name === 'vna');
  if (vna) report.measured({ phase: 'qido', what: 'fill', server: 'vna', ...await fill(vna, data) });
  for (const query of queries(settings.studies)) await oneQuery(query, { settings, started, report });
  await servers.stop(started, 'qido');
}

const fill = (server, data) => stow(server, { instances: packedInstances(data.index), perRequest: 100, concurrency: 4 });

/** Orthanc's filled index is kept for later runs: filling takes minutes, is not measured, and so need not be durable. */
async function filledOrthanc(settings, data, report, scratch) {
  const home = path.join(scratch, '..', `orthanc-index-${settings.studies}`);
  const folder = path.join(home, 'data'), done = path.join(home, 'filled');
  if (!fs.existsSync(done)) {
    fs.rmSync(home, { recursive: true, force: true });
    fs.mkdirSync(home, { recursive: true });
    report.note('filling Orthanc (first run only)');
    const server = await orthanc(folder, { durable: false }).start();
    report.measured({ phase: 'qido', what: 'fill, not durable', server: 'orthanc', ...await fill(server, data) });
    await server.prepareReads();
    await server.stop();
    fs.writeFileSync(done, '');
  }
  return folder;
}

async function oneQuery(query, { settings, started, report }) {
  const per = settings.queriesPerRun, list = distinct(query, WARM_UP + per * settings.repetitions), medians = {};
  const warmUp = list.splice(0, WARM_UP);
  for (const server of started) await ask(server, warmUp, settings);
  for (let run = 0; run < settings.repetitions; run++) {
    const slice = list.slice(run * per, (run + 1) * per), answers = [];
    for (const server of started) {
      const result = await ask(server, slice, settings);
      answers.push(result.answers);
      (medians[server.name] ??= []).push(result.p50);
      report.measured({ phase: 'qido', what: query.name, server: server.name, run, count: result.count, p50: result.p50 });
    }
    if (query.whole) compare(slice, answers);
  }
  const [vna, other] = ['vna', 'orthanc'].map(name => medians[name] && median(medians[name]));
  report.row({
    what: `QIDO ${query.name}, p50`, unit: 'ms', lowerIsBetter: true, vna, orthanc: other,
    target: `>= ${TIMES_ORTHANC}x`, needs: [vna, other], pass: vna * TIMES_ORTHANC <= other,
  });
}

/** As many of the queries as fit in the time; answers as sorted study numbers. */
async function ask(server, list, { secondsPerQueryRun }) {
  const answers = [];
  let next = 0;
  const result = await load({
    origin: server.origin, seconds: secondsPerQueryRun,
    next: () => next < list.length ? { path: server.prefix + list[next].path, headers: HEADERS, expected: list[next++].expected } : null,
    check(answer, request) {
      if (answer.status !== 204) requireSuccess(answer, request);
      const studies = answer.status === 204 ? [] : JSON.parse(answer.body.toString()).map(studyNumber).sort((a, b) => a - b);
      requireExpected(studies, request);
      answers.push(studies.join());
    },
  });
  return { ...result, answers };
}

function requireExpected(studies, { path: asked, expected: { studies: all, count = all?.length, among = () => true } }) {
  const wrong = message => { throw new Error(`${asked}: ${message}`); };
  if (new Set(studies).size !== studies.length) wrong('a study twice');
  if (count !== undefined && studies.length !== count) wrong(`${studies.length} studies, not ${count}`);
  if (all && studies.join() !== all.join()) wrong('not the studies that match');
  if (!studies.every(among)) wrong('a study that does not match');
}

function compare(slice, [left, right]) {
  for (let i = 0; i < Math.min(left?.length ?? 0, right?.length ?? 0); i++) {
    if (left[i] !== right[i]) throw new Error(`${slice[i].path}: the two servers found different studies`);
  }
}

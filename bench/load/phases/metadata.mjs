// /metadata of a series of 1,000 slices: the first call after a STOW, the first after a restart, later calls, without gzip.
import { gunzipSync } from 'node:zlib';
import { loadInstance, nextSalt, salted, saltedUid } from '../client/dataset.mjs';
import { median, once } from '../client/http.mjs';
import { stow } from '../client/stow.mjs';

const FIRST_MS = 20, LATER_MS = 5, TIMES_ORTHANC = 20;
const ACCEPT = { accept: 'application/dicom+json' }, GZIP = { ...ACCEPT, 'accept-encoding': 'gzip' }, IDENTITY = { ...ACCEPT, 'accept-encoding': 'identity' };
// Attributes whose JSON must say the same on both servers; numbers are compared as numbers (DS and IS may be either, PS3.18 F.2.3).
const COMPARED = ['00080005', '00080018', '0020000E', '00100010', '00100020', '00200013', '00200032', '00280010', '00280030', '00081032'];

export async function metadata({ settings, data, servers, report }) {
  const base = data.ctlarge.map(loadInstance), answers = {}, figures = {};
  const started = await servers.start(['orthanc', 'vna'], 'metadata');
  for (let run = 0; run < settings.repetitions; run++) {
    for (const server of started) {
      const figure = figures[server.name] ??= { afterStow: [], afterRestart: [], later: [], identity: [] };
      const salt = nextSalt(), path = seriesPath(server, data.ctlarge[0], salt);
      await stow(server, { instances: base.map(instance => salted(instance, salt)).values(), perRequest: 100, concurrency: 4 });
      const calls = await oneSeries(server, path, server.name === 'vna' ? settings.metadataCalls : 1);
      answers[server.name] = { ...checked(calls, data.ctlarge.length), salt };
      for (const [key, values] of Object.entries(calls.milliseconds)) figure[key].push(...values);
      report.measured({ phase: 'metadata', server: server.name, run, ...calls.milliseconds, bytes: calls.first.body.length });
    }
  }
  compare(answers);
  addRows(report, figures, started);
  await servers.stop(started, 'metadata');
}

const seriesPath = (server, row, salt) =>
  `${server.prefix}/studies/${saltedUid(row.study, salt)}/series/${saltedUid(row.series, salt)}/metadata`;

async function oneSeries(server, path, calls) {
  const first = await once(server.origin, path, GZIP);
  await server.restart();
  const restarted = await once(server.origin, path, GZIP), later = [], identity = [];
  for (let i = 0; i < calls; i++) {
    later.push((await once(server.origin, path, GZIP)).milliseconds);
    identity.push(await once(server.origin, path, IDENTITY));
  }
  const milliseconds = { afterStow: [first.milliseconds], afterRestart: [restarted.milliseconds], later, identity: identity.map(i => i.milliseconds) };
  return { first, restarted, identity: identity[0], milliseconds };
}

const plain = ({ headers, body }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();

/** The three answers must be one JSON, complete. */
function checked({ first, restarted, identity }, count) {
  if (identity.headers['content-encoding']) throw new Error('identity was asked for, an encoding came');
  const text = plain(first);
  if (text !== plain(restarted) || text !== plain(identity)) throw new Error('/metadata differs between calls, encodings or restarts');
  const instances = JSON.parse(text), bySop = new Map(instances.map(i => [i['00080018'].Value[0], i]));
  if (instances.length !== count || bySop.size !== count) throw new Error(`/metadata has ${instances.length} of ${count} instances`);
  return { bySop };
}

function compare({ vna, orthanc }) {
  if (!vna || !orthanc) return;
  const said = ({ bySop, salt }, sop) => JSON.stringify(COMPARED.map(tag => bySop.get(sop)?.[tag]), normalized).replaceAll(salt, '');
  for (const sop of vna.bySop.keys()) {
    const other = sop.replace(vna.salt, orthanc.salt);
    if (said(vna, sop) !== said(orthanc, other)) throw new Error(`/metadata of ${sop}: ${said(vna, sop)} is not Orthanc's ${said(orthanc, other)}`);
  }
}

function normalized(key, value) {
  if (value && typeof value === 'object' && !Array.isArray(value)) return Object.fromEntries(Object.entries(value).sort());
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(+value) ? +value : value;
}

function addRows(report, figures, started) {
  const of = (key, pick = median) => Object.fromEntries(started.map(({ name }) => [name, pick(figures[name][key])]));
  const base = 'metadata of 1,000 slices', shared = { unit: 'ms', lowerIsBetter: true };
  const rows = [
    ['first after STOW, gzip', of('afterStow'), `<= ${FIRST_MS} ms`, v => v.vna <= FIRST_MS],
    ['first after restart, gzip', of('afterRestart'), `<= ${FIRST_MS} ms`, v => v.vna <= FIRST_MS],
    ['later, gzip', of('later'), `<= ${LATER_MS} ms`, v => v.vna <= LATER_MS],
    ['later, identity', of('identity'), `>= ${TIMES_ORTHANC}x`, v => v.vna * TIMES_ORTHANC <= v.orthanc],
  ];
  for (const [what, values, target, pass] of rows) report.row({ what: `${base}, ${what}`, ...shared, ...values, target, pass: pass(values) });
}

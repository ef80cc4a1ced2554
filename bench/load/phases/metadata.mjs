// /metadata of a series of 1,000 slices: the first call after a STOW, the first after a restart, later calls, without gzip.
import { gunzipSync } from 'node:zlib';
import { loadInstance, nextSalt, salted, saltedUid } from '../client/dataset.mjs';
import { curl } from '../client/curl.mjs';
import { median } from '../client/http.mjs';
import { stow } from '../client/stow.mjs';

const FIRST_MS = 20, LATER_MS = 5, TIMES_ORTHANC = 20;
const ACCEPT = { accept: 'application/dicom+json' };
const GZIP = { ...ACCEPT, 'accept-encoding': 'gzip' }, IDENTITY = { ...ACCEPT, 'accept-encoding': 'identity' };
// Attributes whose JSON must say the same on both servers; numbers are compared as numbers (DS and IS may be either, PS3.18 F.2.3).
const COMPARED = ['00080018', '0020000E', '00100010', '00100020', '00200013', '00200032', '00280010', '00280030', '00081032'];

export async function metadata({ settings, data, servers, report }) {
  const base = data.ctlarge.map(loadInstance), answers = {}, figures = {};
  const started = await servers.start(['orthanc', 'vna'], 'metadata');
  for (const server of started) {                               // warm-up, not counted
    curl(server, await storeSeries(server, base, nextSalt()), GZIP);
    await server.prepareReads?.();
  }
  for (let run = 0; run < settings.repetitions; run++) {
    for (const server of started) {
      const figure = figures[server.name] ??= { afterStow: [], afterRestart: [], later: [], identity: [] };
      const salt = nextSalt(), path = await storeSeries(server, base, salt);
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

/** The path of the metadata of the series just stored. */
async function storeSeries(server, base, salt) {
  await stow(server, { instances: base.map(instance => salted(instance, salt)).values(), perRequest: 100, concurrency: 4 });
  const { study, series } = base[0].row;
  return `${server.prefix}/studies/${saltedUid(study, salt)}/series/${saltedUid(series, salt)}/metadata`;
}

async function oneSeries(server, path, calls) {
  const first = curl(server, path, GZIP);
  await server.restart();
  const restarted = curl(server, path, GZIP), later = [], identity = [];
  for (let i = 0; i < calls; i++) {
    later.push(curl(server, path, GZIP).milliseconds);
    identity.push(curl(server, path, IDENTITY));
  }
  const [afterStow, afterRestart] = [first, restarted].map(answer => [answer.milliseconds]);
  const milliseconds = { afterStow, afterRestart, later, identity: identity.map(answer => answer.milliseconds) };
  return { first, restarted, identity: identity[0], milliseconds };
}

const sopOf = instance => instance['00080018'].Value[0];
// BulkDataURIs name the port, which a restart changes.
const plain = ({ encoding, body }) =>
  (encoding === 'gzip' ? gunzipSync(body) : body).toString().replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '');
// In one order: Orthanc's changes from call to call.
const instancesOf = answer => JSON.parse(plain(answer)).sort((a, b) => sopOf(a) < sopOf(b) ? -1 : 1);

/** The three answers must be one JSON, complete. */
function checked({ first, restarted, identity }, count) {
  if (identity.encoding) throw new Error('identity was asked for, an encoding came');
  const texts = [first, restarted, identity].map(answer => JSON.stringify(instancesOf(answer)));
  if (new Set(texts).size !== 1) throw new Error('/metadata differs between calls, encodings or restarts');
  const instances = instancesOf(first), bySop = new Map(instances.map(instance => [sopOf(instance), instance]));
  if (instances.length !== count || bySop.size !== count) throw new Error(`/metadata has ${instances.length} of ${count} instances`);
  return { bySop };
}

function compare({ vna, orthanc }) {
  if (!vna || !orthanc) return;
  const said = ({ bySop, salt }, sop) => JSON.stringify(COMPARED.map(tag => bySop.get(sop)?.[tag]), normalized).replaceAll(salt, '');
  for (const sop of vna.bySop.keys()) {
    const other = sop.replace(vna.salt, orthanc.salt);
    const [ours, theirs] = [said(vna, sop), said(orthanc, other)];
    if (ours !== theirs) throw new Error(`/metadata of ${sop}: ${ours} is not Orthanc's ${theirs}`);
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
    ['first after STOW, gzip', of('afterStow'), `<= ${FIRST_MS} ms`, ['vna'], v => v.vna <= FIRST_MS],
    ['first after restart, gzip', of('afterRestart'), `<= ${FIRST_MS} ms`, ['vna'], v => v.vna <= FIRST_MS],
    ['later, gzip', of('later'), `<= ${LATER_MS} ms`, ['vna'], v => v.vna <= LATER_MS],
    ['later, identity', of('identity'), `>= ${TIMES_ORTHANC}x`, ['vna', 'orthanc'], v => v.vna * TIMES_ORTHANC <= v.orthanc],
  ];
  for (const [what, values, target, needs, pass] of rows) {
    report.row({ what: `${base}, ${what}`, ...shared, ...values, target, needs: needs.map(name => values[name]), pass: pass(values) });
  }
}

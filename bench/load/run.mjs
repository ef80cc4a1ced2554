// The whole run: arguments, data, phases, table. Started by run.sh, which builds first.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { manifest } from './client/dataset.mjs';
import { frames } from './phases/frames.mjs';
import { metadata } from './phases/metadata.mjs';
import { qido } from './phases/qido.mjs';
import { rendered } from './phases/rendered.mjs';
import { stack } from './phases/stack.mjs';
import { stow } from './phases/stow.mjs';
import { Report } from './report.mjs';
import { orthanc } from './servers/orthanc.mjs';
import { bare, vna } from './servers/vna.mjs';

const SERVERS = ['vna', 'orthanc', 'bare'], PHASES = { stow, frames, metadata, qido, rendered }, ON_DEMAND = { stack }, PEAK_MB = 300, DEADLINE_MINUTES = 25;
const FULL = { mode: 'full', studies: 20000, repetitions: 5, wrkSeconds: 3, metadataCalls: 10, queriesPerRun: 40, secondsPerQueryRun: 4 };
const QUICK = {
  mode: 'quick', studies: 2000, repetitions: 2, wrkSeconds: 2, metadataCalls: 5, queriesPerRun: 15, secondsPerQueryRun: 1,
};
const here = import.meta.dirname;
const python = (script, ...args) => execFileSync('/usr/bin/python3', [path.join(here, script), ...args], { encoding: 'utf8' });

function settingsFrom(args) {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
  const only = values.only?.split(',') ?? [], known = [...SERVERS, ...Object.keys(PHASES), ...Object.keys(ON_DEMAND), 'limits'];
  const unknown = only.find(name => !known.includes(name));
  if (unknown) throw new Error(`--only knows ${known.join(', ')}; not ${unknown}`);
  const among = names => names.some(name => only.includes(name)) ? names.filter(name => only.includes(name)) : names;
  return { ...(values.quick ? QUICK : FULL), servers: among(SERVERS), phases: only.some(name => name in ON_DEMAND) ? only : among([...Object.keys(PHASES), 'limits']) };
}

/** Made once and kept: the generators are deterministic. A folder is renamed into place when it is complete. */
function generated(out, studies, report) {
  const make = (name, script, ...args) => {
    const folder = path.join(out, name), partial = `${folder}.partial`;
    if (fs.existsSync(folder)) return folder;
    report.note(`generating ${name} (first run only)`);
    fs.rmSync(partial, { recursive: true, force: true });
    python(script, partial, ...args);
    fs.renameSync(partial, folder);
    return folder;
  };
  const set = make('set', 'generate/dataset.py'), rows = manifest(set), of = kind => rows.filter(row => row.kind === kind);
  return {
    set, index: make(`index-${studies}`, 'generate/index.py', '--studies', String(studies)),
    ct: of('ct'), ctlarge: of('ctlarge'), enhanced: of('enhanced'),
    files: rows.map(row => row.file).sort(),            // the order in which the bare handler numbers them
  };
}

/** Starts and stops the servers that take part, each in a folder of its own; peak memory becomes a row when a phase ends. */
function serverPool(settings, data, scratch, report) {
  const make = { vna, orthanc, bare: folder => bare(folder, data.set) };
  const home = phase => path.join(scratch, phase);
  return {
    has: name => settings.servers.includes(name),
    async start(names, phase, { orthancFolder } = {}) {
      report.note(`phase ${phase}`);
      const started = [];
      for (const name of names.filter(n => settings.servers.includes(n))) {
        const folder = name === 'orthanc' && orthancFolder || path.join(home(phase), name);
        started.push(await make[name](folder).start());
      }
      return started;
    },
    async stop(started, phase) {
      const peak = {};
      for (const server of started) {
        await server.stop();
        peak[server.name] = server.peakMB;
      }
      const what = `peak resident memory, ${phase}`;
      const judgement = { target: `<= ${PEAK_MB} MB`, needs: [peak.vna], pass: peak.vna <= PEAK_MB };
      report.row({ what, unit: 'MB', lowerIsBetter: true, ...peak, ...judgement });
      fs.rmSync(home(phase), { recursive: true, force: true });
    },
  };
}

async function main() {
  const settings = settingsFrom(process.argv.slice(2));
  const out = path.resolve(process.env.VNA_BENCH_DIR ?? path.join(here, 'out')), scratch = path.join(out, 'run');
  fs.rmSync(scratch, { recursive: true, force: true });
  fs.mkdirSync(scratch, { recursive: true });
  const report = new Report(path.join(out, `results-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl`), settings.mode);
  const data = generated(out, settings.studies, report), servers = serverPool(settings, data, scratch, report);
  for (const phase of settings.phases) {
    if (phase === 'limits') continue;
    await { ...PHASES, ...ON_DEMAND }[phase]({ settings, data, servers, report, scratch });
  }
  if (settings.phases.includes('limits')) {
    for (const line of python('limits.py', scratch, String(settings.repetitions)).trim().split('\n')) report.limit(JSON.parse(line));
  }
  report.print();
  process.exitCode = report.failed ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));        // 'exit' ends the servers
setTimeout(() => { console.error(`gave up after ${DEADLINE_MINUTES} minutes`); process.exit(3); }, DEADLINE_MINUTES * 60_000).unref();
main().catch(error => { console.error(error.message); process.exit(2); });

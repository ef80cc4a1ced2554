// Results: every measurement as a JSON line, every row of the table with its target.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

const number = v => v === undefined || Number.isNaN(v) ? '-' : v >= 100 ? Math.round(v).toLocaleString('en') : String(+v.toPrecision(3));

export class Report {
  constructor(file, mode) {
    Object.assign(this, { file, rows: [], limits: [] });
    this.machine = {
      date: new Date().toISOString(), mode, cores: os.cpus().length, cpu: os.cpus()[0].model.trim(),
      memoryGB: Math.round(os.totalmem() / 2 ** 30), load: os.loadavg()[0], commit: commit(),
    };
    this.write({ kind: 'machine', ...this.machine });
  }

  write(line) { fs.appendFileSync(this.file, JSON.stringify(line) + '\n'); }

  note(text) { console.error(`${new Date().toISOString().slice(11, 19)} ${text}`); }

  measured(line) { this.write({ kind: 'run', ...line }); }

  limit(line) {
    this.limits.push(line);
    this.write({ kind: 'limit', ...line });
  }

  /** needs: the figures that pass was computed from; a row that lacks one is not judged. */
  row({ what, unit, vna, orthanc, bare, lowerIsBetter = false, target, needs, pass }) {
    const judged = needs.every(Number.isFinite);
    const row = { what, unit, vna, orthanc, bare, target, result: judged ? (pass ? 'pass' : 'FAIL') : '-' };
    row.ratio = lowerIsBetter ? orthanc / vna : vna / orthanc;
    this.rows.push(row);
    this.write({ kind: 'row', ...row });
    this.note(`${what}: VnaCloud ${number(vna)}, Orthanc ${number(orthanc)}, bare ${number(bare)} ${unit}; ${row.result}`);
  }

  get failed() { return this.rows.some(row => row.result === 'FAIL'); }

  print() {
    const m = this.machine;
    const machine = `${m.cores} cores (${m.cpu}), ${m.memoryGB} GB, load at start ${m.load.toFixed(1)}`;
    console.log(`\nVnaCloud and Orthanc, ${m.mode} run of ${m.date.slice(0, 16)}Z, commit ${m.commit}; ${machine}\n`);
    const head = ['what', 'unit', 'VnaCloud', 'Orthanc', 'times better', 'bare Kestrel', 'target', 'result'];
    const cells = r => [r.what, r.unit, number(r.vna), number(r.orthanc), number(r.ratio), number(r.bare), r.target, r.result];
    printTable([head, ...this.rows.map(cells)]);
    if (this.limits.length) console.log('\nThe machine itself');
    if (this.limits.length) printTable([['what', 'per second'], ...this.limits.map(l => [l.what, number(l.perSecond)])]);
    console.log(`\nEvery run: ${this.file}`);
  }
}

function printTable(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map(line => line[column].length)));
  const text = line => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  console.log([text(lines[0]), `|${widths.map(w => '-'.repeat(w + 2)).join('|')}|`, ...lines.slice(1).map(text)].join('\n'));
}

function commit() {
  const options = { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const git = (...args) => execFileSync('git', args, options).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? ' with changes' : '');
  } catch {
    return 'unknown';                                   // a copy without its history
  }
}

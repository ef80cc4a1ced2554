// One server process: started on a free loopback port, measured through /proc, ended by its process id.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const READY_SECONDS = 180, STOP_SECONDS = 60, TICKS_PER_SECOND = 100;
const running = new Set();
process.on('exit', () => { for (const server of running) server.child.kill('SIGKILL'); });

async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => listener.once('listening', resolve));
  const { port } = listener.address();
  await new Promise(resolve => listener.close(resolve));
  return port;
}

/** The first of so many ports in a row, outside the range from which the system takes ports for connections of its own. */
export async function freePorts(count) {
  const isFree = port => new Promise(resolve => {
    const listener = net.createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => listener.close(() => resolve(true)));
  });
  for (let tries = 0; tries < 100; tries++) {
    const first = 20_000 + Math.floor(Math.random() * (12_000 - count));
    if ((await Promise.all(Array.from({ length: Math.min(count, 8) }, (_, i) => isFree(first + i)))).every(Boolean)) return first;
  }
  throw new Error('no free ports');
}

const readProc = (pid, file) => { try { return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8'); } catch { return ''; } };
const children = pid => readProc(pid, `task/${pid}/children`).trim().split(/\s+/).filter(Boolean);

export class Server {
  /** command(port) gives { file, args, env }; readyPath answers 200 once requests are served. */
  constructor({ name, folder, prefix, readyPath, command, prepareReads }) {
    Object.assign(this, { name, folder, prefix, readyPath, command, prepareReads, peakMB: 0 });
  }

  async start() {
    fs.mkdirSync(this.folder, { recursive: true });
    const port = await freePort(), { file, args, env } = this.command(port);
    const log = fs.openSync(path.join(this.folder, '..', `${this.name}.log`), 'a');
    this.child = spawn(file, args, { cwd: path.dirname(this.folder), env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.ended = new Promise(resolve => { this.child.once('exit', resolve); this.child.once('error', resolve); });
    running.add(this);
    this.ended.then(() => running.delete(this));
    this.origin = `http://127.0.0.1:${port}`;
    await this.ready();
    return this;
  }

  async ready() {
    for (const until = Date.now() + READY_SECONDS * 1000; Date.now() < until; await delay(50)) {
      if (!running.has(this)) break;
      const answer = await fetch(this.origin + this.readyPath).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
    }
    throw new Error(`${this.name} did not become ready: see ${path.join(this.folder, '..', `${this.name}.log`)}`);
  }

  async stop() {
    this.samplePeak();
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_SECONDS * 1000);
    await this.ended;
    clearTimeout(late);
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  /** Seconds of CPU so far, reaped children included. */
  cpuSeconds() {
    let ticks = 0;
    for (const pid of [this.child.pid, ...children(this.child.pid)]) {
      const fields = readProc(pid, 'stat').replace(/^.*\) /, '').split(' ');
      ticks += +fields[11] + +fields[12] + (pid === this.child.pid ? +fields[13] + +fields[14] : 0) || 0;
    }
    return ticks / TICKS_PER_SECOND;
  }

  /** Highest resident memory since the first start, over restarts. */
  samplePeak() {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readProc(this.child.pid, 'status'))?.[1] ?? 0;
    this.peakMB = Math.max(this.peakMB, kilobytes / 1024);
    return this.peakMB;
  }
}

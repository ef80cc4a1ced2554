// One upload: files are inspected while earlier ones are sent, a few requests at a time.

import { inspect, store } from "./stow.js";

const filesPerRequest = 50;
const bytesPerRequest = 64 * 1024 * 1024;
const requestsAtOnce = 2;
const patienceTries = 4; // for an archive that says it is busy

export class Upload {
  found = 0;
  sent = 0; // bytes
  size = 0; // bytes
  stored = 0;
  reading = true;
  running = true;
  cancelled = false;
  warnings = [];
  studies = new Set(); // UIDs of what was stored
  failures = []; // { path, reason, comment }
  skipped = []; // { path, reason }
  unsent = []; // { files, reason }
  #abort = new AbortController();
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  /** Of the files that are not skipped: those that were answered for. */
  get settled() {
    return this.stored + this.failures.length + this.unsent.reduce((sum, batch) => sum + batch.files.length, 0);
  }

  async send(source) {
    const queue = new BatchQueue();
    await Promise.all([this.#scan(source, queue), this.#work(queue)]);
  }

  /** Sends again what did not get an answer. */
  async retry() {
    const again = this.unsent.splice(0);
    this.sent -= again.reduce((sum, batch) => sum + batch.size, 0);
    const queue = new BatchQueue();
    for (const batch of again) queue.add(batch);
    queue.end();
    await this.#work(queue);
  }

  cancel() {
    this.cancelled = true;
    this.#abort.abort();
  }

  async #work(queue) {
    this.running = true;
    this.cancelled = false;
    this.#abort = new AbortController();
    const lane = async () => {
      for (let batch = await queue.take(); batch; batch = await queue.take()) await this.#sendBatch(batch);
    };
    await Promise.all(Array.from({ length: requestsAtOnce }, lane));
    this.running = false;
    this.#changed();
  }

  // Runs ahead of the requests, so that the whole size is known early.
  async #scan(source, queue) {
    let batch = { files: [], size: 0 };
    const flush = () => {
      if (batch.files.length > 0) queue.add(batch);
      batch = { files: [], size: 0 };
    };
    for await (const { file, path } of source) {
      if (this.cancelled) break;
      const { sop, skip } = file ? await inspect(file) : { skip: "It cannot be read" };
      if (skip) {
        this.skipped.push({ path, reason: skip });
      } else {
        if (batch.size + file.size > bytesPerRequest) flush();
        batch.files.push({ file, path, sop });
        batch.size += file.size;
        this.found++;
        this.size += file.size;
        if (batch.files.length === filesPerRequest) flush();
      }
      this.#changed();
    }
    flush();
    this.reading = false;
    queue.end();
  }

  async #sendBatch(batch) {
    for (let attempt = 1; ; attempt++) {
      if (this.cancelled) return this.#giveUp(batch, "Cancelled");
      let before = 0;
      const progress = (part) => {
        this.sent += part * batch.size - before;
        before = part * batch.size;
        this.#changed();
      };
      const { results, failed } = await store(batch.files, progress, this.#abort.signal);
      if (results) {
        progress(1);
        return this.#settle(batch.files, results);
      }
      progress(0);
      if (this.cancelled) return this.#giveUp(batch, "Cancelled");
      if (failed.status !== 503 || attempt === patienceTries) return this.#giveUp(batch, failed.reason);
      await this.#pause((failed.retryAfter || attempt) * 1000);
    }
  }

  #settle(files, results) {
    results.forEach(({ state, study, reason, comment }, i) => {
      const { path } = files[i];
      if (state === "failed") this.failures.push({ path, reason, comment });
      else this.stored++;
      if (study) this.studies.add(study);
      if (state === "warning") this.warnings.push({ path, reason, comment });
    });
    this.#changed();
  }

  #giveUp(batch, reason) {
    this.sent += batch.size;
    this.unsent.push({ ...batch, reason });
    this.#changed();
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#abort.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }
}

/** Batches on their way from the reader of files to the senders. */
class BatchQueue {
  #batches = [];
  #waiting = [];
  #ended = false;

  add(batch) {
    const taker = this.#waiting.shift();
    if (taker) taker(batch);
    else this.#batches.push(batch);
  }

  end() {
    this.#ended = true;
    for (const taker of this.#waiting.splice(0)) taker(null);
  }

  /** The next batch, or null when there will be none. */
  take() {
    if (this.#batches.length > 0) return this.#batches.shift();
    return this.#ended ? null : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

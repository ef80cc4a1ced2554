#!/usr/bin/python3
"""What the machine itself can do: durable writes and SHA-256.   limits.py FOLDER [REPETITIONS]   (one JSON line per case)"""
import hashlib
import json
import os
import shutil
import statistics
import sys
import threading
import time

SLICE = os.urandom(527_000)


def write_files(top, count, threads):
    folder = os.path.join(top, "limit")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)

    def work(t):
        for i in range(count // threads):
            fd = os.open(f"{folder}/{t}-{i}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            os.write(fd, SLICE)
            os.fsync(fd)
            os.close(fd)

    workers = [threading.Thread(target=work, args=(t,)) for t in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rate = count / (time.perf_counter() - started)
    shutil.rmtree(folder)
    return rate


def append_log(top, count):
    path = os.path.join(top, "limit.log")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    started = time.perf_counter()
    for _ in range(count):
        os.write(fd, SLICE[:4096])
        os.fdatasync(fd)
    rate = count / (time.perf_counter() - started)
    os.close(fd)
    os.unlink(path)
    return rate


def hashing(seconds):
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        hashlib.sha256(SLICE).digest()
        count += 1
    return count / (time.perf_counter() - started)


def main():
    top, repetitions = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    cases = [
        ("write 527 KB + fsync, 1 thread", lambda: write_files(top, 100, 1)),
        ("write 527 KB + fsync, 4 threads", lambda: write_files(top, 400, 4)),
        ("write 527 KB + fsync, 16 threads", lambda: write_files(top, 800, 16)),
        ("append 4 KiB + fdatasync, one log", lambda: append_log(top, 300)),
        ("SHA-256 of 527 KB, 1 thread", lambda: hashing(0.5)),
    ]
    for what, case in cases:
        print(json.dumps({"what": what, "perSecond": statistics.median(case() for _ in range(repetitions))}), flush=True)


if __name__ == "__main__":
    main()

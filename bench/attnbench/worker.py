"""One implementation on one case, in a process of its own.

usage: python -m attnbench.worker PEER CASE FOLDER THREADS

Reads commands from standard input, a word and perhaps a number, and answers
each with a line of JSON. The process keeps an implementation's threads and
memory from disturbing the others, and one that dies takes nothing with it.
"""

import dataclasses
import json
import os
import pathlib
import sys
import time

import numpy as np

from . import cases, peers


def read_status(field):
    """A figure of /proc/self/status, in bytes."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def load_arrays(case, folder):
    """A bf16 array arrives as opaque elements of two bytes."""
    kind = cases.numpy_type(case.element)
    return tuple(np.load(folder / f"{name}.npy").view(kind) for name in "qkv")


class Worker:
    """Answers the commands."""

    def __init__(self, peer, case, folder, threads):
        self.peer, self.case, self.folder, self.threads = peer, case, folder, threads
        self.call = self.to_numpy = None

    def prepare(self, _):
        module = peers.load(self.peer)
        if self.case.measure == "memory":
            # Code and threads that a first call loads are no memory of the case.
            small = dataclasses.replace(self.case, queries=64, keys=64)
            call, _ = module.prepare(small, cases.make_arrays(small), self.threads)
            call()
        self.call, self.to_numpy = module.prepare(
            self.case, load_arrays(self.case, self.folder), self.threads)
        return {"version": module.get_version(),
                "compile_ms": getattr(module.prepare, "compile_ms", None)}

    def check(self, rows):
        """The first call: its time, memory, and the error of some rows."""
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # resets VmHWM
        before = read_status("VmRSS")
        begin = time.perf_counter()
        output = self.call()
        seconds = time.perf_counter() - begin
        extra = read_status("VmHWM") - before
        output = self.to_numpy(output)
        extra = max(0, extra - output.nbytes)
        queries = np.unique(np.linspace(0, self.case.queries - 1, rows).astype(int))
        reference = cases.compute_reference(
            self.case, load_arrays(self.case, self.folder), queries)
        error = np.abs(output[0][:, queries].astype(np.float64) - reference).max()
        return {"ms": seconds * 1e3, "max_error": float(error), "peak_extra_bytes": extra}

    def run(self, count):
        times = []
        for _ in range(count):
            begin = time.perf_counter()
            self.call()
            times.append((time.perf_counter() - begin) * 1e3)
        return {"ms": times}


def main():
    peer, name, folder, threads = sys.argv[1:]
    # What a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    case = next(case for case in cases.CASES if case.name == name)
    worker = Worker(peer, case, pathlib.Path(folder), int(threads))
    for line in sys.stdin:
        command, count = line.split()
        try:
            answer = getattr(worker, command)(int(count))
        except peers.Unsupported as reason:
            answer = {"unsupported": str(reason)}
        except Exception as error:  # Whatever a peer raises is a result.
            text = str(error).strip().splitlines()
            answer = {"failed": f"{type(error).__name__}: {text[0] if text else ''}"[:300]}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()

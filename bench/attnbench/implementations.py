"""Runs implementations: ours through attn-run, a peer through a worker.

Both answer the same calls: prepare() -> version and compile_ms,
check(rows) -> ms, max_error and peak_extra_bytes, run(count) -> the median
in ms of that many calls, after one that is not timed.
"""

import json
import os
import pathlib
import select
import statistics
import subprocess
import sys

import numpy as np

from . import cases
from .peers import Unsupported

BENCH = pathlib.Path(__file__).resolve().parent.parent


class Failed(Exception):
    """The implementation died or gave an error where it should have run."""


def pin(case):
    """What a child does before it starts: one thread means one CPU."""
    if not case.single_thread:
        return None
    cpu = min(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {cpu})


class Peak:
    """machine_peak: what a case's rate is a share of, measured in turn with it."""

    RATES = {"flops": ("fma", "fma_gflops"), "bytes": ("read", "read_gbs")}

    def __init__(self, tools, case, threads):
        only, self.field = self.RATES[case.measure]
        self.command = [tools / "machine_peak", f"--threads={threads}", f"--only={only}"]
        self.case = case

    def run(self):
        result = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, preexec_fn=pin(self.case))
        if result.returncode:
            raise Failed(result.stderr.strip() or f"machine_peak ended with {result.returncode}")
        return json.loads(result.stdout)["peaks"][0][self.field]


class Ours:
    """attn-run, which times calls in its own process."""

    def __init__(self, tools, case, folder, threads):
        self.tools, self.case, self.folder, self.threads = tools, case, folder, threads
        self.compile_ms = []

    def write_source(self):
        case = self.case
        query, key = (f"tensor<{'x'.join(map(str, shape))}x{case.element}>"
                      for shape in case.shapes[:2])
        mask = "causal " if case.causal else ""
        mask += f"window({case.window - 1}, 0) " if case.window else ""
        path = self.folder / "ours.mlir"
        path.write_text(
            f"func.func @attention(%q: {query}, %k: {key}, %v: {key}) -> {query} {{\n"
            f"  %o = attn.sdpa query(%q) key(%k) value(%v) {mask}"
            f": ({query}, {key}, {key}) -> {query}\n"
            f"  return %o : {query}\n}}\n")
        return path

    def execute(self, repeat):
        stats, output = self.folder / "ours.json", self.folder / "ours.npy"
        command = [self.tools / "attn-run", self.write_source(),
                   *(f"--input=@{self.folder}/{name}.npy" for name in "qkv"),
                   f"--output=@{output}", f"--threads={self.threads}",
                   f"--repeat={repeat}", f"--stats={stats}"]
        result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True, preexec_fn=pin(self.case))
        if result.returncode:
            lines = result.stderr.strip().splitlines()
            raise Failed(lines[-1] if lines else f"attn-run ended with {result.returncode}")
        stats = json.loads(stats.read_text())
        self.compile_ms.append(stats["compile_ms"])
        return stats

    def prepare(self):
        return {"version": "", "compile_ms": None}

    def check(self, rows):
        stats = self.execute(1)
        output = np.load(self.folder / "ours.npy").view(cases.numpy_type(self.case.element))
        queries = np.unique(np.linspace(0, self.case.queries - 1, rows).astype(int))
        arrays = [np.load(self.folder / f"{name}.npy").view(cases.numpy_type(self.case.element))
                  for name in "qkv"]
        reference = cases.compute_reference(self.case, arrays, queries)
        error = np.abs(output[0][:, queries].astype(np.float64) - reference).max()
        return {"ms": stats["median_ms"], "max_error": float(error),
                "peak_extra_bytes": stats["peak_extra_bytes"]}

    def run(self, count):
        # attn-run leaves the warm-up out where it runs once.
        return self.execute(max(count, 2))["median_ms"]

    def close(self):
        pass


class Peer:
    """A worker process; see worker.py."""

    TIMEOUT = 300

    def __init__(self, python, peer, case, folder, threads):
        self.log = open(folder / f"{peer}.log", "w")
        environment = {**os.environ, "PYTHONPATH": str(BENCH),
                       "OMP_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [python, "-m", "attnbench.worker", peer, case.name, folder, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=environment, preexec_fn=pin(case))

    def ask(self, command, count=0):
        try:
            print(command, count, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise Failed(f"its process ended with {self.process.wait()}")
        if not select.select([self.process.stdout], [], [], self.TIMEOUT)[0]:
            raise Failed(f"no answer within {self.TIMEOUT} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"its process ended with {self.process.wait()}")
        answer = json.loads(line)
        if "unsupported" in answer:
            raise Unsupported(answer["unsupported"])
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer

    def prepare(self):
        return self.ask("prepare")

    def check(self, rows):
        return self.ask("check", rows)

    def run(self, count):
        return statistics.median(self.ask("run", count + 1)["ms"][1:])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


def create(name, options, case, folder, threads):
    if name == "ours":
        return Ours(options.tools, case, folder, threads)
    return Peer(sys.executable, name, case, folder, threads)

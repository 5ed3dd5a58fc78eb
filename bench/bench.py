#!/usr/bin/env python3
"""Compare attn with its peers on this machine.

The implementations take turns on the same arrays; what counts are the ratios
within one run, on a machine that does nothing else.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

from attnbench import cases, implementations, peers, report

HERE = pathlib.Path(__file__).resolve().parent


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", default="", metavar="REGEX", help="cases to run (default: all)")
    parser.add_argument("--peers", default="", metavar="REGEX", help="peers to run (default: all)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N",
                        help="turns of each implementation (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, metavar="N",
                        help="timed calls in a turn (default: %(default)s)")
    parser.add_argument("--budget", type=float, default=20, metavar="SECONDS",
                        help="for one implementation of a case; slow ones get fewer calls "
                             "(default: %(default)s)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), metavar="N",
                        help="threads of the cases that take more than one "
                             "(default: all that the process may use)")
    parser.add_argument("--output", type=pathlib.Path, metavar="STEM",
                        default=HERE.parent / "build" / "bench-results" / "results",
                        help="write STEM.json and STEM.md (default: build/bench-results/results)")
    parser.add_argument("--tools", type=pathlib.Path, metavar="FOLDER",
                        default=HERE.parent / "build" / "bin",
                        help="where attn-run and machine_peak are (default: build/bin)")
    parser.add_argument("--list", action="store_true", help="print the cases and stop")
    options = parser.parse_args()
    for name in ["rounds", "runs", "threads"]:
        if getattr(options, name) < 1:
            parser.error(f"--{name} is {getattr(options, name)}, expected 1 or more")
    for name in ["cases", "peers"]:
        try:
            re.compile(getattr(options, name))
        except re.error as error:
            parser.error(f"--{name} is no regular expression: {error}")
    return options


def get_cpu_name():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def measure_machine(options):
    text = subprocess.run([options.tools / "machine_peak", f"--threads={options.threads}"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return {"cpu": get_cpu_name(), **json.loads(text)}


def find_load():
    """A warning where the machine was doing something else."""
    load = os.getloadavg()[0]
    if load < 0.3:
        return None
    return (f"The machine was busy when this began (load average {load:.1f}): "
            "the figures are no measurement.")


class Entry:
    """An implementation's progress on a case."""

    def __init__(self, name, case, threads):
        self.rounds, self.implementation, self.done = [], None, False
        self.result = {"case": case.name, "implementation": name, "threads": threads,
                       "measure": case.measure}

    def start(self, options, case, folder):
        name, threads = self.result["implementation"], self.result["threads"]
        try:
            self.implementation = implementations.create(name, options, case, folder, threads)
            self.result.update(self.implementation.prepare())
            checked = self.implementation.check(rows=9)
            first = checked.pop("ms")
            self.result.update(checked)
        except (peers.Unsupported, implementations.Failed) as reason:
            self.stop(str(reason))
            return
        # A call that takes the budget alone is its own measurement.
        self.runs = options.runs
        self.turns = options.rounds
        while self.turns * (self.runs + 1) * first > options.budget * 1e3 and self.turns + self.runs > 2:
            if self.runs > 1:
                self.runs -= 1
            else:
                self.turns -= 1
        if first > options.budget * 1e3 / 2 or case.measure == "memory":
            self.rounds, self.done = [first], True

    def take_turn(self):
        if self.done or len(self.rounds) >= self.turns:
            return
        try:
            self.rounds.append(self.implementation.run(self.runs))
        except implementations.Failed as reason:
            self.stop(str(reason))

    def stop(self, reason):
        self.result["reason"], self.done, self.rounds = reason, True, []

    def finish(self, case, peaks):
        if self.implementation:
            self.implementation.close()
            if compile_ms := getattr(self.implementation, "compile_ms", None):
                self.result["compile_ms"] = statistics.median(compile_ms)
        if self.rounds:
            median = statistics.median(self.rounds)
            self.result.update(ms=median, rounds=self.rounds, gflops=case.flops / median / 1e6,
                               gbs=case.bytes / median / 1e6)
            if peaks:
                work = case.flops if case.measure == "flops" else case.bytes
                self.result["of_peak"] = statistics.median(
                    work / time / 1e6 / peak for time, peak in zip(self.rounds, peaks))
        return self.result


def run_case(options, case, names):
    """The results of the implementations, and the peaks that were measured in turn."""
    threads = 1 if case.single_thread else options.threads
    peak = (implementations.Peak(options.tools, case, threads)
            if case.measure in implementations.Peak.RATES else None)
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, array in zip("qkv", cases.make_arrays(case)):
            np.save(folder / f"{name}.npy", array)
        entries = [Entry(name, case, threads) for name in names]
        for entry in entries:
            entry.start(options, case, folder)
        for _ in range(options.rounds):
            # Right before the turns that are shares of it.
            if peak:
                peaks.append(peak.run())
            for entry in entries:
                # Threads of the one before may spin for a moment.
                time.sleep(0.05)
                entry.take_turn()
        return [entry.finish(case, peaks) for entry in entries], peaks


def read_absent(options):
    """What install_peers.py could not install, and what it never tried."""
    if not any(re.search(options.peers, name) for name in peers.MODULES):
        return {}
    absent = pathlib.Path(sys.prefix, "absent.json")
    if not absent.exists():
        sys.exit(f"bench: {absent} is not there: run make bench, or bench/install_peers.py first")
    reasons = json.loads(absent.read_text())
    if "torch" in reasons:
        reasons["torch_flex"] = reasons["torch"]
    return {name: reason for name, reason in reasons.items() if re.search(options.peers, name)}


def main():
    options = parse_options()
    chosen = [case for case in cases.CASES if re.search(options.cases, case.name)]
    if options.list:
        for case in chosen:
            print(f"{case.name:24s} {report.describe(case)}")
        return
    if not chosen:
        sys.exit(f"bench: no case matches '{options.cases}'; --list prints them")
    busy = find_load()
    if busy:
        print(f"bench: warning: {busy}", file=sys.stderr)
    absent = read_absent(options)
    names = ["ours"] + [name for name in peers.MODULES
                        if name not in absent and re.search(options.peers, name)]
    data = {"machine": measure_machine(options), "absent": absent, "busy": busy,
            "results": [], "peaks": {}}
    for name, reason in absent.items():
        print(f"{report.NAMES[name]} is absent: {reason}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for case in chosen:
        print(f"{case.name}: {report.describe(case)}", flush=True)
        results, peaks = run_case(options, case, names)
        data["results"] += results
        if peaks:
            data["peaks"][case.name] = peaks
        for result in results:
            print(report.format_line(result), flush=True)
        options.output.with_suffix(".json").write_text(json.dumps(data, indent=1) + "\n")
        options.output.with_suffix(".md").write_text(report.make_markdown(data))
    print()
    print(report.make_markdown(data))
    print(f"written: {options.output.with_suffix('.md')} and .json")


if __name__ == "__main__":
    main()

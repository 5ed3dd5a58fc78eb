#!/usr/bin/env python3
"""Compile the attention of Llama 3.1 8B and run it on this machine.

For a prompt and for one decode step: time, how much of what the machine can do
that is, memory, and the largest error against a float64 evaluation.
"""

import argparse
import json
import pathlib
import platform
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
QUERY_HEADS, KV_HEADS, HEAD_DIM = 32, 8, 128


def run_tool(command):
    """The tool's standard output; ends the program with the tool's message."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        sys.exit(f"demo: {command[0]} is not there: run make build first")
    if result.returncode:
        sys.exit(result.returncode)
    return result.stdout


class Machine:
    """What the machine can do at most: the best of what was measured so far.

    Measured before and after the runs, since other programs may disturb either.
    """

    def __init__(self, options):
        limit = [f"--threads={options.threads}"] if options.threads else []
        self.command = [options.tools / "machine_peak", *limit]
        self.flops = self.read = 0
        self.measure()

    def measure(self):
        machine = json.loads(run_tool(self.command))
        peak = machine["peaks"][-1]
        self.threads, self.vectors = peak["threads"], machine["vectors"]
        self.flops = max(self.flops, peak["fma_gflops"])
        self.read = max(self.read, peak["read_gbs"])


def run_attention(options, name, queries, keys):
    """attn-run's statistics."""
    shapes = [(QUERY_HEADS, queries), (KV_HEADS, keys), (KV_HEADS, keys)]
    inputs = [f"--input=1x{heads}x{length}x{HEAD_DIM}xf32=random:{seed}"
              for seed, (heads, length) in enumerate(shapes)]
    with tempfile.TemporaryDirectory() as folder:
        stats = pathlib.Path(folder, "stats.json")
        run_tool([options.tools / "attn-run", HERE / f"{name}.mlir", *inputs,
                  f"--output=@{folder}/o.npy", f"--repeat={options.repeat}",
                  f"--check-rows={options.check_rows}",
                  f"--threads={options.threads}", f"--stats={stats}"])
        return json.loads(stats.read_text())


def format_bytes(count):
    for unit in ["bytes", "KiB", "MiB"]:
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} GiB"


def get_cpu_name():
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def print_case(options, stats, queries, keys, rate):
    seconds = stats["median_ms"] / 1e3
    scores = QUERY_HEADS * queries * keys * 4
    print(f"  time         {stats['median_ms']:.1f} ms, median of {stats['runs']};"
          f" compiled in {stats['compile_ms']:.0f} ms")
    print(f"  {rate(stats, seconds)}")
    print(f"  memory       {format_bytes(stats['peak_extra_bytes'])} beside inputs and output;"
          f" the score matrix would take {format_bytes(scores)}")
    checked = min(options.check_rows, queries)
    print(f"  max error    {stats['max_error']:.1e} against float64,"
          f" {checked} {'query' if checked == 1 else 'queries'} of every head", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompt", type=int, default=8192, metavar="N",
                        help="tokens of the prompt (default: %(default)s)")
    parser.add_argument("--context", type=int, default=32768, metavar="N",
                        help="tokens that the decode step reads (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, metavar="N",
                        help="threads (default: all that the process may use)")
    parser.add_argument("--repeat", type=int, default=3, metavar="N",
                        help="timed runs (default: %(default)s)")
    parser.add_argument("--check-rows", type=int, default=16, metavar="N",
                        help="queries of each head to compare (default: %(default)s)")
    parser.add_argument("--tools", type=pathlib.Path, metavar="FOLDER",
                        default=HERE.parent.parent / "build" / "bin",
                        help="where attn-run and machine_peak are (default: build/bin)")
    options = parser.parse_args()
    for name in ["prompt", "context", "repeat", "check_rows"]:
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} is {getattr(options, name)}, expected 1 or more")
    if options.threads < 0:
        parser.error(f"--threads is {options.threads}, expected 0 or more")

    machine = Machine(options)
    options.threads = machine.threads
    plural = "" if machine.threads == 1 else "s"
    print(f"Llama 3.1 8B's attention on {get_cpu_name()}, {machine.threads} thread{plural},"
          f" {machine.vectors}", flush=True)

    def compute_rate(stats, seconds):
        rate = stats["flops"] / seconds / 1e9
        return (f"arithmetic   {rate:.0f} GFLOP/s, {rate / machine.flops:.0%} of FMA peak"
                f" ({machine.flops:.0f} GFLOP/s)")

    def read_rate(stats, seconds):
        rate = stats["bytes"] / seconds / 1e9
        return (f"reading      {rate:.1f} GB/s, {rate / machine.read:.0%} of read bandwidth"
                f" ({machine.read:.1f} GB/s)")

    heads = f"{QUERY_HEADS} query heads, {KV_HEADS} KV heads, head_dim {HEAD_DIM}, f32"
    print(f"\nprefill: {options.prompt} tokens, causal, {heads}", flush=True)
    stats = run_attention(options, "prefill", options.prompt, options.prompt)
    machine.measure()
    print_case(options, stats, options.prompt, options.prompt, compute_rate)
    print(f"\ndecode: 1 query at {options.context} tokens, {heads}", flush=True)
    stats = run_attention(options, "decode", 1, options.context)
    machine.measure()
    print_case(options, stats, 1, options.context, read_rate)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Print what attn's GPU kernels cost: registers, machine code, memory accesses.

Needs no GPU: ptxas and nvdisasm say what the code is, the emulator counts what
it does. With --limits it fails where a figure is above its bound. --variants is
for all that the op can say, and asks the compilers alone.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import sys
import tempfile

from attngpu import kernels, measure, report, variants

HERE = pathlib.Path(__file__).resolve().parent


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", default="", metavar="REGEX",
                        help="kernels to report on (default: all)")
    parser.add_argument("--variants", action="store_true",
                        help="report on the kernels of the op's variants; more than 0 bytes of "
                             "spills are an error")
    parser.add_argument("--chips", default="sm_80,sm_89", metavar="LIST",
                        help="chips, with commas (default: %(default)s)")
    parser.add_argument("--limits", type=pathlib.Path, metavar="FILE.json",
                        help="fail where a figure is above its bound")
    parser.add_argument("--output", type=pathlib.Path, metavar="FILE.json",
                        help="write all figures as JSON")
    parser.add_argument("--tools", type=pathlib.Path, metavar="FOLDER",
                        default=HERE.parent / "build" / "bin",
                        help="where attn-translate and attn-run are (default: build/bin)")
    parser.add_argument("--list", action="store_true", help="print the kernels and stop")
    options = parser.parse_args()
    try:
        re.compile(options.kernels)
    except re.error as error:
        parser.error(f"--kernels is no regular expression: {error}")
    return options


def main():
    options = parse_options()
    table = variants.KERNELS if options.variants else kernels.KERNELS
    chosen = [kernel for kernel in table if re.search(options.kernels, kernel.name)]
    if options.list:
        print("\n".join(kernel.name for kernel in chosen))
        return 0
    if not chosen:
        print(f"gpu_report: error: no kernel matches --kernels={options.kernels}, expected one of "
              + ", ".join(kernel.name for kernel in table), file=sys.stderr)
        return 1
    limits = json.loads(options.limits.read_text()) if options.limits else {}
    if options.variants:
        limits = {kernel.name: {"*": {"spill_bytes": 0}} for kernel in chosen} | limits
    try:
        for tool in ["ptxas", "nvdisasm"]:
            measure.find_tool(tool)
        for tool in ["attn-translate", "attn-run"]:
            measure.find_tool(tool, options.tools)
    except measure.Failure as failure:
        print(f"gpu_report: error: {failure}", file=sys.stderr)
        return 1
    # Times are for one at a time.
    workers = os.cpu_count() if options.variants else 1
    measured = measure.compile_kernel if options.variants else measure.measure
    with (tempfile.TemporaryDirectory() as folder,
          concurrent.futures.ThreadPoolExecutor(workers) as executor):
        def get_row(job):
            kernel, chip = job
            try:
                return measured(kernel, chip, options.tools, folder)
            except measure.Failure as failure:
                return {"kernel": kernel.name, "chip": chip, "reason": str(failure)}
        rows = list(executor.map(get_row, [(kernel, chip) for kernel in chosen
                                           for chip in options.chips.split(",")]))
    print(report.make_table(rows))
    print(report.make_mixes(rows), end="")
    if options.output:
        options.output.write_text(json.dumps(rows, indent=1) + "\n")
    violations = report.find_violations(rows, limits)
    for violation in violations:
        print(f"gpu_report: error: {violation}", file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())

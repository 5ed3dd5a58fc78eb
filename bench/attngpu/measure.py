"""Runs the tools: our compiler, ptxas, nvdisasm and the emulator."""

import glob
import json
import os
import pathlib
import shutil
import subprocess
import sysconfig
import time

from attngpu import sass


class Failure(Exception):
    """A tool is missing or failed; the text is one line."""


def find_tool(name, folder=None):
    """A tool in `folder`, on the path, in CUDA's toolkit or among PyPI's packages."""
    places = [folder] if folder else [
        None, os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin"),
        *glob.glob(os.path.join(sysconfig.get_paths()["purelib"], "nvidia", "*", "bin"))]
    for place in places:
        if found := shutil.which(name, path=place and str(place)):
            return found
    hint = "; it is in PyPI's nvidia-cuda-nvdisasm" if name == "nvdisasm" else ""
    raise Failure(f"no {name} {'in ' + str(folder) if folder else 'on the path or in CUDA_HOME'}"
                  + hint)


def run(command):
    """The output of a command, both streams; an error is its first line."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Failure(next((line for line in lines if "error" in line),
                           lines[0] if lines else f"{command[0]} failed"))
    return done.stdout + done.stderr


def compile_kernel(kernel, chip, tools, folder):
    """What the compilers say of a kernel for a chip, as a flat dictionary."""
    source = pathlib.Path(folder) / f"{kernel.name}.mlir"
    ptx = source.with_suffix(f".{chip}.ptx")
    cubin = source.with_suffix(f".{chip}.cubin")
    source.write_text(kernel.mlir)
    begin = time.perf_counter()
    run([find_tool("attn-translate", tools), "--emit=ptx", f"--chip={chip}", source, "-o", ptx])
    between = time.perf_counter()
    resources = run([find_tool("ptxas"), "-v", f"-arch={chip}", ptx, "-o", cubin])
    end = time.perf_counter()
    figures = {"kernel": kernel.name, "chip": chip, **sass.parse_resources(resources),
               "ptx_ms": round((between - begin) * 1e3), "ptxas_ms": round((end - between) * 1e3)}
    loops = sass.find_loops(run([find_tool("nvdisasm"), "-c", cubin]))
    if main := sass.find_main_loop(loops):
        products = round(main.products * kernel.share_of_products)
        figures |= {"loop_instructions": main.instructions, "loop_products": products,
                    "instructions_per_product": round(main.instructions / products, 3),
                    "path_per_product": round(main.path / products, 3),
                    "loop_local_accesses": main.local_accesses, "loop_mix": dict(main.mix)}
    return figures


def measure(kernel, chip, tools, folder):
    """All figures of a kernel on a chip, as a flat dictionary."""
    figures = compile_kernel(kernel, chip, tools, folder)
    return figures | emulate(kernel, chip, tools, pathlib.Path(folder) / f"{kernel.name}.mlir")


def emulate(kernel, chip, tools, source):
    """The emulator's counters over all launches of one call."""
    stats = source.with_suffix(f".{chip}.json")
    output = source.with_suffix(".npy")
    run([find_tool("attn-run", tools), source, "--device=ptx", f"--target={chip}",
         f"--stats={stats}", f"--output=@{output}",
         *(f"--input={value}" for value in kernel.inputs)])
    launches = json.loads(stats.read_text())["launches"]

    def total(*path):
        result = 0
        for launch in launches:
            value = launch
            for key in path:
                value = value.get(key, {}) if key != path[-1] else value.get(key, 0)
            result += value
        return result

    def count(opcode):
        return sum(number for launch in launches for name, number in launch["opcodes"].items()
                   if name.split(".")[0] == opcode)

    blocks = sum(x * y * z for x, y, z in (launch["grid"] for launch in launches))
    accesses = total("spaces", "global", "accesses")
    moved = total("spaces", "global", "bytes_read") + total("spaces", "global", "bytes_written")
    return {"shared_bytes": max(launch["shared_bytes"] for launch in launches),
            "warp_instructions": total("total", "issued"), "products": total("total", "mma_ops"),
            # Every score has an exponential.
            "compares_per_score": round(count("setp") / max(count("ex2"), 1), 3),
            "bank_conflicts": total("spaces", "shared", "bank_conflicts"),
            "bytes_read": total("spaces", "global", "bytes_read"),
            "bytes_read_ratio": round(total("spaces", "global", "bytes_read")
                                      / kernel.ideal_bytes_read(blocks), 3),
            "bytes_written_ratio": round(total("spaces", "global", "bytes_written")
                                         / kernel.output_bytes, 3),
            "sectors_ratio": round(total("spaces", "global", "sectors")
                                   / max(total("spaces", "global", "ideal_sectors"), 1), 3),
            "bytes_per_access": round(moved / max(accesses, 1), 2),
            # Against accesses of 16 bytes.
            "accesses_ratio": round(16 * accesses / max(moved, 1), 3)}

#!/usr/bin/env python3
"""Run kernels for aarch64 on any machine, by qemu, and compare with float64.

    check.py BUILD [CPU...]

CPU is LLVM's name of an aarch64 CPU: apple-m2 and neoverse-v2 without. Each
kernel goes through attn-opt, attn-translate and LLVM's opt and llc, is linked
with driver.c and run. Needs Debian's qemu-user, libc6-dev-arm64-cross and
libgcc-12-dev-arm64-cross, which no other test needs.

Prints the largest error for each CPU and element type, in roundings (2^-24 for
f32, 2^-11 for f16, 2^-8 for bf16) of the largest value; fails where a kernel
exceeds the bound of the end-to-end tests: one rounding of an f16 or bf16 result
and 16 of f32.
"""

import argparse
import itertools
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
LLVM = pathlib.Path("/usr/lib/llvm-22/bin")
TARGET = "aarch64-linux-gnu"
LIBRARY = pathlib.Path("/usr") / TARGET / "lib"
PACKAGES = ["qemu-user", "libc6-dev-arm64-cross", "libgcc-12-dev-arm64-cross"]
# Query heads, KV heads, queries, keys, head_dim.
SHAPES = [(4, 2, 33, 77, 64), (2, 2, 64, 64, 36), (8, 2, 1, 300, 128),
          (2, 1, 17, 1, 80), (1, 1, 3, 130, 256)]
FORMS = ["", "causal", "causal window(31, 0) softcap(20.0)"]
# What rounding to a type changes at most, relative to the number.
ROUNDOFF = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
F32_ROUNDINGS = 16


def run(*command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit status {result.returncode}\n"
                 f"{result.stderr}")


def get_reference(query, key, value, form):
    """The definition, step by step, in float64; causal is bottom-right."""
    query, key, value = (tensor.astype(np.float64) for tensor in (query, key, value))
    group = query.shape[0] // key.shape[0]
    key, value = np.repeat(key, group, 0), np.repeat(value, group, 0)
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
    if "softcap" in form:
        scores = 20 * np.tanh(scores / 20)
    queries, keys = scores.shape[1:]
    i = np.arange(queries)[:, None] + keys - queries
    j = np.arange(keys)
    keep = np.ones((queries, keys), bool)
    if "causal" in form:
        keep &= j <= i
    if "window" in form:
        keep &= j >= i - 31
    scores = np.where(keep, scores, -np.inf)
    maximum = scores.max(-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isinf(maximum), 0, maximum))
    total = weights.sum(-1, keepdims=True)
    return weights / np.where(total == 0, 1, total) @ value


def make_tensor(generator, shape, element):
    """Random numbers that the element type holds, as f32, and their bytes."""
    tensor = generator.standard_normal(shape).astype(np.float32)
    if element == "f16":
        half = tensor.astype(np.float16)
        return half.astype(np.float32), half.tobytes()
    if element == "bf16":
        half = (tensor.view(np.uint32) >> 16).astype(np.uint16)
        return widen(half), half.tobytes()
    return tensor, tensor.tobytes()


def widen(bf16):
    return (bf16.astype(np.uint32) << 16).view(np.float32)


def read_tensor(file, shape, element):
    data = file.read_bytes()
    if element == "bf16":
        return widen(np.frombuffer(data, np.uint16)).reshape(shape)
    return np.frombuffer(data, np.float16 if element == "f16" else np.float32).reshape(shape)


def compile_kernel(build, folder, cpu, shape, element, form):
    query_heads, kv_heads, queries, keys, head_dim = shape
    query = f"tensor<1x{query_heads}x{queries}x{head_dim}x{element}>"
    key = f"tensor<1x{kv_heads}x{keys}x{head_dim}x{element}>"
    (folder / "sdpa.mlir").write_text(
        f"func.func @sdpa(%q: {query}, %k: {key}, %v: {key}) -> {query}\n"
        "    attributes {llvm.emit_c_interface} {\n"
        f"  %o = attn.sdpa query(%q) key(%k) value(%v) {form}\n"
        f"      : ({query}, {key}, {key}) -> {query}\n"
        f"  return %o : {query}\n}}\n")
    target = [f"-mtriple={TARGET}", f"-mcpu={cpu}"]
    run(build / "bin/attn-opt", f"--attn-to-cpu=target-cpu={cpu} threads=1",
        "sdpa.mlir", "-o", "llvm.mlir", folder=folder)
    run(build / "bin/attn-translate", "--mlir-to-llvmir", "llvm.mlir", "-o", "sdpa.ll",
        folder=folder)
    run(LLVM / "opt", "-O3", *target, "sdpa.ll", "-o", "sdpa.bc", folder=folder)
    run(LLVM / "llc", "-O3", *target, "-filetype=obj", "sdpa.bc", "-o", "sdpa.o",
        folder=folder)
    run(LLVM / "clang", f"--target={TARGET}", "-fuse-ld=lld", "-static", "-nostdlib",
        LIBRARY / "crt1.o", LIBRARY / "crti.o", "driver.o", "sdpa.o", f"-L{LIBRARY}",
        f"-L/usr/lib/gcc-cross/{TARGET}/12", "-Wl,--start-group", "-lm", "-lc", "-lgcc",
        "-lgcc_eh", "-Wl,--end-group", LIBRARY / "crtn.o", "-o", "sdpa", folder=folder)


def check(build, folder, generator, cpu, shape, element, form):
    """The error and its bound, in roundings of the largest value."""
    query_heads, kv_heads, queries, keys, head_dim = shape
    compile_kernel(build, folder, cpu, shape, element, form)
    tensors = []
    for name, heads, seqlen in (("q", query_heads, queries), ("k", kv_heads, keys),
                                ("v", kv_heads, keys)):
        tensor, data = make_tensor(generator, (heads, seqlen, head_dim), element)
        (folder / f"{name}.bin").write_bytes(data)
        tensors.append(tensor)
    run("qemu-aarch64", "-cpu", "max", folder / "sdpa", str(4 if element == "f32" else 2),
        *map(str, shape), folder=folder)
    output = read_tensor(folder / "o.bin", (query_heads, queries, head_dim), element)
    error = np.abs(output - get_reference(*tensors, form)).max() / np.abs(tensors[2]).max()
    bound = F32_ROUNDINGS * ROUNDOFF["f32"] + (ROUNDOFF[element] if element != "f32" else 0)
    return error / ROUNDOFF[element], bound / ROUNDOFF[element]


def check_tools():
    """Ends with the one line that installs what is missing."""
    if not shutil.which("qemu-aarch64") or not (LIBRARY / "crt1.o").exists():
        sys.exit("check.py: error: no qemu-aarch64 with aarch64's C library; on Debian: "
                 f"apt-get install {' '.join(PACKAGES)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("cpu", nargs="*", default=["apple-m2", "neoverse-v2"])
    arguments = parser.parse_args()
    check_tools()
    build = arguments.build.resolve()
    generator = np.random.default_rng(0)
    failed = count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(LLVM / "clang", f"--target={TARGET}", "-O1", "-isystem", f"/usr/{TARGET}/include",
            "-c", HERE / "driver.c", "-o", "driver.o", folder=folder)
        for cpu, element in itertools.product(arguments.cpu, ROUNDOFF):
            largest = 0
            for shape, form in itertools.product(SHAPES, FORMS):
                error, bound = check(build, folder, generator, cpu, shape, element, form)
                largest = max(largest, error)
                count += 1
                # Not a number is no success either.
                if not error <= bound:
                    failed += 1
                    print(f"FAIL: {cpu} {element} {shape} {form}: {error:.3g} roundings, "
                          f"expected at most {bound:.3g}")
            print(f"{cpu} {element}: max error {largest:.3g} roundings of the largest value",
                  flush=True)
    print(f"{count - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

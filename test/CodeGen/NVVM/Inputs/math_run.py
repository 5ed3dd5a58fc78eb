"""Runs functions of `math` on the emulator and compares with float64.

The emulator's approximate instructions are as good as the host's, so that this
is about the code around them.
"""

import math
import pathlib
import subprocess
import sys

import numpy as np

MODULE = """
module attributes {{gpu.container_module}} {{
gpu.module @kernels {{
gpu.func @apply(%x: memref<?xf32>, %out: memref<?xf32>) kernel
    attributes {{known_block_size = array<i32: 256, 1, 1>}} {{
  %block = gpu.block_id x
  %thread = gpu.thread_id x
  %c256 = arith.constant 256 : index
  %first = arith.muli %block, %c256 : index
  %i = arith.addi %first, %thread : index
  %value = memref.load %x[%i] : memref<?xf32>
  %result = math.{name} %value fastmath<{flags}> : f32
  memref.store %result, %out[%i] : memref<?xf32>
  gpu.return
}}
}}
func.func @main(%x: memref<?xf32>) -> memref<?xf32> {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %out = memref.alloc(%n) : memref<?xf32>
  %blocks = arith.divui %n, %c256 : index
  gpu.launch_func @kernels::@apply blocks in (%blocks, %c1, %c1) threads in (%c256, %c1, %c1)
      args(%x : memref<?xf32>, %out : memref<?xf32>)
  return %out : memref<?xf32>
}}
}}
"""

REFERENCES = {"erf": np.vectorize(math.erf), "rsqrt": lambda x: 1 / np.sqrt(x),
              "roundeven": np.rint, "absf": np.abs}
ANYWHERE, POSITIVE, TURN = "anywhere", "positive", "turn"
# Function, flags, arguments, and how wrong it may be: in ulp, or absolutely.
CASES = [
    ("exp2", "none", ANYWHERE, 2, 0), ("exp2", "afn", ANYWHERE, 2, 0),
    ("exp", "none", ANYWHERE, 2, 0), ("exp", "afn", ANYWHERE, 90, 0),
    ("tanh", "none", ANYWHERE, 4, 0), ("tanh", "afn", ANYWHERE, 0, 2**-22),
    ("log2", "none", POSITIVE, 2, 0), ("log2", "afn", POSITIVE, 2, 2**-22),
    ("log", "none", POSITIVE, 2, 0), ("log", "afn", POSITIVE, 3, 2**-22),
    ("log10", "none", POSITIVE, 3, 0), ("log10", "afn", POSITIVE, 4, 2**-22),
    ("sqrt", "none", POSITIVE, 0.5, 0), ("sqrt", "afn", POSITIVE, 2, 0),
    ("rsqrt", "none", POSITIVE, 2, 0), ("rsqrt", "afn", POSITIVE, 2, 0),
    ("sin", "none", TURN, 0, 2**-22), ("sin", "afn", TURN, 0, 2**-20),
    ("cos", "none", TURN, 0, 2**-22), ("cos", "afn", TURN, 0, 2**-20),
    ("erf", "none", ANYWHERE, 4, 0), ("log1p", "none", POSITIVE, 2, 0),
    ("expm1", "none", ANYWHERE, 4, 0), ("roundeven", "none", ANYWHERE, 0, 0),
    ("floor", "none", ANYWHERE, 0, 0), ("absf", "none", ANYWHERE, 0, 0),
]


def make_arguments(domain):
    random = np.random.default_rng(1)
    if domain == TURN:
        return random.uniform(-math.pi, math.pi, 1024).astype(np.float32)
    if domain == POSITIVE:
        values = np.concatenate([random.uniform(0.5, 2, 512), np.exp(random.uniform(-80, 80, 509)),
                                 [0, 1, np.inf]])
        return values.astype(np.float32)
    values = np.concatenate([random.uniform(-88, 88, 506), random.uniform(-1, 1, 256),
                             random.uniform(-1e-3, 1e-3, 256),
                             [0, -0.0, np.inf, -np.inf, np.nan, 1000]])
    return values.astype(np.float32)


def main():
    attn_run, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    source, inputs, output = folder / "f.mlir", folder / "x.npy", folder / "y.npy"
    for name, flags, domain, ulps, absolute in CASES:
        x = make_arguments(domain)
        np.save(inputs, x)
        source.write_text(MODULE.format(name=name, flags=flags))
        subprocess.run([attn_run, source, "--device=ptx", f"--input=@{inputs}",
                        f"--output=@{output}"], check=True)
        found = np.load(output).astype(np.float64)
        with np.errstate(all="ignore"):
            expected = REFERENCES.get(name, getattr(np, name, None))(x.astype(np.float64))
            rounded = expected.astype(np.float32)
            # An infinity or NaN must be one; the rest is a number.
            special = ~np.isfinite(rounded)
            same = (found[special] == rounded[special]) | np.isnan(found[special]) & np.isnan(rounded[special])
            error = np.abs(found - expected)[~special]
            ulp = np.maximum(np.spacing(np.abs(rounded[~special])).astype(np.float64), 2.0**-149)
        # Results that .ftz takes for 0 are as wrong as the least normal number.
        bound = np.maximum(ulps * ulp, absolute) + (2.0**-126 if flags == "afn" else 0)
        worst = np.argmax(error - bound)
        if not same.all() or error[worst] > bound[worst]:
            where = x[special][~same] if not same.all() else x[~special][worst]
            sys.exit(f"{name} {flags}: wrong at {where}: error {error[worst]}, bound {bound[worst]}")
        print(name, flags, "good")


main()

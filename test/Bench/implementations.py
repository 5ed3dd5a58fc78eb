# REQUIRES: numpy
# RUN: env PYTHONPATH=%attn_source/bench %python %s %attn_binary/bin %t
"""The benchmark's own way to run attn: sources for each kind of case, checked."""

import pathlib
import shutil
import sys

import numpy as np
from attnbench import cases, implementations
from attnbench.cases import Case

tools, folder = map(pathlib.Path, sys.argv[1:])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)

for case in [Case("causal", 4, 2, 37, 37, 16, causal=True),
             Case("window", 2, 2, 40, 40, 16, causal=True, window=5),
             Case("decode", 8, 2, 1, 65, 16),
             Case("half", 2, 2, 20, 20, 16, element="f16", single_thread=True)]:
    for name, array in zip("qkv", cases.make_arrays(case)):
        np.save(folder / f"{name}.npy", array)
    ours = implementations.Ours(tools, case, folder, 1)
    checked = ours.check(rows=9)
    assert checked["max_error"] < (1e-3 if case.element == "f16" else 1e-6), (case.name, checked)
    assert checked["peak_extra_bytes"] >= 0
    assert ours.run(2) > 0
    assert len(ours.compile_ms) == 2

# A failure carries attn-run's own message.
(folder / "v.npy").unlink()
try:
    ours.run(1)
    sys.exit("a missing input is no error")
except implementations.Failed as error:
    assert "v.npy" in str(error), error

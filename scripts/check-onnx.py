#!/usr/bin/env python3
"""Run ONNX's own backend tests of attention through attn-run.

    check-onnx.py BUILD [--operators | --cases=FOLDER] [REGEX]

The cases are those of onnx.backend.test.case.node for Attention and
FlexAttention: the operators themselves, and the same expanded into plain
operators, in which attn-raise has to find attention. The package `onnx`, in
BUILD/onnx-venv, writes them to BUILD/onnx-cases; with --cases they are read
from a folder that was written before, without the package. With --operators the
cases are those of all other operators that docs/ONNX.md lists.

Prints a line for each failure with its reason, and how many passed; fails
where one failed.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements-onnx.txt"
# The module linear_attention is about another operator.
PATTERN = re.compile("test_(?!linear_attention)(attention|flexattention)(_|$)")
# Numbers of TensorProto.DataType: floats, signed integers and bool.
TYPES = {1, 3, 5, 6, 7, 9, 10, 11, 16}
DOCUMENT = HERE.parent / "docs" / "ONNX.md"
# The tolerances of every case, and the suite's for bf16: two units.
RTOL, ATOL, RTOL_BF16 = 1e-3, 1e-7, 2**-6
TIME_LIMIT_SECONDS = 300


def enter_environment(build):
    """Go on in the environment that has the suite and NumPy, made where it is
    not there."""
    folder = build / "onnx-venv"
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        print("check-onnx: installing onnx", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        installed.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != folder:
        os.execv(python, [python, *sys.argv])


def is_selected(case, operators):
    """Whether a case is of attention, or of the other operators if these are
    given."""
    if operators is None:
        return PATTERN.match(case.name)
    graph = case.model.graph
    names = {node.op_type for node in graph.node}
    types = {value.type.tensor_type.elem_type for value in [*graph.input, *graph.output]}
    return names <= operators and types <= TYPES and "attention" not in case.name


def write_cases(folder, operators=None):
    """Write the suite's cases: a model and arrays each. Needs the package."""
    import warnings

    import numpy
    import onnx
    import onnx.backend.test.case.node as suite

    with warnings.catch_warnings():
        # The generators of other operators divide by zero on purpose.
        warnings.simplefilter("ignore")
        cases = suite.collect_testcases(None)
    shutil.rmtree(folder, ignore_errors=True)
    for case in cases:
        if not is_selected(case, operators):
            continue
        if (case.rtol, case.atol, len(case.data_sets)) != (RTOL, ATOL, 1):
            sys.exit(f"check-onnx: {case.name} has tolerances or data sets of its own")
        (folder / case.name).mkdir(parents=True)
        onnx.save(case.model, folder / case.name / "model.onnx")
        for kind, arrays in zip(("in", "out"), case.data_sets[0]):
            for i, array in enumerate(arrays):
                if isinstance(array, onnx.TensorProto):
                    array = onnx.numpy_helper.to_array(array)
                array = numpy.asarray(array)
                # bf16 is none of NumPy's types.
                if array.dtype.name == "bfloat16":
                    array = array.view("V2")
                numpy.save(folder / case.name / f"{kind}{i}.npy", array)


def get_last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def load_arrays(folder, kind):
    import numpy

    arrays = []
    while (path := folder / f"{kind}{len(arrays)}.npy").exists():
        arrays.append(numpy.load(path))
    return arrays


def compare(found, expected):
    """Why two arrays differ, by the rule of the suite's own runner."""
    import numpy

    if found.shape != expected.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    if found.dtype != expected.dtype:
        return f"type {found.dtype}, expected {expected.dtype}"
    rtol = RTOL
    if found.dtype.kind == "V":
        rtol = RTOL_BF16
        found, expected = ((array.view("u2").astype("u4") << 16).view("f4")
                           for array in (found, expected))
    found, expected = found.astype("f8"), expected.astype("f8")
    wrong = ~numpy.isclose(found, expected, rtol=rtol, atol=ATOL, equal_nan=True)
    if not wrong.any():
        return None
    at = tuple(int(i) for i in numpy.argwhere(wrong)[0])
    return (f"{wrong.sum()} of {wrong.size} elements differ, first {at}: "
            f"{found[at]}, expected {expected[at]}")


def check_raised(build, model):
    """Why attention is not one operation once attn-raise has run. A program
    that shows its scores keeps what computes them."""
    imported = subprocess.run([build / "bin/attn-translate", "--import-onnx", model],
                              capture_output=True, text=True)
    if imported.returncode:
        return get_last_line(imported.stderr)
    if re.search(r'attn\.name = "\w*qk_matmul', imported.stdout):
        return None
    raised = subprocess.run([build / "bin/attn-opt", "--canonicalize", "--attn-raise=explain"],
                            input=imported.stdout, capture_output=True, text=True)
    if raised.returncode:
        return get_last_line(raised.stderr)
    if "attn.sdpa" in raised.stdout:
        return None
    remarks = re.findall("remark: (.*)", raised.stderr)
    return "is not raised: " + (remarks[0] if remarks else "no softmax is found")


def run_case(build, case):
    """Why the case fails, or None."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = load_arrays(case, "out")
        command = [build / "bin/attn-run", case / "model.onnx"]
        command += [f"--input=@{case}/in{i}.npy" for i in range(len(load_arrays(case, "in")))]
        command += [f"--output=@{folder}/out{i}.npy" for i in range(len(outputs))]
        try:
            result = subprocess.run(command, capture_output=True, text=True,
                                    timeout=TIME_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"runs for more than {TIME_LIMIT_SECONDS} seconds"
        if result.returncode:
            return get_last_line(result.stderr)
        found = load_arrays(pathlib.Path(folder), "out")
    for i, expected in enumerate(outputs):
        if reason := compare(found[i], expected):
            return f"output {i}: {reason}"
    if PATTERN.match(case.name) and "_expanded" in case.name:
        return check_raised(build, case / "model.onnx")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("regex", nargs="?", default="")
    parser.add_argument("--cases", type=pathlib.Path, metavar="FOLDER",
                        help="cases that were written before")
    parser.add_argument("--operators", action="store_true",
                        help="the cases of the other operators")
    arguments = parser.parse_intermixed_args()
    build = arguments.build.resolve()
    kind = "onnx-operator-cases" if arguments.operators else "onnx-cases"
    folder = (arguments.cases or build / kind).resolve()
    if not (build / "bin/attn-run").exists():
        sys.exit(f"check-onnx: no attn-run in '{build}/bin', expected a build")
    if not arguments.cases:
        enter_environment(build)
        operators = set(re.findall(r"^\| (\w+) \|", DOCUMENT.read_text(), re.M))
        write_cases(folder, operators if arguments.operators else None)
    pattern = re.compile(arguments.regex)
    counts = {"direct": [0, 0], "expanded": [0, 0]}
    for case in sorted(folder.glob("*")):
        if not pattern.search(case.name):
            continue
        reason = run_case(build, case)
        counts["expanded" if "_expanded" in case.name else "direct"][reason is not None] += 1
        if reason:
            print(f"FAIL {case.name}: {reason}", flush=True)
    for kind, (passed, failed) in counts.items():
        print(f"{kind}: {passed} passed, {failed} failed")
    passed, failed = (sum(count) for count in zip(*counts.values()))
    print(f"{passed} passed, {failed} failed")
    # A pattern that matches nothing tests nothing.
    sys.exit(failed != 0 or passed == 0)


if __name__ == "__main__":
    main()

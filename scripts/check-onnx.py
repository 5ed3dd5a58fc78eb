#!/usr/bin/env python3
"""Run ONNX's own backend tests of attention through attn-run.

    check-onnx.py BUILD [REGEX]

The cases are those of onnx.backend.test.case.node for Attention and
FlexAttention: the operators themselves, and the same expanded into plain
operators, whose attention attn-raise has to find. The package `onnx` is
installed in BUILD/onnx-venv. Prints a line for each failure with its reason,
and how many passed; fails where one failed.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements-onnx.txt"
MODULES = ("attention", "flexattention")
# Outputs of Attention beside the result that show the score matrix: where a
# program asks for it, what computes it stays.
QK_MATMUL_OUTPUT = 3


def enter_environment(build):
    """Run again in the environment that has the suite, made where it is not there."""
    folder = build / "onnx-venv"
    python = folder / "bin" / "python"
    installed = folder / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        print("check-onnx: installing onnx", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
        installed.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != folder.resolve():
        sys.exit(subprocess.run([python, *sys.argv]).returncode)


def collect_cases():
    import onnx.backend.test.case.node as node

    # Importing a module runs its generators, which register their cases.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = node.collect_testcases(None)
    pattern = re.compile(
        "test_(?!linear_attention)(%s)(_|$)" % "|".join(MODULES))
    return [case for case in cases if pattern.match(case.name)]


def is_expanded(case):
    return "_expanded" in case.name


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def save(path, array):
    import numpy

    if array.dtype.name == "bfloat16":
        array = array.view("V2")
    numpy.save(path, array)


def load(path, like):
    import numpy

    array = numpy.load(path)
    return array.view(like.dtype) if like.dtype.name == "bfloat16" else array


def compare(found, expected, rtol, atol):
    """As the suite's own runner does."""
    import numpy

    if found.shape != expected.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    if found.dtype != expected.dtype:
        return f"type {found.dtype}, expected {expected.dtype}"
    if found.dtype.name == "bfloat16":
        rtol = max(rtol, 2**-6)
    found, expected = found.astype(numpy.float64), expected.astype(numpy.float64)
    wrong = ~numpy.isclose(found, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return None
    at = tuple(int(i) for i in numpy.argwhere(wrong)[0])
    return f"{wrong.sum()} of {wrong.size} elements differ, first {at}: {found[at]}, expected {expected[at]}"


def check_raised(build, model):
    """Whether attention is one operation once attn-raise has run."""
    imported = subprocess.run([build / "bin/attn-translate", "--import-onnx", model],
                              capture_output=True, text=True)
    if imported.returncode:
        return last_line(imported.stderr)
    raised = subprocess.run([build / "bin/attn-opt", "--canonicalize", "--attn-raise=explain"],
                            input=imported.stdout, capture_output=True, text=True)
    if raised.returncode:
        return last_line(raised.stderr)
    if "attn.sdpa" not in raised.stdout:
        remarks = [line.split("remark: ")[-1] for line in raised.stderr.splitlines()
                   if "remark: " in line]
        return "is not raised: " + (remarks[0] if remarks else "no softmax is found")
    return None


def run_case(build, case, folder):
    """Why the case fails, or None."""
    import onnx

    model = folder / "model.onnx"
    onnx.save(case.model, model)
    names = [value.name for value in case.model.graph.input]
    shows_scores = sum(bool(v.name) for v in case.model.graph.output) > 1 and any(
        "qk_matmul" in v.name for v in case.model.graph.output)
    for inputs, outputs in case.data_sets:
        command = [build / "bin/attn-run", model]
        for i, (name, value) in enumerate(zip(names, inputs)):
            save(folder / f"in{i}.npy", value)
            command.append(f"--input={name}=@{folder}/in{i}.npy")
        command += [f"--output=@{folder}/out{i}.npy" for i in range(len(outputs))]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if result.returncode:
            return last_line(result.stderr)
        for i, expected in enumerate(outputs):
            found = load(folder / f"out{i}.npy", expected)
            reason = compare(found, expected, case.rtol, case.atol)
            if reason:
                return f"output {i}: {reason}"
    if is_expanded(case) and not shows_scores:
        return check_raised(build, model)
    return None


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: check-onnx.py BUILD [REGEX]")
    build = pathlib.Path(sys.argv[1]).resolve()
    if not (build / "bin/attn-run").exists():
        sys.exit(f"check-onnx: no attn-run in '{build}/bin', expected a build")
    enter_environment(build)
    pattern = re.compile(sys.argv[2] if len(sys.argv) == 3 else "")
    counts = {}
    for case in collect_cases():
        if not pattern.search(case.name):
            continue
        kind = "expanded" if is_expanded(case) else "direct"
        with tempfile.TemporaryDirectory() as folder:
            try:
                reason = run_case(build, case, pathlib.Path(folder))
            except subprocess.TimeoutExpired:
                reason = "runs for more than 300 seconds"
        passed, failed = counts.get(kind, (0, 0))
        counts[kind] = (passed + (not reason), failed + bool(reason))
        if reason:
            print(f"FAIL {case.name}: {reason}", flush=True)
    for kind, (passed, failed) in sorted(counts.items()):
        print(f"{kind}: {passed} passed, {failed} failed")
    passed, failed = (sum(count[i] for count in counts.values()) for i in (0, 1))
    print(f"{passed} passed, {failed} failed")
    # A pattern that matches nothing tests nothing.
    sys.exit(failed != 0 or passed == 0)


if __name__ == "__main__":
    main()

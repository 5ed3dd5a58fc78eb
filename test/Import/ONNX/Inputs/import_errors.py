"""Print the error of attn-translate for each model of a folder.

    import_errors.py FOLDER NAME... -- ENCODER...   models written as text
    import_errors.py FOLDER --all -- ENCODER...     all that are there
    import_errors.py --cut MODEL                    beginnings of a model

Fails where a model is imported, where the error is not one line, or where
something is written.
"""

import pathlib
import subprocess
import sys


def show_error(name, model):
    output = model.with_suffix(".mlir")
    output.unlink(missing_ok=True)
    result = subprocess.run(["attn-translate", "--import-onnx", model, "-o", output],
                            capture_output=True, text=True)
    lines = result.stderr.splitlines()
    if result.returncode != 1 or len(lines) != 1 or result.stdout or output.exists():
        sys.exit(f"{name}: exit status {result.returncode}, {len(lines)} lines: {lines}")
    print(f"{name}: {lines[0].split('.onnx: ', 1)[-1]}")


def main():
    if sys.argv[1] == "--cut":
        model = pathlib.Path(sys.argv[2])
        content = model.read_bytes()
        for size in range(0, len(content), 7):
            part = model.with_name("part.onnx")
            part.write_bytes(content[:size])
            show_error("cut", part)
        return
    split = sys.argv.index("--")
    folder = pathlib.Path(sys.argv[1])
    names = sys.argv[2:split]
    if names == ["--all"]:
        names = sorted(path.stem for path in folder.glob("*.textproto"))
    for name in names:
        model = folder / f"{name}.onnx"
        with open(folder / f"{name}.textproto") as text, open(model, "wb") as binary:
            subprocess.run(sys.argv[split + 1:], stdin=text, stdout=binary, check=True)
        show_error(name, model)


main()

#!/usr/bin/env python3
"""Install the peers of the benchmark in a virtual environment of their own.

A peer that cannot be installed is recorded with the reason, and tried again
the next time; the benchmark lists it as absent.
"""

import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"

# The attempts for a peer, in order: arguments of pip install; and what must
# import afterwards.
PEERS = {
    "onnxruntime": ([["-r", "onnxruntime.txt"]], "onnxruntime, onnx"),
    "iree": ([["-r", "iree.txt"]], "iree.compiler, iree.runtime"),
    "torch": ([["--no-deps", "-r", "torch-no-deps.txt"], ["-r", "torch.txt"]], "torch"),
    "ggml": ([["-r", "ggml.txt"]], "llama_cpp"),
}


def run(command, **options):
    """None where the command succeeds, else the last line it printed."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, cwd=REQUIREMENTS, **options)
    if result.returncode == 0:
        return None
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit status {result.returncode}"


def install(python, peer):
    attempts, modules = PEERS[peer]
    check = [python, "-c", f"import {modules}"]
    if run(check) is None:
        return None
    print(f"bench: installing {peer}", flush=True)
    reason = None
    # llama.cpp is compiled by the compiler that builds this project.
    environment = {"CC": "clang-22", "CXX": "clang++-22", **os.environ}
    for arguments in attempts:
        reason = run([python, "-m", "pip", "install", "-q", *arguments], env=environment)
        reason = reason or run(check)
        if reason is None:
            return None
    print(f"bench: {peer} is absent: {reason}", flush=True)
    return reason


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: install_peers.py FOLDER [PEER...]")
    folder = pathlib.Path(sys.argv[1]).resolve()
    peers = sys.argv[2:] or list(PEERS)
    for peer in peers:
        if peer not in PEERS:
            sys.exit(f"install_peers: unknown peer '{peer}', expected one of {', '.join(PEERS)}")
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    reason = run([python, "-m", "pip", "install", "-q", "-r", "common.txt"])
    if reason:
        sys.exit(f"install_peers: cannot install what the benchmark itself needs: {reason}")
    absent = {peer: reason for peer in peers if (reason := install(python, peer))}
    (folder / "absent.json").write_text(json.dumps(absent, indent=2) + "\n")


if __name__ == "__main__":
    main()

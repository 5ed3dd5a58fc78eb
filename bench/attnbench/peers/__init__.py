"""The implementations that are compared.

Each is a module with NAME, get_version(), and
prepare(case, arrays, threads) -> (run, to_numpy): run() computes the output
in the implementation's own form, which to_numpy makes an array
[1, heads, queries, head_dim]. prepare raises Unsupported where the
implementation cannot do the case.
"""

import importlib

MODULES = {
    "torch": "pytorch",
    "torch_flex": "pytorch_flex",
    "onnxruntime": "onnx_runtime",
    "ggml": "ggml",
    "iree": "iree_runtime",
}


class Unsupported(Exception):
    """The implementation has no way to do a case."""


def load(peer):
    return importlib.import_module(f"{__name__}.{MODULES[peer]}")

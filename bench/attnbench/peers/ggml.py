"""ggml's flash attention, called on the libraries inside llama-cpp-python."""

import ctypes
import glob
import importlib.metadata
import importlib.util
import math
import os

import numpy as np

from . import Unsupported

NAME = "ggml"

# enum ggml_type
F32, F16, BF16 = 0, 1, 30


class InitParams(ctypes.Structure):
    """struct ggml_init_params"""

    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p),
                ("no_alloc", ctypes.c_bool)]


def get_version():
    return "llama-cpp-python " + importlib.metadata.version("llama-cpp-python")


def load_libraries():
    package = os.path.dirname(importlib.util.find_spec("llama_cpp").origin)

    def load(name):
        files = sorted(glob.glob(os.path.join(package, "lib", name + "*")))
        if not files:
            raise Unsupported(f"{name} is not in llama-cpp-python")
        return ctypes.CDLL(files[0], mode=ctypes.RTLD_GLOBAL)

    base, cpu = load("libggml-base.so"), load("libggml-cpu")
    pointer, size = ctypes.c_void_p, ctypes.c_int64
    for library, name, result, arguments in [
            (base, "ggml_init", pointer, [InitParams]),
            (base, "ggml_new_tensor_4d", pointer, [pointer, ctypes.c_int] + [size] * 4),
            (base, "ggml_flash_attn_ext", pointer, [pointer] * 5 + [ctypes.c_float] * 3),
            (base, "ggml_flash_attn_ext_set_prec", None, [pointer, ctypes.c_int]),
            (base, "ggml_get_data", pointer, [pointer]),
            (base, "ggml_new_graph", pointer, [pointer]),
            (base, "ggml_build_forward_expand", None, [pointer, pointer]),
            (cpu, "ggml_graph_compute_with_ctx", ctypes.c_int, [pointer, pointer, ctypes.c_int])]:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    cpu.ggml_cpu_init()
    return base, cpu


def prepare(case, arrays, threads):
    base, cpu = load_libraries()
    query, key, value = arrays
    mask_bytes = 2 * case.queries * case.keys if case.causal else 0
    # Pages that nothing writes cost no memory.
    context = base.ggml_init(InitParams(
        4 * query.size * 3 + key.nbytes + value.nbytes + 2 * mask_bytes + (256 << 20), None, False))

    def put(array, kind):
        tensor = base.ggml_new_tensor_4d(context, kind, *reversed(array.shape))
        array = np.ascontiguousarray(array)
        ctypes.memmove(base.ggml_get_data(tensor), array.ctypes.data, array.nbytes)
        return tensor

    kind = {"f32": F32, "f16": F16, "bf16": BF16}[case.element]
    # Queries are f32 in ggml, whatever the cache holds.
    operands = [put(query.astype(np.float32), F32), put(key, kind), put(value, kind)]
    mask = None
    if case.causal:
        padded = -(-case.queries // 64) * 64
        bias = np.full((1, 1, padded, case.keys), -np.inf, np.float16)
        bias[0, 0, :case.queries][case.keep(range(case.queries))] = 0
        mask = put(bias, F16)
    output = base.ggml_flash_attn_ext(context, *operands, mask, 1 / math.sqrt(case.head_dim), 0.0, 0.0)
    base.ggml_flash_attn_ext_set_prec(output, 10)  # GGML_PREC_F32
    graph = base.ggml_new_graph(context)
    base.ggml_build_forward_expand(graph, output)
    shape = (1, case.queries, case.query_heads, case.head_dim)
    buffer = (ctypes.c_float * math.prod(shape)).from_address(base.ggml_get_data(output))
    result = np.frombuffer(buffer, np.float32).reshape(shape).transpose(0, 2, 1, 3)

    def run():
        if status := cpu.ggml_graph_compute_with_ctx(context, graph, threads):
            raise RuntimeError(f"ggml_graph_compute returned {status}")
        return result

    return run, lambda output: output

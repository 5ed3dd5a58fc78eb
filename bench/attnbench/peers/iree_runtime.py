"""IREE's attention operation, compiled for the host's CPU."""

import importlib.metadata
import math
import time

import iree.compiler
import iree.runtime

from . import Unsupported

NAME = "IREE"


def get_version():
    return importlib.metadata.version("iree-base-compiler")


def make_source(case):
    """Query heads as KV heads x group, so that no key is repeated."""
    element = case.element
    group, kv_heads = case.query_heads // case.kv_heads, case.kv_heads
    query = f"tensor<{kv_heads}x{group}x{case.queries}x{case.head_dim}x{element}>"
    key = f"tensor<{kv_heads}x{case.keys}x{case.head_dim}x{element}>"
    mask = f"tensor<{case.queries}x{case.keys}xi1>"
    masked = case.causal or case.window
    maps = ["(h, g, m, n, k, d) -> (h, g, m, k)", "(h, g, m, n, k, d) -> (h, n, k)",
            "(h, g, m, n, k, d) -> (h, n, d)", "(h, g, m, n, k, d) -> ()"]
    if masked:
        maps.append("(h, g, m, n, k, d) -> (m, n)")
    maps.append("(h, g, m, n, k, d) -> (h, g, m, d)")
    maps = ", ".join(f"affine_map<{text}>" for text in maps)
    operands = "%q, %k, %v, %s" + (", %mask" if masked else "")
    types = f"{query}, {key}, {key}, {element}" + (f", {mask}" if masked else "")
    arguments = f"%q: {query}, %k: {key}, %v: {key}" + (f", %mask: {mask}" if masked else "")
    return f"""
func.func @attention({arguments}) -> {query} {{
  %init = tensor.empty() : {query}
  %s = arith.constant {1 / math.sqrt(case.head_dim)!r} : {element}
  %o = iree_linalg_ext.attention <{{indexing_maps = [{maps}]}}>
      ins({operands} : {types}) outs(%init : {query}) {{
    ^bb0(%score: f32):
      iree_linalg_ext.yield %score : f32
  }} -> {query}
  return %o : {query}
}}"""


def prepare(case, arrays, threads):
    if case.element == "bf16":
        raise Unsupported("no NumPy type to hand it bf16 by")
    begin = time.perf_counter()
    try:
        module = iree.compiler.compile_str(
            make_source(case), target_backends=["llvm-cpu"],
            extra_args=["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"])
    except iree.compiler.CompilerToolError as error:
        lines = [line for line in str(error).splitlines() if "error:" in line]
        raise Unsupported("does not compile: " + (lines[0] if lines else "unknown error")[:200])
    prepare.compile_ms = (time.perf_counter() - begin) * 1e3
    iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    config = iree.runtime.Config("local-task")
    context = iree.runtime.SystemContext(config=config)
    context.add_vm_module(iree.runtime.VmModule.copy_buffer(context.instance, module))
    function = context.modules.module["attention"]
    group = case.query_heads // case.kv_heads
    query = arrays[0].reshape(case.kv_heads, group, case.queries, case.head_dim)
    operands = [query, arrays[1][0], arrays[2][0]]
    if case.causal or case.window:
        operands.append(case.keep(range(case.queries)))
    device = [iree.runtime.asdevicearray(config.device, operand) for operand in operands]
    shape = (1, case.query_heads, case.queries, case.head_dim)
    return lambda: function(*device), lambda output: output.to_host().reshape(shape)

"""ONNX Runtime's Attention operator of opset 23."""

import onnx
import onnxruntime
from onnx import TensorProto, helper

from . import Unsupported

NAME = "ONNX Runtime"


def get_version():
    return onnxruntime.__version__


def prepare(case, arrays, threads):
    if case.element == "bf16":
        raise Unsupported("its CPU provider has no bf16 Attention")
    element = TensorProto.FLOAT if case.element == "f32" else TensorProto.FLOAT16
    feed = dict(zip("QKV", arrays))
    inputs = ["Q", "K", "V"]
    declared = [helper.make_tensor_value_info(name, element, feed[name].shape) for name in inputs]
    if case.window:
        feed["M"] = case.keep(range(case.queries))
        declared.append(helper.make_tensor_value_info("M", TensorProto.BOOL, feed["M"].shape))
        inputs.append("M")
    causal = int(case.causal and not case.window and case.queries == case.keys)
    node = helper.make_node("Attention", inputs, ["Y"], is_causal=causal)
    graph = helper.make_graph([node], "attention", declared,
                              [helper.make_tensor_value_info("Y", element, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)])
    model.ir_version = 10
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feed)[0], lambda output: output

"""PyTorch's scaled_dot_product_attention."""

import torch

NAME = "PyTorch"


def get_version():
    return torch.__version__


def to_tensor(array):
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view("int16")).view(torch.bfloat16)
    return torch.from_numpy(array)


def prepare(case, arrays, threads):
    torch.set_num_threads(threads)
    query, key, value = (to_tensor(array) for array in arrays)
    options = {"enable_gqa": case.query_heads != case.kv_heads}
    if case.window:
        options["attn_mask"] = torch.from_numpy(case.keep(range(case.queries)))
    elif case.causal:
        options["is_causal"] = True

    @torch.no_grad()
    def run():
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, **options)

    return run, lambda output: output.float().numpy()

"""The results as text: a line for each figure, and a table in Markdown."""

import statistics

from .cases import CASES

NAMES = {"ours": "attn", "torch": "PyTorch", "torch_flex": "FlexAttention",
         "onnxruntime": "ONNX Runtime", "ggml": "ggml", "iree": "IREE"}
UNITS = {"flops": "GFLOP/s", "bytes": "GB/s", "memory": "MiB"}


def get_figure(result):
    """What a case is about, in its unit."""
    return {"flops": lambda: result["gflops"], "bytes": lambda: result["gbs"],
            "memory": lambda: result["peak_extra_bytes"] / 2**20}[result["measure"]]()


def find_best_peer(results):
    peers = [result for result in results if result["implementation"] != "ours" and "ms" in result]
    if not peers:
        return None
    key = "peak_extra_bytes" if peers[0]["measure"] == "memory" else "ms"
    return min(peers, key=lambda result: result[key])


def format_line(result):
    name = NAMES[result["implementation"]]
    if "ms" not in result:
        return f"  {name:14s}   {result['reason']}"
    return (f"  {name:14s} {result['ms']:9.2f} ms  {result['gflops']:7.1f} GFLOP/s"
            f"  {result['gbs']:6.2f} GB/s  error {result['max_error']:.1e}"
            f"  (rounds {min(result['rounds']):.2f} to {max(result['rounds']):.2f} ms)")


def describe(case):
    heads = (f"{case.query_heads} head{'' if case.query_heads == 1 else 's'}" if case.query_heads == case.kv_heads
             else f"{case.query_heads}/{case.kv_heads} heads")
    mask = f", window {case.window}" if case.window else ", causal" if case.causal else ""
    length = (f"S {case.queries}" if case.queries == case.keys
              else f"{case.queries} query, {case.keys} keys")
    return f"{heads}, D {case.head_dim}, {length}{mask}, {case.element}"


def format_cell(result):
    if result is None:
        return ""
    if "ms" not in result:
        return "–"
    return f"{get_figure(result):.3g}"


def make_main_table(data, names):
    lines = ["| case | threads | unit | attn | peak | of peak | × best peer |"
             + "".join(f" {NAMES[name]} |" for name in names),
             "|---|---|---|---|---|---|---|" + "---|" * len(names)]
    for case in CASES:
        results = [result for result in data["results"] if result["case"] == case.name]
        if not results:
            continue
        by_name = {result["implementation"]: result for result in results}
        ours = by_name.get("ours")
        best = find_best_peer(results)
        peak = share = ratio = ""
        threads = results[0]["threads"]
        if case.name in data["peaks"]:
            peak = f"{statistics.median(data['peaks'][case.name]):.3g}"
        if ours and "ms" in ours:
            if "of_peak" in ours:
                share = f"{ours['of_peak']:.0%}"
            if best and case.measure != "memory":
                ratio = f"{best['ms'] / ours['ms']:.2f}"
        lines.append(f"| {describe(case)} | {threads} | {UNITS[case.measure]} | "
                     f"{format_cell(ours)} | {peak} | {share} | {ratio} |"
                     + "".join(f" {format_cell(by_name.get(name))} |" for name in names))
    return lines


def make_compile_table(data):
    rows = {}
    for result in data["results"]:
        if result.get("compile_ms") is not None:
            rows.setdefault(result["case"], {})[result["implementation"]] = result["compile_ms"]
    if not rows:
        return []
    names = [name for name in NAMES if any(name in row for row in rows.values())]
    lines = ["", "Compile time in ms, from source to a kernel that is ready:", "",
             "| case | " + " | ".join(NAMES[name] for name in names) + " |",
             "|---|" + "---|" * len(names)]
    for case, row in rows.items():
        cells = (f"{row[name]:.0f}" if name in row else "–" for name in names)
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return lines


def make_markdown(data):
    machine = data["machine"]
    names = [name for name in NAMES
             if name != "ours" and any(r["implementation"] == name for r in data["results"])]
    peaks = "; ".join(f"{peak['threads']} thread{'s' if peak['threads'] > 1 else ''}: "
                      f"{peak['fma_gflops']:.0f} GFLOP/s of f32 multiply-adds, reads {peak['read_gbs']:.1f} GB/s"
                      for peak in machine["peaks"])
    lines = [f"# Attention on {machine['cpu']}", "",
             f"{machine['vectors']}. When this began, {peaks}.", "",
             "Kept work only is counted. Each figure is the median over rounds in which the",
             "implementations took turns on the same arrays; – is explained below. The peak (f32",
             "multiply-adds, or reading memory) took its turn too, right before them: a share is",
             "the median of the rounds' own.", ""]
    lines += make_main_table(data, names)
    notes = [(case, case.note) for case in CASES
             if case.note and any(result["case"] == case.name for result in data["results"])]
    if notes:
        lines += [""] + [f"- {describe(case)}: {note}" for case, note in notes]
    lines += make_compile_table(data)
    versions = {result["implementation"]: result["version"]
                for result in data["results"] if result.get("version")}
    if versions:
        lines += ["", "Versions: " + ", ".join(f"{NAMES[name]} {version}"
                                               for name, version in versions.items()) + "."]
    if data["absent"]:
        lines += ["", "Absent:", ""]
        lines += [f"- {NAMES[name]}: {reason}" for name, reason in data["absent"].items()]
    reasons = [(result["case"], NAMES[result["implementation"]], result["reason"])
               for result in data["results"] if "ms" not in result]
    if reasons:
        lines += ["", "Not measured:", ""]
        lines += [f"- {case}, {name}: {reason}" for case, name, reason in reasons]
    if data["busy"]:
        lines += ["", f"**{data['busy']}**"]
    return "\n".join(lines) + "\n"

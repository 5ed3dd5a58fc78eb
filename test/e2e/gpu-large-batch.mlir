// More batches, or heads, than a launch has blocks along z or y.

// DEFINE: %{run} = attn-run %s --device=ptx --target=sm_89 --check --check-rows=1 --tolerance=2e-3 --output=@%t.npy --stats=%t.json
// DEFINE: %{grids} = %python -c "import json, sys; print(', '.join(' x '.join(map(str, launch['grid'])) for launch in json.load(open(sys.argv[1]))['launches']))" %t.json
// RUN: %{run} --function=static --input=65537x1x1x16xf16=random:1 --input=65537x1x3x16xf16=random:2
// RUN: %{grids} | FileCheck %s --check-prefix=BATCHES
// RUN: %{run} --function=dynamic --input=1x65537x1x16xf16=random:1 --input=1x65537x3x16xf16=random:2
// RUN: %{grids} | FileCheck %s --check-prefix=HEADS
// Split keys are merged for as many.
// RUN: %{run} --function=split --input=65537x1x1x16xf16=random:1 --input=65537x1x17x16xf16=random:2
// RUN: %{grids} | FileCheck %s --check-prefix=SPLIT

// BATCHES: {{^}}1 x 1 x 65535, 1 x 1 x 2{{$}}
// HEADS: {{^}}1 x 65535 x 1, 1 x 2 x 1{{$}}
// SPLIT: {{^}}2 x 1 x 65535, 2 x 1 x 2, 1 x 1 x 65535, 1 x 1 x 2{{$}}

func.func @static(%q: tensor<65537x1x1x16xf16>, %kv: tensor<65537x1x3x16xf16>) -> tensor<65537x1x1x16xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>)
    : (tensor<65537x1x1x16xf16>, tensor<65537x1x3x16xf16>, tensor<65537x1x3x16xf16>) -> tensor<65537x1x1x16xf16>
  return %o : tensor<65537x1x1x16xf16>
}

func.func @dynamic(%q: tensor<?x?x?x16xf16>, %kv: tensor<?x?x?x16xf16>) -> tensor<?x?x?x16xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 1, query_in_registers = true>)
    : (tensor<?x?x?x16xf16>, tensor<?x?x?x16xf16>, tensor<?x?x?x16xf16>) -> tensor<?x?x?x16xf16>
  return %o : tensor<?x?x?x16xf16>
}

func.func @split(%q: tensor<?x1x1x16xf16>, %kv: tensor<?x1x?x16xf16>) -> tensor<?x1x1x16xf16> {
  %o = attn.sdpa query(%q) key(%kv) value(%kv)
    gpu_schedule(<query_tile = 16, kv_tile = 16, warps = 1, stages = 2, kv_splits = 2, query_in_registers = true>)
    : (tensor<?x1x1x16xf16>, tensor<?x1x?x16xf16>, tensor<?x1x?x16xf16>) -> tensor<?x1x1x16xf16>
  return %o : tensor<?x1x1x16xf16>
}

// RUN: attn-opt %s --attn-decompose --one-shot-bufferize=bufferize-function-boundaries \
// RUN:   --convert-linalg-to-loops --expand-strided-metadata --lower-affine --convert-scf-to-cf \
// RUN:   --convert-math-to-llvm --convert-math-to-libm --convert-to-llvm --reconcile-unrealized-casts \
// RUN: | mlir-runner -e main -entry-point-result=void -shared-libs=%mlir_lib/libmlir_runner_utils.so,%mlir_lib/libmlir_c_runner_utils.so \
// RUN: | FileCheck %s

// Where all scores are equal, the output is the mean of the kept values. Value
// j is 2^j, so that the output times the number of kept keys says which they
// are, and lse is the logarithm of that number.

func.func private @printMemrefF32(tensor<*xf32>)
func.func private @printMemrefF64(tensor<*xf64>)

func.func @print(%t: tensor<?xf32>) {
  %u = tensor.cast %t : tensor<?xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}

func.func @main() {
  %c2 = arith.constant 2 : index
  %c1 = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %cm1 = arith.constant -1 : index
  %q = arith.constant dense<0.0> : tensor<1x1x3x4xf32>
  %k = arith.constant dense<1.0> : tensor<1x1x5x4xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [4.0], [8.0], [16.0]]]]> : tensor<1x1x5x1xf32>

  // Every key: 31 / 5 and log 5.
  %o0:2 = attn.sdpa query(%q) key(%k) value(%v)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[6.2,  6.2,  6.2]
  %flat1 = tensor.collapse_shape %o0#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast1 = tensor.cast %flat1 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast1) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[1.60944,  1.60944,  1.60944]
  %flat2 = tensor.collapse_shape %o0#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast2 = tensor.cast %flat2 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast2) : (tensor<?xf32>) -> ()

  // Keys up to i + 2, the last row sees all.
  %o2 = attn.sdpa query(%q) key(%k) value(%v) causal
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[2.33333,  3.75,  6.2]
  %flat3 = tensor.collapse_shape %o2 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast3 = tensor.cast %flat3 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast3) : (tensor<?xf32>) -> ()

  // Keys up to i.
  %o3 = attn.sdpa query(%q) key(%k) value(%v) causal(top_left)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[1,  1.5,  2.33333]
  %flat4 = tensor.collapse_shape %o3 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast4 = tensor.cast %flat4 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast4) : (tensor<?xf32>) -> ()

  // Keys up to i + 1.
  %o4 = attn.sdpa query(%q) key(%k) value(%v) query_offset(%c1) causal
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, index) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[1.5,  2.33333,  3.75]
  %flat5 = tensor.collapse_shape %o4 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast5 = tensor.cast %flat5 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast5) : (tensor<?xf32>) -> ()

  // Keys up to i - 1: the first row keeps nothing.
  %o5:2 = attn.sdpa query(%q) key(%k) value(%v) query_offset(%cm1) causal
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, index) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[0,  1,  1.5]
  %flat6 = tensor.collapse_shape %o5#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast6 = tensor.cast %flat6 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast6) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[-inf,  0,  0.693147]
  %flat7 = tensor.collapse_shape %o5#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast7 = tensor.cast %flat7 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast7) : (tensor<?xf32>) -> ()

  // The query's position, i + 2, and one before.
  %o7 = attn.sdpa query(%q) key(%k) value(%v) causal window(1, 0)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[3,  6,  12]
  %flat8 = tensor.collapse_shape %o7 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast8 = tensor.cast %flat8 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast8) : (tensor<?xf32>) -> ()

  // The query's position and one after; the last has none.
  %o8 = attn.sdpa query(%q) key(%k) value(%v) window(0, 1)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[6,  12,  16]
  %flat9 = tensor.collapse_shape %o8 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast9 = tensor.cast %flat9 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast9) : (tensor<?xf32>) -> ()

  // An open left side.
  %o9 = attn.sdpa query(%q) key(%k) value(%v) window(-1, 0)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[2.33333,  3.75,  6.2]
  %flat10 = tensor.collapse_shape %o9 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast10 = tensor.cast %flat10 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast10) : (tensor<?xf32>) -> ()

  // A boolean mask that broadcasts over keys.
  %rows = arith.constant dense<[[[[true], [false], [true]]]]> : tensor<1x1x3x1xi1>
  %o10:2 = attn.sdpa query(%q) key(%k) value(%v) keep(%rows)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1x1x3x1xi1>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[6.2,  0,  6.2]
  %flat11 = tensor.collapse_shape %o10#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast11 = tensor.cast %flat11 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast11) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[1.60944,  -inf,  1.60944]
  %flat12 = tensor.collapse_shape %o10#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast12 = tensor.cast %flat12 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast12) : (tensor<?xf32>) -> ()

  // Even keys, by a mask region: 21 / 3.
  %o12 = attn.sdpa query(%q) key(%k) value(%v) mask(%b, %h, %i, %j) {
        %rest = arith.remui %j, %c2 : index
        %even = arith.cmpi eq, %rest, %c0 : index
        attn.yield %even : i1
      }
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[7,  7,  7]
  %flat13 = tensor.collapse_shape %o12 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast13 = tensor.cast %flat13 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast13) : (tensor<?xf32>) -> ()

  // An additive mask of -inf: the first and the last key.
  %ends = arith.constant dense<[[[[0.0, 0xFF800000, 0xFF800000, 0xFF800000, 0.0]]]]> : tensor<1x1x1x5xf32>
  %o13:2 = attn.sdpa query(%q) key(%k) value(%v) bias(%ends)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1x1x1x5xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[8.5,  8.5,  8.5]
  %flat14 = tensor.collapse_shape %o13#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast14 = tensor.cast %flat14 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast14) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[0.693147,  0.693147,  0.693147]
  %flat15 = tensor.collapse_shape %o13#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast15 = tensor.cast %flat15 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast15) : (tensor<?xf32>) -> ()

  // Only scores of -inf are nothing kept.
  %none = arith.constant dense<0xFF800000> : tensor<1x1x1x1xf32>
  %o15:2 = attn.sdpa query(%q) key(%k) value(%v) bias(%none)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1x1x1x1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[0,  0,  0]
  %flat16 = tensor.collapse_shape %o15#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast16 = tensor.cast %flat16 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast16) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[-inf,  -inf,  -inf]
  %flat17 = tensor.collapse_shape %o15#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast17 = tensor.cast %flat17 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast17) : (tensor<?xf32>) -> ()

  // Large scores are exact.
  %large = arith.constant dense<[[[[-1.0e30, 1.0e30, 0.0, -1.0e30, 1.0e29]]]]> : tensor<1x1x1x5xf32>
  %o17:2 = attn.sdpa query(%q) key(%k) value(%v) bias(%large)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1x1x1x5xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[2,  2,  2]
  %flat18 = tensor.collapse_shape %o17#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast18 = tensor.cast %flat18 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast18) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[1e+30,  1e+30,  1e+30]
  %flat19 = tensor.collapse_shape %o17#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast19 = tensor.cast %flat19 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast19) : (tensor<?xf32>) -> ()

  // NaN and +inf in a score propagate to its row.
  %nans = arith.constant dense<[[[[0x7FC00000], [0.0], [0x7F800000]]]]> : tensor<1x1x3x1xf32>
  %o19:2 = attn.sdpa query(%q) key(%k) value(%v) bias(%nans)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1x1x3x1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[{{-?nan}},  6.2,  {{-?nan}}]
  %flat20 = tensor.collapse_shape %o19#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast20 = tensor.cast %flat20 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast20) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[{{-?nan}},  1.60944,  {{-?nan}}]
  %flat21 = tensor.collapse_shape %o19#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast21 = tensor.cast %flat21 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast21) : (tensor<?xf32>) -> ()

  // A slope of log 2 gives weights 2^j: 341 / 31.
  %slopes = arith.constant dense<0.69314718> : tensor<1xf32>
  %o21 = attn.sdpa query(%q) key(%k) value(%v) alibi(%slopes)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[11,  11,  11]
  %flat22 = tensor.collapse_shape %o21 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast22 = tensor.cast %flat22 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast22) : (tensor<?xf32>) -> ()

  // A score region that adds log 2 to the last key: 47 / 6.
  %o22 = attn.sdpa query(%q) key(%k) value(%v) score(%s, %b, %h, %i, %j) {
        %c4 = arith.constant 4 : index
        %log2 = arith.constant 0.69314718 : f32
        %more = arith.addf %s, %log2 : f32
        %last = arith.cmpi eq, %j, %c4 : index
        %r = arith.select %last, %more, %s : f32
        attn.yield %r : f32
      }
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x3x1xf32>
  // CHECK: {{^}}[7.83333,  7.83333,  7.83333]
  %flat23 = tensor.collapse_shape %o22 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast23 = tensor.cast %flat23 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast23) : (tensor<?xf32>) -> ()

  // A sink of 0 is a sixth score without a value.
  %sink = arith.constant dense<0.0> : tensor<1xf32>
  %o23:2 = attn.sdpa query(%q) key(%k) value(%v) sinks(%sink)
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, tensor<1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[5.16667,  5.16667,  5.16667]
  %flat24 = tensor.collapse_shape %o23#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast24 = tensor.cast %flat24 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast24) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[1.79176,  1.79176,  1.79176]
  %flat25 = tensor.collapse_shape %o23#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast25 = tensor.cast %flat25 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast25) : (tensor<?xf32>) -> ()

  // A row that keeps nothing but the sink.
  %o25:2 = attn.sdpa query(%q) key(%k) value(%v) query_offset(%cm1) sinks(%sink) causal
      : (tensor<1x1x3x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>, index, tensor<1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[0,  0.5,  1]
  %flat26 = tensor.collapse_shape %o25#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast26 = tensor.cast %flat26 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast26) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[0,  0.693147,  1.09861]
  %flat27 = tensor.collapse_shape %o25#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast27 = tensor.cast %flat27 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast27) : (tensor<?xf32>) -> ()

  // Scores 2 log 2 for the last key: halved by the scale 1 / sqrt(4), taken
  // whole, and capped at log 2.
  %q1 = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x1x4xf32>
  %k1 = arith.constant dense<[[[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.38629436, 0.0, 0.0, 0.0]]]]> : tensor<1x1x5x4xf32>
  %s1 = attn.sdpa query(%q1) key(%k1) value(%v)
      : (tensor<1x1x1x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x1x1xf32>
  // CHECK: {{^}}[7.83333]
  %flat28 = tensor.collapse_shape %s1 [[0, 1, 2, 3]] : tensor<1x1x1x1xf32> into tensor<1xf32>
  %cast28 = tensor.cast %flat28 : tensor<1xf32> to tensor<?xf32>
  call @print(%cast28) : (tensor<?xf32>) -> ()
  %s2 = attn.sdpa query(%q1) key(%k1) value(%v) scale(1.0)
      : (tensor<1x1x1x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x1x1xf32>
  // CHECK: {{^}}[9.875]
  %flat29 = tensor.collapse_shape %s2 [[0, 1, 2, 3]] : tensor<1x1x1x1xf32> into tensor<1xf32>
  %cast29 = tensor.cast %flat29 : tensor<1xf32> to tensor<?xf32>
  call @print(%cast29) : (tensor<?xf32>) -> ()
  %s3 = attn.sdpa query(%q1) key(%k1) value(%v) scale(1.0e+30) softcap(0.69314718)
      : (tensor<1x1x1x4xf32>, tensor<1x1x5x4xf32>, tensor<1x1x5x1xf32>) -> tensor<1x1x1x1xf32>
  // CHECK: {{^}}[7.83333]
  %flat30 = tensor.collapse_shape %s3 [[0, 1, 2, 3]] : tensor<1x1x1x1xf32> into tensor<1xf32>
  %cast30 = tensor.cast %flat30 : tensor<1xf32> to tensor<?xf32>
  call @print(%cast30) : (tensor<?xf32>) -> ()

  // No keys at all.
  %k0 = tensor.empty() : tensor<1x1x0x4xf32>
  %v0 = tensor.empty() : tensor<1x1x0x1xf32>
  %zero:2 = attn.sdpa query(%q) key(%k0) value(%v0)
      : (tensor<1x1x3x4xf32>, tensor<1x1x0x4xf32>, tensor<1x1x0x1xf32>) -> (tensor<1x1x3x1xf32>, tensor<1x1x3xf32>)
  // CHECK: {{^}}[0,  0,  0]
  %flat31 = tensor.collapse_shape %zero#0 [[0, 1, 2, 3]] : tensor<1x1x3x1xf32> into tensor<3xf32>
  %cast31 = tensor.cast %flat31 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast31) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[-inf,  -inf,  -inf]
  %flat32 = tensor.collapse_shape %zero#1 [[0, 1, 2]] : tensor<1x1x3xf32> into tensor<3xf32>
  %cast32 = tensor.cast %flat32 : tensor<3xf32> to tensor<?xf32>
  call @print(%cast32) : (tensor<?xf32>) -> ()

  // Query heads 0 and 1 share KV head 0; both layouts of the output.
  %qg = arith.constant dense<0.0> : tensor<1x4x2x4xf32>
  %kg = arith.constant dense<0.0> : tensor<1x2x2x4xf32>
  %vg = arith.constant dense<[[[[1.0], [3.0]], [[10.0], [30.0]]]]> : tensor<1x2x2x1xf32>
  %group = attn.sdpa query(%qg) key(%kg) value(%vg) causal
      : (tensor<1x4x2x4xf32>, tensor<1x2x2x4xf32>, tensor<1x2x2x1xf32>) -> tensor<1x4x2x1xf32>
  // CHECK: {{^}}[1,  2,  1,  2,  10,  20,  10,  20]
  %flat33 = tensor.collapse_shape %group [[0, 1, 2, 3]] : tensor<1x4x2x1xf32> into tensor<8xf32>
  %cast33 = tensor.cast %flat33 : tensor<8xf32> to tensor<?xf32>
  call @print(%cast33) : (tensor<?xf32>) -> ()
  %groupt = attn.sdpa query(%qg) key(%kg) value(%vg) causal layout(output = bshd)
      : (tensor<1x4x2x4xf32>, tensor<1x2x2x4xf32>, tensor<1x2x2x1xf32>) -> tensor<1x2x4x1xf32>
  // CHECK: {{^}}[1,  1,  10,  10,  2,  2,  20,  20]
  %flat34 = tensor.collapse_shape %groupt [[0, 1, 2, 3]] : tensor<1x2x4x1xf32> into tensor<8xf32>
  %cast34 = tensor.cast %flat34 : tensor<8xf32> to tensor<?xf32>
  call @print(%cast34) : (tensor<?xf32>) -> ()

  // The same with every size dynamic and the operands in other layouts.
  %qg2 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %kg2 = arith.constant dense<0.0> : tensor<1x2x4x2xf32>
  %vg2 = arith.constant dense<[[[[1.0], [10.0]], [[3.0], [30.0]]]]> : tensor<1x2x2x1xf32>
  %qd = tensor.cast %qg2 : tensor<1x2x4x4xf32> to tensor<?x?x?x?xf32>
  %kd = tensor.cast %kg2 : tensor<1x2x4x2xf32> to tensor<?x?x?x?xf32>
  %vd = tensor.cast %vg2 : tensor<1x2x2x1xf32> to tensor<?x?x?x?xf32>
  %dynamic, %lsed = attn.sdpa query(%qd) key(%kd) value(%vd) causal layout(query = bshd, key = bhds, value = bshd, output = bhds)
      : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %static = tensor.cast %dynamic : tensor<?x?x?x?xf32> to tensor<1x4x1x2xf32>
  %lses = tensor.cast %lsed : tensor<?x?x?xf32> to tensor<1x4x2xf32>
  // CHECK: {{^}}[1,  2,  1,  2,  10,  20,  10,  20]
  %flat35 = tensor.collapse_shape %static [[0, 1, 2, 3]] : tensor<1x4x1x2xf32> into tensor<8xf32>
  %cast35 = tensor.cast %flat35 : tensor<8xf32> to tensor<?xf32>
  call @print(%cast35) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[0,  0.693147,  0,  0.693147,  0,  0.693147,  0,  0.693147]
  %flat36 = tensor.collapse_shape %lses [[0, 1, 2]] : tensor<1x4x2xf32> into tensor<8xf32>
  %cast36 = tensor.cast %flat36 : tensor<8xf32> to tensor<?xf32>
  call @print(%cast36) : (tensor<?xf32>) -> ()

  // In f64.
  %qf = arith.constant dense<0.0> : tensor<1x1x1x4xf64>
  %kf = arith.constant dense<0.0> : tensor<1x1x3x4xf64>
  %vf = arith.constant dense<[[[[1.0], [2.0], [1.0e+300]]]]> : tensor<1x1x3x1xf64>
  %of = attn.sdpa query(%qf) key(%kf) value(%vf)
      : (tensor<1x1x1x4xf64>, tensor<1x1x3x4xf64>, tensor<1x1x3x1xf64>) -> tensor<1x1x1x1xf64>
  // CHECK: {{^}}[3.33333e+299]
  %flat37 = tensor.collapse_shape %of [[0, 1, 2, 3]] : tensor<1x1x1x1xf64> into tensor<1xf64>
  %cast37 = tensor.cast %flat37 : tensor<1xf64> to tensor<*xf64>
  call @printMemrefF64(%cast37) : (tensor<*xf64>) -> ()

  // f16 operands, scores beyond f16's largest number.
  %qh = arith.constant dense<6.0e+04> : tensor<1x1x1x4xf16>
  %kh = arith.constant dense<[[[[6.0e+04, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x2x4xf16>
  %vh = arith.constant dense<[[[[5.0], [7.0]]]]> : tensor<1x1x2x1xf16>
  %oh = attn.sdpa query(%qh) key(%kh) value(%vh)
      : (tensor<1x1x1x4xf16>, tensor<1x1x2x4xf16>, tensor<1x1x2x1xf16>) -> tensor<1x1x1x1xf32>
  // CHECK: {{^}}[5]
  %flat38 = tensor.collapse_shape %oh [[0, 1, 2, 3]] : tensor<1x1x1x1xf32> into tensor<1xf32>
  %cast38 = tensor.cast %flat38 : tensor<1xf32> to tensor<?xf32>
  call @print(%cast38) : (tensor<?xf32>) -> ()

  // Parts with 1 and 3 keys, one without any, and a row that no part has.
  %parts = arith.constant dense<[[[[[4.0], [0.0]]]], [[[[8.0], [0.0]]]], [[[[0.0], [0.0]]]]]> : tensor<3x1x1x2x1xf32>
  %lse3 = arith.constant dense<[[[[0.0, 0xFF800000]]], [[[1.09861229, 0xFF800000]]], [[[0xFF800000, 0xFF800000]]]]> : tensor<3x1x1x2xf32>
  %merged:2 = attn.merge %parts, %lse3 : (tensor<3x1x1x2x1xf32>, tensor<3x1x1x2xf32>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2xf32>)
  // CHECK: {{^}}[7,  0]
  %flat39 = tensor.collapse_shape %merged#0 [[0, 1, 2, 3]] : tensor<1x1x2x1xf32> into tensor<2xf32>
  %cast39 = tensor.cast %flat39 : tensor<2xf32> to tensor<?xf32>
  call @print(%cast39) : (tensor<?xf32>) -> ()
  // CHECK: {{^}}[1.38629,  -inf]
  %flat40 = tensor.collapse_shape %merged#1 [[0, 1, 2]] : tensor<1x1x2xf32> into tensor<2xf32>
  %cast40 = tensor.cast %flat40 : tensor<2xf32> to tensor<?xf32>
  call @print(%cast40) : (tensor<?xf32>) -> ()
  return
}

// RUN: attn-opt %s --attn-outline-parallel --verify-diagnostics

func.func @tensors(%a: tensor<16xf32>, %x: f32) -> tensor<16xf32> {
  // expected-error @below {{'scf.forall' op returns tensors, expected buffers: run one-shot-bufferize first}}
  %r = scf.forall (%i) in (16) shared_outs(%o = %a) -> (tensor<16xf32>) {
    %one = tensor.from_elements %x : tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %one into %o[%i] [1] [1] : tensor<1xf32> into tensor<16xf32>
    }
  }
  return %r : tensor<16xf32>
}

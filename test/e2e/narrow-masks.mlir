// Masks that compare positions in narrow integers, where they wrap, and with
// the least number of a type.

// RUN: attn-run %s --function=i8 --input=1x2x200x16xf32=random:1 --check --tolerance=1e-5 --output=@%t.npy
// RUN: attn-run %s --function=i16 --input=1x1x3x16xf32=random:1 --input=1x1x40000x16xf32=random:2 --check --tolerance=1e-5 --output=@%t.npy
// RUN: attn-run %s --function=limit --input=1x2x70x16xf32=random:1 --input=i32=-2147483648 --check --tolerance=1e-5 --output=@%t.npy
// RUN: attn-run %s --function=limit --input=1x2x70x16xf32=random:1 --input=i32=2147483647 --check --tolerance=1e-5 --output=@%t.npy
// RUN: attn-run %s --function=shift --input=1x2x70x16xf32=random:1 --input=i32=2147483600 --check --tolerance=1e-5 --output=@%t.npy

func.func @i8(%q: tensor<1x2x200x16xf32>) -> tensor<1x2x200x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %query = arith.index_cast %i : index to i8
      %key = arith.index_cast %j : index to i8
      %keep = arith.cmpi sle, %key, %query : i8
      attn.yield %keep : i1
    } : (tensor<1x2x200x16xf32>, tensor<1x2x200x16xf32>, tensor<1x2x200x16xf32>) -> tensor<1x2x200x16xf32>
  return %o : tensor<1x2x200x16xf32>
}

func.func @i16(%q: tensor<1x1x3x16xf32>, %k: tensor<1x1x40000x16xf32>) -> tensor<1x1x3x16xf32> {
  %o = attn.sdpa query(%q) key(%k) value(%k)
    mask(%b, %h, %i, %j) {
      %query = arith.index_cast %i : index to i16
      %key = arith.index_cast %j : index to i16
      %keep = arith.cmpi sle, %key, %query : i16
      attn.yield %keep : i1
    } : (tensor<1x1x3x16xf32>, tensor<1x1x40000x16xf32>, tensor<1x1x40000x16xf32>) -> tensor<1x1x3x16xf32>
  return %o : tensor<1x1x3x16xf32>
}

func.func @limit(%q: tensor<1x2x70x16xf32>, %limit: i32) -> tensor<1x2x70x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %query = arith.index_cast %i : index to i32
      %key = arith.index_cast %j : index to i32
      %past = arith.cmpi sgt, %query, %limit : i32
      %causal = arith.cmpi sle, %key, %query : i32
      %keep = arith.andi %past, %causal : i1
      attn.yield %keep : i1
    } : (tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>) -> tensor<1x2x70x16xf32>
  return %o : tensor<1x2x70x16xf32>
}

func.func @shift(%q: tensor<1x2x70x16xf32>, %shift: i32) -> tensor<1x2x70x16xf32> {
  %o = attn.sdpa query(%q) key(%q) value(%q)
    mask(%b, %h, %i, %j) {
      %query = arith.index_cast %i : index to i32
      %key = arith.index_cast %j : index to i32
      %shifted = arith.addi %query, %shift : i32
      %keep = arith.cmpi sle, %key, %shifted : i32
      attn.yield %keep : i1
    } : (tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>, tensor<1x2x70x16xf32>) -> tensor<1x2x70x16xf32>
  return %o : tensor<1x2x70x16xf32>
}

// What one run writes, another reads; the signature decides the types.

// RUN: attn-run %s --function=double --input=2x3xf32=random:1 --output=@%t.npy
// RUN: attn-run %s --function=double --input=2x3xf32=random:1 --expected=@%t.npy --tolerance=0 | FileCheck %s
// RUN: not attn-run %s --function=double --input=2x3xf32=random:2 --expected=@%t.npy 2>&1 | FileCheck %s --check-prefix=DIFFERS
// CHECK: expected: result 0: max error 0.000e+00
// DIFFERS: attn-run: error: result 0[{{[0-9]}}, {{[0-9]}}] is

// bf16 travels as 2-byte voids.
// RUN: attn-run %s --function=brain --input=4xbf16="1 2 3 4" --output=@%t.brain.npy
// RUN: grep -a "'descr': '|V2', 'fortran_order': False, 'shape': (4,)" %t.brain.npy
// RUN: attn-run %s --function=brain --input=@%t.brain.npy | FileCheck %s --check-prefix=BRAIN
// BRAIN: result[0]: 4xbf16=4 8 12 16

// As NumPy writes it: Fortran order, unsigned for a signless type, and raw bytes.
// RUN: %python -c "import struct, sys; h = str({'descr': '<u4', 'fortran_order': True, 'shape': (2, 3)}).ljust(117) + chr(10); open(sys.argv[1], 'wb').write(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(h)) + h.encode() + struct.pack('<6I', 0, 1, 2, 3, 4, 5))" %t.u4.npy
// RUN: attn-run %s --function=integers --input=@%t.u4.npy | FileCheck %s --check-prefix=FORTRAN
// FORTRAN: result[0]: 2x3xi32=[0 4 8][2 6 10]
// RUN: tail -c 24 %t.u4.npy > %t.raw
// RUN: attn-run %s --function=integers --input=2x3xi32=@%t.raw | FileCheck %s --check-prefix=RAW
// RAW: result[0]: 2x3xi32=[0 2 4][6 8 10]

func.func @double(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.add ins(%a, %a : tensor<2x3xf32>, tensor<2x3xf32>) outs(%a : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}
func.func @brain(%a: tensor<4xbf16>) -> tensor<4xbf16> {
  %r = linalg.add ins(%a, %a : tensor<4xbf16>, tensor<4xbf16>) outs(%a : tensor<4xbf16>) -> tensor<4xbf16>
  return %r : tensor<4xbf16>
}
func.func @integers(%a: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %r = linalg.add ins(%a, %a : tensor<2x3xi32>, tensor<2x3xi32>) outs(%a : tensor<2x3xi32>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

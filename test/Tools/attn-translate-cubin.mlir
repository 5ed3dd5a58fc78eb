// REQUIRES: ptxas
// RUN: attn-translate --emit=cubin %s --chip=sm_80 -o %t.80 && head -c 4 %t.80 | FileCheck %s
// RUN: attn-translate --emit=cubin %s --chip=sm_89 -o %t.89 && head -c 4 %t.89 | FileCheck %s
// RUN: attn-translate --emit=cubin %s --chip=sm_90a -o %t.90a && head -c 4 %t.90a | FileCheck %s
// RUN: attn-translate --emit=cubin %s --chip=sm_120a -o %t.120a && head -c 4 %t.120a | FileCheck %s

// CHECK: ELF
gpu.module @kernels {
  gpu.func @copy(%x: memref<32xf32>, %y: memref<32xf32>) kernel {
    %thread = gpu.thread_id x
    %value = memref.load %x[%thread] : memref<32xf32>
    memref.store %value, %y[%thread] : memref<32xf32>
    gpu.return
  }
}

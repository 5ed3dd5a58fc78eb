// RUN: attn-opt %s --split-input-file --attn-embed-ptx --verify-diagnostics | FileCheck %s

// CHECK: gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_86">, assembly = "{{.*}}.version 8.0{{.*}}.target sm_86{{.*}}.visible .entry kernel(
gpu.module @kernels [#nvvm.target<chip = "sm_86">] {
  llvm.func @kernel() attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// expected-error @+1 {{expected a #nvvm.target, which names the chip}}
gpu.module @kernels {
}

// -----

// expected-error @+1 {{unknown chip 'sm_70', expected sm_80, }}
gpu.module @kernels [#nvvm.target<chip = "sm_70">] {
}

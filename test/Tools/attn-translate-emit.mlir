// attn-translate --emit: what it writes, and what it says where it cannot.

// RUN: split-file %s %t
// RUN: attn-translate --emit=ptx %t/kernel.mlir --chip=sm_86 | FileCheck %s --check-prefix=PTX
// RUN: attn-translate --emit=llvm %t/kernel.mlir | FileCheck %s --check-prefix=LLVM
// RUN: attn-opt --attn-to-nvvm=chip=sm_86 %t/kernel.mlir | attn-translate --emit=ptx --chip=sm_86 | FileCheck %s --check-prefix=PTX
// RUN: attn-translate --emit=ptx %t/several.mlir --gpu-module=b | FileCheck %s --check-prefix=SECOND
// PTX: .target sm_86
// PTX: .visible .entry copy(
// LLVM: target datalayout = "{{.*}}p3:32:32{{.*}}"
// LLVM: define ptx_kernel void @copy(
// SECOND-NOT: .entry a
// SECOND: .entry b(

// RUN: not attn-translate --emit=ptx %t/kernel.mlir --chip=sm_99 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: error: unknown chip 'sm_99', expected sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a, sm_120, or sm_120a

// RUN: not attn-translate --emit=elf %t/kernel.mlir 2>&1 | FileCheck %s --check-prefix=EMIT
// EMIT: attn-translate: error: --emit=elf: expected ptx, cubin or llvm

// RUN: not attn-translate --emit=ptx %t/none.mlir 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: there is no gpu.module to emit

// RUN: not attn-translate --emit=ptx %t/several.mlir 2>&1 | FileCheck %s --check-prefix=SEVERAL
// SEVERAL: error: several GPU modules, choose one by --gpu-module=NAME: 'a', 'b'

// RUN: not attn-translate --emit=ptx %t/several.mlir --gpu-module=c 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: error: no gpu.module 'c', expected one of 'a', 'b'

// RUN: not attn-translate --emit=ptx %t/undefined.mlir 2>&1 | FileCheck %s --check-prefix=UNDEFINED
// UNDEFINED: error: the GPU module 'calls' calls 'elsewhere', which it does not define

// RUN: not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%t/no-ptxas 2>&1 | FileCheck %s --check-prefix=PTXAS
// PTXAS: error: ptxas '{{.*}}no-ptxas': no program of that name

// RUN: env PATH= CUDA_HOME=%t CUDA_PATH=/nowhere not %attn_binary/bin/attn-translate --emit=cubin %t/kernel.mlir 2>&1 | FileCheck %s --check-prefix=PROGRAM
// PROGRAM: error: no ptxas on the path or in {{.*}}, /nowhere: the option 'ptxas' names it

// RUN: not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%python 2>&1 | FileCheck %s --check-prefix=FAILED
// FAILED: error: {{.*}} failed: {{.+}}

// RUN: chmod +x %t/silent.sh %t/loud.sh
// RUN: not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%t/silent.sh 2>&1 | FileCheck %s --check-prefix=SILENT
// SILENT: error: {{.*}}silent.sh failed: exit code 3{{$}}
// RUN: not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%t/loud.sh 2>&1 | FileCheck %s --check-prefix=LOUD
// LOUD: error: {{.*}}loud.sh failed: ptxas PTX, line 7; error   : Unknown symbol{{$}}
// RUN: mkdir -p %t/errors && env TMPDIR=%t/errors not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%t/loud.sh 2>&1 | FileCheck %s --check-prefix=LOUD
// RUN: chmod +x %t/fatal.sh && not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%t/fatal.sh 2>&1 | FileCheck %s --check-prefix=FATAL
// FATAL: error: {{.*}}fatal.sh failed: ptxas fatal   : Memory allocation failure{{$}}
// RUN: not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%true 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: {{.*}}true wrote no cubin
// RUN: env TMPDIR=%t/none not attn-translate --emit=cubin %t/kernel.mlir --ptxas=%true 2>&1 | FileCheck %s --check-prefix=TEMPORARY
// TEMPORARY: error: cannot create a temporary file in {{.*}}none: No such file or directory

// RUN: attn-translate --help | FileCheck %s --check-prefix=HELP
// HELP-DAG: --chip={{.*}}The GPU to emit code for, as in sm_89
// HELP-DAG: --emit=<ptx|cubin|llvm>
// HELP-DAG: --gpu-module={{.*}}The gpu.module to emit, where several are
// HELP-DAG: --ptxas=

//--- kernel.mlir
gpu.module @kernels {
  gpu.func @copy(%x: memref<32xf32>, %y: memref<32xf32>) kernel {
    %thread = gpu.thread_id x
    %value = memref.load %x[%thread] : memref<32xf32>
    memref.store %value, %y[%thread] : memref<32xf32>
    gpu.return
  }
}

//--- none.mlir
module {
}

//--- several.mlir
gpu.module @a {
  gpu.func @a() kernel {
    gpu.return
  }
}
gpu.module @b {
  gpu.func @b() kernel {
    gpu.return
  }
}

//--- undefined.mlir
gpu.module @calls {
  llvm.func @elsewhere(f32) -> f32
  gpu.func @caller(%x: memref<1xf32>, %a: f32) kernel {
    %c0 = arith.constant 0 : index
    %b = llvm.call @elsewhere(%a) : (f32) -> f32
    memref.store %b, %x[%c0] : memref<1xf32>
    gpu.return
  }
}

//--- silent.sh
#!/bin/sh
exit 3

//--- loud.sh
#!/bin/sh
for text; do :; done
echo "ptxas $text, line 5; warning : unused"
echo "ptxas $text, line 7; error   : Unknown symbol"
echo "ptxas fatal   : Ptx assembly aborted due to errors"
exit 255

//--- fatal.sh
#!/bin/sh
echo "ptxas info    : 0 bytes gmem"
echo "ptxas fatal   : Memory allocation failure"
exit 1

# RUN: env PYTHONPATH=%attn_source/bench %python %s | FileCheck %s
"""Loops of machine code, resources of ptxas, tables and limits."""

from attngpu import kernels, report, sass

LISTING = """
.text.kernel:
        /*0000*/                   MOV R1, c[0x0][0x28] ;
.L_x_1:
        /*0010*/                   HMMA.16816.F32 R4, R8, R12, R4 ;
        /*0020*/              @!P0 FFMA.FTZ R1, R2, R3, R4 ;
        /*0030*/               @P1 BRA `(.L_x_2) ;
        /*0040*/                   HMMA.16816.F32 R4, R8, R12, R4 ;
.L_x_2:
        /*0050*/                   MUFU.EX2 R1, R1 ;
        /*0060*/                   STL [R1], R2 ;
        /*0070*/               @P0 BRA `(.L_x_1) ;
.L_x_3:
        /*0080*/                   HMMA.16816.F32 R4, R8, R12, R4 ;
        /*0090*/                   ISETP.GE.AND P0, PT, R1, R2, PT ;
        /*00a0*/                   ISETP.GE.AND P0, PT, R1, R2, PT ;
        /*00b0*/                   ISETP.GE.AND P0, PT, R1, R2, PT ;
        /*00c0*/              @!P0 BRA `(.L_x_3) ;
.L_x_4:
        /*00d0*/                   IADD3 R1, R1, 0x1, RZ ;
        /*00e0*/              @!P0 BRA `(.L_x_4) ;
        /*00f0*/                   EXIT ;
.L_x_5:
        /*0100*/                   BRA `(.L_x_5);
"""

loops = sass.find_loops(LISTING)
print("loops:", [(loop.instructions, loop.products, loop.local_accesses) for loop in loops])
# CHECK: loops: [(7, 2, 1), (5, 1, 0)]
main = sass.find_main_loop(loops)
print("main:", main.instructions_per_product, dict(main.mix))
# CHECK: main: 3.5 {'HMMA': 2, 'FFMA': 1, 'BRA': 2, 'MUFU': 1, 'STL': 1}
print("shortest path:", [loop.path for loop in loops])
# CHECK: shortest path: [6, 5]
print("none:", sass.find_main_loop(sass.find_loops("")))
# CHECK: none: None

print(sass.parse_resources("""
ptxas info    : Function properties for a
    16 bytes stack frame, 24 bytes spill stores, 32 bytes spill loads
ptxas info    : Used 255 registers, used 1 barriers, 532 bytes cmem[0]
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 40 registers, used 1 barriers, 532 bytes cmem[0]
"""))
# CHECK: {'registers': 255, 'spill_bytes': 56, 'stack_bytes': 16}

ROWS = [{"kernel": "full", "chip": "sm_80", "registers": 168, "instructions_per_product": 5.25,
         "loop_mix": {"FADD": 2, "HMMA": 64, "BAR": 2}},
        {"kernel": "full", "chip": "sm_86", "reason": "error: too much shared memory"}]
print(report.make_table(ROWS), report.make_mixes(ROWS), sep="")
# CHECK: kernel  chip   regs  spills
# CHECK-NEXT: full    sm_80   168       -
# CHECK-SAME: 5.25
# CHECK-NEXT: full    sm_86  error: too much shared memory
# CHECK: full sm_80: 64 HMMA, 2 BAR, 2 FADD

LIMITS = {"full": {"*": {"registers": 168, "spill_bytes": 0},
                   "sm_80": {"instructions_per_product": 5.2}}}
for violation in report.find_violations(ROWS, LIMITS):
    print(violation)
# CHECK: full sm_80: spill_bytes was not measured: no figure
# CHECK-NEXT: full sm_80: instructions_per_product is 5.25, expected at most 5.2
# CHECK-NEXT: full sm_86: registers was not measured: error: too much shared memory
# CHECK-NEXT: full sm_86: spill_bytes was not measured: error: too much shared memory
# CHECK-NOT: full

kernel = kernels.Kernel("k", 64, lengths=(128, 256), schedule=kernels.Schedule(64, 32, stages=3))
print(kernel.mlir, kernel.inputs, kernel.ideal_bytes_read(4), kernel.output_bytes)
# CHECK: attn.sdpa query(%q) key(%k) value(%v) gpu_schedule(#attn.gpu_schedule<query_tile = 64, kv_tile = 32, warps = 4, stages = 3, kv_splits = 1, query_in_registers = true>)
# CHECK: ['1x2x128x64xf16=random:0', '1x2x256x64xf16=random:1', '1x2x256x64xf16=random:2'] 294912 32768

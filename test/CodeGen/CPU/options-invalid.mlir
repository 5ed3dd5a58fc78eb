// RUN: not attn-opt %s --pass-pipeline="builtin.module(func.func(attn-register-tile{lanes=0}))" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not attn-opt %s --pass-pipeline="builtin.module(func.func(attn-register-tile{rows=0 vectors=3}))" 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not attn-opt %s --pass-pipeline="builtin.module(func.func(attn-vectorize{lanes=6}))" 2>&1 | FileCheck %s --check-prefix=SIX
// RUN: not attn-opt %s --attn-vectorize=lanes=-8 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not attn-opt %s --attn-register-tile="dot-rows=0" 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not attn-opt %s --attn-outline-parallel=stack-bytes=-1 2>&1 | FileCheck %s --check-prefix=STACK

// NONE: lanes is 0, expected a positive power of two
// TILE: the register tile is 0 rows x 3 vectors, expected positive numbers
// SIX: lanes is 6, expected a positive power of two
// NEGATIVE: lanes is -8, expected a positive power of two
// ROWS: min-rows is 3, dot-rows 0 and wide-rows 2, expected at least 1, 1 and 0
// STACK: stack-bytes is -1, expected 0 or more
func.func @f() {
  return
}

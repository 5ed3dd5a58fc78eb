#include "attn/CodeGen/CPU/Passes.h"
#include "attn/IR/AttnDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
namespace mlir::attn {
#define GEN_PASS_DEF_ATTNREGISTERTILE
#include "attn/CodeGen/CPU/Passes.h.inc"
namespace {
struct AttnRegisterTile : impl::AttnRegisterTileBase<AttnRegisterTile> {
  using AttnRegisterTileBase::AttnRegisterTileBase;
  void runOnOperation() override {}
};
}
}

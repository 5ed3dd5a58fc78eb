//===- LowerAssertions.cpp - Assertions to calls of the runtime -----------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/CPU/Passes.h"
#include "attn/IR/AttnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNLOWERASSERTIONS
#include "attn/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

/// The place in the source, as a prefix of a message; empty where none is
/// known.
static std::string getPrefix(Location loc) {
  if (auto place = loc->findInstanceOf<FileLineColLoc>())
    return llvm::formatv("{0}:{1}:{2}: ", place.getFilename().getValue(),
                         place.getLine(), place.getColumn());
  if (auto name = loc->findInstanceOf<NameLoc>())
    return llvm::formatv("{0}: ", name.getName().getValue());
  return "";
}

namespace {

/// Makes the calls of a module.
class AssertionLowering {
public:
  explicit AssertionLowering(ModuleOp module)
      : symbols(module), b(module.getBodyRegion()) {}

  void lower(Operation *op, Value condition, const Twine &message,
             ValueRange values);

private:
  LLVM::LLVMFuncOp getFail();
  LLVM::GlobalOp getText(Location loc, const Twine &message);

  SymbolTable symbols;
  OpBuilder b;
  LLVM::LLVMFuncOp fail;
  llvm::StringMap<LLVM::GlobalOp> texts;
};

} // namespace

LLVM::LLVMFuncOp AssertionLowering::getFail() {
  if (fail)
    return fail;
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()), {pointer, b.getI64Type()},
      /*isVarArg=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(
      &cast<ModuleOp>(symbols.getOp()).getBodyRegion().front());
  fail =
      LLVM::LLVMFuncOp::create(b, symbols.getOp()->getLoc(), "attn_fail", type);
  fail.setPassthroughAttr(b.getStrArrayAttr({"cold", "noreturn"}));
  symbols.insert(fail);
  return fail;
}

LLVM::GlobalOp AssertionLowering::getText(Location loc, const Twine &message) {
  // A string of C.
  std::string text = message.str() + '\0';
  LLVM::GlobalOp &global = texts[text];
  if (global)
    return global;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(
      &cast<ModuleOp>(symbols.getOp()).getBodyRegion().front());
  global = LLVM::GlobalOp::create(
      b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), text.size()),
      /*isConstant=*/true, LLVM::Linkage::Internal, "attn_message",
      b.getStringAttr(text));
  symbols.insert(global);
  return global;
}

void AssertionLowering::lower(Operation *op, Value condition,
                              const Twine &message, ValueRange values) {
  Location loc = op->getLoc();
  b.setInsertionPoint(op);
  Value always = arith::ConstantIntOp::create(b, loc, 1, /*width=*/1);
  Value fails = arith::XOrIOp::create(b, loc, condition, always);
  auto branch = scf::IfOp::create(b, loc, fails);
  b.setInsertionPoint(branch.thenYield());
  SmallVector<Value> arguments{
      LLVM::AddressOfOp::create(b, loc, getText(loc, message)),
      LLVM::ConstantOp::create(b, loc, b.getI64IntegerAttr(values.size()))};
  for (Value value : values)
    arguments.push_back(
        arith::IndexCastOp::create(b, loc, b.getI64Type(), value));
  LLVM::CallOp::create(b, loc, getFail(), arguments);
  op->erase();
}

namespace {
struct AttnLowerAssertions
    : attn::impl::AttnLowerAssertionsBase<AttnLowerAssertions> {
  void runOnOperation() override {
    AssertionLowering lowering(getOperation());
    getOperation()->walk([&](Operation *op) {
      if (auto check = dyn_cast<attn::AssertOp>(op))
        lowering.lower(op, check.getCondition(),
                       getPrefix(op->getLoc()) + check.getMessage(),
                       check.getValues());
      else if (auto check = dyn_cast<cf::AssertOp>(op))
        lowering.lower(op, check.getArg(),
                       getPrefix(op->getLoc()) +
                           "assertion failed: " + check.getMsg(),
                       {});
    });
  }
};
} // namespace

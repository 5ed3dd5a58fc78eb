//===- PromoteToF64.cpp - The program in double precision -----------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNPROMOTETOF64
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static APFloat toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value;
}

/// The elements of a constant that is kept outside of the IR.
static Attribute promoteResource(DenseResourceElementsAttr attr) {
  auto element = dyn_cast<FloatType>(attr.getType().getElementType());
  AsmResourceBlob *blob = attr.getRawHandle().getBlob();
  if (!element || element.isF64() || !blob)
    return attr;
  auto dense =
      DenseElementsAttr::getFromRawBuffer(attr.getType(), blob->getData());
  Type f64 = Float64Type::get(attr.getContext());
  return cast<DenseFPElementsAttr>(dense).mapValues(
      f64,
      [](const APFloat &value) { return toDouble(value).bitcastToAPInt(); });
}

namespace {
struct AttnPromoteToF64 : attn::impl::AttnPromoteToF64Base<AttnPromoteToF64> {
  void runOnOperation() override {
    // The bits of a float have no counterpart in another type.
    WalkResult bitcasts = getOperation()->walk([](arith::BitcastOp op) {
      Type from = getElementTypeOrSelf(op.getIn().getType());
      Type to = getElementTypeOrSelf(op.getType());
      if (!isa<FloatType>(from) && !isa<FloatType>(to))
        return WalkResult::advance();
      op.emitOpError() << "converts the bits of " << from << " to " << to
                       << ", which has no meaning in f64";
      return WalkResult::interrupt();
    });
    if (bitcasts.wasInterrupted())
      return signalPassFailure();

    Type f64 = Float64Type::get(&getContext());
    AttrTypeReplacer replacer;
    replacer.addReplacement(
        [&](FloatType) -> std::optional<Type> { return f64; });
    // A constant's value and type change together, so that nothing inside it
    // is left to replace.
    using Replaced = std::optional<std::pair<Attribute, WalkResult>>;
    replacer.addReplacement([&](FloatAttr attr) -> Replaced {
      return std::make_pair(
          Attribute(FloatAttr::get(f64, toDouble(attr.getValue()))),
          WalkResult::skip());
    });
    replacer.addReplacement([&](DenseFPElementsAttr attr) -> Replaced {
      Attribute promoted = attr.mapValues(f64, [](const APFloat &value) {
        return toDouble(value).bitcastToAPInt();
      });
      return std::make_pair(promoted, WalkResult::skip());
    });
    replacer.addReplacement([&](DenseResourceElementsAttr attr) -> Replaced {
      return std::make_pair(promoteResource(attr), WalkResult::skip());
    });

    SmallVector<Operation *> casts;
    getOperation()->walk([&](Operation *op) {
      // scale and softcap are f32 by definition.
      bool replaceAttrs = !isa_and_nonnull<AttnDialect>(op->getDialect());
      replacer.replaceElementsIn(op, replaceAttrs, /*replaceLocs=*/false,
                                 /*replaceTypes=*/true);
      if (isa<arith::ExtFOp, arith::TruncFOp>(op))
        casts.push_back(op);
    });
    for (Operation *op : casts) {
      op->getResult(0).replaceAllUsesWith(op->getOperand(0));
      op->erase();
    }
  }
};
} // namespace

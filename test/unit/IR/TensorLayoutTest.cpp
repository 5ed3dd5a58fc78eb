//===- TensorLayoutTest.cpp - Where a layout holds a dimension ------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"

#include "gtest/gtest.h"

using namespace mlir::attn;

namespace {

constexpr LogicalDim dims[] = {LogicalDim::Batch, LogicalDim::Head,
                               LogicalDim::Sequence, LogicalDim::Feature};

/// The layout's name spells the order of the dimensions.
TEST(TensorLayout, NameSpellsOrder) {
  constexpr llvm::StringRef letters = "bhsd";
  for (unsigned i = 0; i <= getMaxEnumValForTensorLayout(); ++i) {
    auto layout = static_cast<TensorLayout>(i);
    llvm::StringRef name = stringifyTensorLayout(layout);
    ASSERT_EQ(name.size(), 4u);
    for (auto [letter, dim] : llvm::zip_equal(letters, dims))
      EXPECT_EQ(SDPAOp::getDim(layout, dim), name.find(letter))
          << name.str() << ", dimension " << letter;
  }
}

} // namespace

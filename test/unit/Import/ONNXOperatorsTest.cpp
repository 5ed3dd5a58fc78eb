//===- ONNXOperatorsTest.cpp - The documented operators -------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/ONNX/Registry.h"

#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace mlir::attn::onnx_import;

/// The rows `| NAME | SINCE |` of the document, in order.
static std::vector<std::string> readTable() {
  auto buffer = llvm::MemoryBuffer::getFile(ATTN_ONNX_DOCUMENT);
  if (!buffer) {
    ADD_FAILURE() << "cannot read " << ATTN_ONNX_DOCUMENT;
    return {};
  }
  std::vector<std::string> rows;
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (llvm::StringRef line : lines) {
    llvm::SmallVector<llvm::StringRef> cells;
    line.split(cells, '|');
    int64_t since;
    if (cells.size() >= 4 && !cells[2].trim().getAsInteger(10, since))
      rows.push_back((cells[1].trim() + " " + cells[2].trim()).str());
  }
  return rows;
}

TEST(ONNXOperatorsTest, theDocumentListsEveryOperator) {
  std::vector<std::string> expected;
  for (const OperatorEntry *entry : getAllOperators())
    expected.push_back((entry->domain + (entry->domain.empty() ? "" : ".") +
                        entry->name + " " + llvm::Twine(entry->since))
                           .str());
  EXPECT_EQ(readTable(), expected);
}

static std::string getError(llvm::StringRef domain, llvm::StringRef name,
                            int64_t version) {
  auto entry = findOperator(domain, name, version);
  return entry ? "" : llvm::toString(entry.takeError());
}

TEST(ONNXOperatorsTest, versions) {
  EXPECT_EQ(getError("", "Softmax", 13), "");
  EXPECT_EQ(getError("", "Softmax", 23), "");
  EXPECT_EQ(getError("", "Softmax", 12),
            "the operator is not supported in version 12 of its operator set, "
            "expected 13 or later");
  EXPECT_EQ(getError("", "Softmin", 13), "the operator is not supported");
  EXPECT_EQ(getError("com.example", "Softmax", 13),
            "the operator is not supported");
}

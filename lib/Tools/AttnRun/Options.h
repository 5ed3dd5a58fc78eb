//===- Options.h - Command line of attn-run --------------------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TOOLS_ATTNRUN_OPTIONS_H
#define ATTN_LIB_TOOLS_ATTNRUN_OPTIONS_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::attn {

/// The command line of attn-run; Options.td says what each means.
struct Options {
  std::string inputFile;
  std::string function;
  llvm::SmallVector<std::string> inputs, outputs, expected;
  double tolerance = 1e-4;
  std::string device = "cpu";
  unsigned threads = 0;
  std::string targetCPU = "host";
  std::string target;
  bool raise = true;
  /// Fields of schedules to pin, and print.
  std::vector<std::string> schedule;
  unsigned repeat = 1;
  bool check = false;
  /// Rows of each head to check; 0 is all, none leaves it to the tool.
  std::optional<unsigned> checkRows;
  /// Whether an error of the check beyond the tolerance is one of the tool.
  bool boundsCheck = false;
  std::string stats;

  /// Set where `--help` asks for the usage alone, which is printed.
  bool isHelp = false;

  static llvm::Expected<Options> parse(int argc, char **argv);

private:
  llvm::Error checkWrittenFiles() const;
};

} // namespace mlir::attn

#endif // ATTN_LIB_TOOLS_ATTNRUN_OPTIONS_H

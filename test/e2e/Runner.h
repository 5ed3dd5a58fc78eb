//===- Runner.h - Compiling, running and comparing a case ------*- C++ -*--===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_E2E_RUNNER_H
#define ATTN_TEST_E2E_RUNNER_H

#include "Problem.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace e2e {

/// What became of a case.
struct Outcome {
  /// Empty where the results are within their bounds.
  std::string failure;
  /// The largest error as a part of its bound, of elements with a bound.
  double errorRatio = 0;
  /// Chips whose code was run, where several were asked for: the others have
  /// the same code.
  unsigned numDistinct = 0;
};

/// What is compiled: the operation, what `attn-decompose` makes of it, or what
/// `attn-raise` makes of that, which must be one operation again.
enum class Form { Operation, Decomposed, Raised };

/// Compiles and runs cases in this process.
class Runner {
public:
  /// Compiles for `targetCPU`, which this CPU must be able to run; or, where
  /// `chips` names some, as in sm_89, kernels for these GPUs, which the
  /// emulator of PTX runs. `allowTF32` is on every operation then.
  explicit Runner(std::string targetCPU, std::vector<std::string> chips = {},
                  bool allowTF32 = false);

  /// Compares the kernel with the straight evaluation.
  Outcome run(const Case &testCase, Form form = Form::Operation);

  /// Compares the kernel with the straight evaluation, and with what
  /// `attn-decompose` makes of the same module.
  Outcome fuzz(const Case &testCase);

private:
  Problem makeProblem(const Case &testCase) const;
  using Module = mlir::OwningOpRef<mlir::ModuleOp>;
  llvm::Expected<Module> makeModule(const Problem &problem, Form form);
  llvm::Expected<llvm::SmallVector<Tensor>>
  execute(mlir::ModuleOp module, const Problem &problem, llvm::StringRef chip);
  llvm::Expected<llvm::SmallVector<Tensor>>
  execute(const Problem &problem, Form form, llvm::StringRef chip);
  Outcome runOnChips(const Problem &problem, Form form,
                     const Expectation &expectation);

  mlir::MLIRContext context;
  std::string targetCPU;
  std::vector<std::string> chips;
  bool allowTF32;
};

/// A set of cases in which all pairs occur of types, sequence lengths, head
/// dims, heads, batches, kinds of signature and numbers of threads, and of
/// variants with types, kinds of signature and numbers of threads; and of
/// variants with decode steps, short, long and unequal sequences.
std::vector<Case> getCoveringCases();

/// Calls `visit` for each element of the full product, until it returns false.
void forAllCases(llvm::function_ref<bool(const Case &)> visit);

/// A case from everything that attn.sdpa takes.
Case drawCase(uint64_t seed);

} // namespace e2e

#endif // ATTN_TEST_E2E_RUNNER_H

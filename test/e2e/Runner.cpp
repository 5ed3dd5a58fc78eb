//===- Runner.cpp - Compiling, running and comparing a case ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include "attn/Execution/Compiler.h"
#include "cpu/ThreadPool.h"
#include "gpu/Symbols.h"

#include "attn/IR/AttnDialect.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace e2e;

static mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  mlir::attn::registerCompilerDialects(registry);
  return registry;
}

Runner::Runner(std::string targetCPU, std::string chip, bool allowTF32)
    : context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED),
      targetCPU(std::move(targetCPU)), chip(std::move(chip)),
      allowTF32(allowTF32) {}

Problem Runner::makeProblem(const Case &testCase) const {
  Problem problem = Problem::make(testCase);
  problem.variant.allowTF32 = allowTF32;
  return problem;
}

/// The emulator, as the current device, where the kernels are a GPU's.
static std::optional<attnrt::DeviceScope> makeDevice(llvm::StringRef chip) {
  if (chip.empty())
    return std::nullopt;
  return std::make_optional<attnrt::DeviceScope>(
      attnrt::GPUDevice::createPTX(/*threads=*/1));
}

/// Fails unless one operation is left of the attention.
static llvm::Error checkRaised(mlir::ModuleOp module) {
  unsigned count = 0;
  module->walk([&](mlir::Operation *op) {
    count += mlir::isa<mlir::attn::SDPAOp>(op);
    if (mlir::isa<mlir::linalg::LinalgDialect>(op->getDialect()))
      count += 2;
  });
  if (count == 1)
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return llvm::createStringError("attn-raise does not give it back:\n" + text);
}

llvm::Expected<llvm::SmallVector<Tensor>>
Runner::execute(const Problem &problem, Form form) {
  std::string text = makeModule(problem);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return llvm::createStringError("does not parse:\n" + text);
  if (form != Form::Operation) {
    mlir::PassManager pm(&context);
    pm.addPass(mlir::attn::createAttnDecompose());
    if (form == Form::Raised)
      mlir::attn::buildAttnFrontend(pm, /*raise=*/true);
    if (mlir::failed(pm.run(*module)))
      return llvm::createStringError("does not decompose or raise");
  }
  if (form == Form::Raised)
    if (llvm::Error error = checkRaised(*module))
      return std::move(error);
  auto function = mlir::attn::findEntryFunction(*module, "attention");
  if (!function)
    return function.takeError();
  auto executable =
      mlir::attn::compile(*function, {targetCPU, int64_t(problem.threads),
                                      form == Form::Decomposed ? "" : chip,
                                      /*raise=*/false});
  if (!executable)
    return executable.takeError();
  attnrt::ThreadPool::setGlobalThreads(problem.threads);
  return (*executable)->call("attention", problem.inputs);
}

namespace {

/// Collects the worst of several comparisons.
class Judge {
public:
  explicit Judge(const Shape &shape) : shape(shape) {}

  void compare(const char *what, const Tensor &found,
               llvm::ArrayRef<int64_t> order, int64_t lastSize,
               llvm::ArrayRef<double> expected, llvm::ArrayRef<double> bounds,
               double factor = 1);
  Outcome outcome;

private:
  const Shape &shape;
};

} // namespace

/// Whether two values are equal, infinities and NaN included.
static bool isSame(double found, double expected) {
  return found == expected || (std::isnan(found) && std::isnan(expected));
}

void Judge::compare(const char *what, const Tensor &found,
                    llvm::ArrayRef<int64_t> strides, int64_t lastSize,
                    llvm::ArrayRef<double> expected,
                    llvm::ArrayRef<double> bounds, double factor) {
  if (!outcome.failure.empty())
    return;
  if (found.getNumElements() != int64_t(expected.size())) {
    outcome.failure = llvm::formatv("{0} has {1} elements, expected {2}", what,
                                    found.getNumElements(), expected.size());
    return;
  }
  size_t n = 0;
  for (int64_t b = 0; b < shape.batch; ++b)
    for (int64_t h = 0; h < shape.heads; ++h)
      for (int64_t i = 0; i < shape.queries; ++i)
        for (int64_t d = 0; d < lastSize; ++d, ++n) {
          double value =
              found.get(b * strides[0] + h * strides[1] + i * strides[2] + d);
          if (isSame(value, expected[n]))
            continue;
          double error = std::fabs(value - expected[n]);
          double bound = bounds[n] * factor;
          if (error <= bound) {
            outcome.errorRatio = std::max(outcome.errorRatio, error / bound);
            continue;
          }
          outcome.failure = llvm::formatv(
              "{0}[b {1}, h {2}, q {3}, d {4}] is {5}, expected {6}: off by "
              "{7}, allowed {8}",
              what, b, h, i, d, llvm::format("%.9g", value),
              llvm::format("%.9g", expected[n]), llvm::format("%.3g", error),
              llvm::format("%.3g", bound));
          return;
        }
}

static llvm::SmallVector<int64_t> getOutputStrides(const Problem &problem) {
  const Shape &s = problem.shape;
  if (problem.variant.layouts == Layouts::BSHD)
    return {s.queries * s.heads * s.valueDim, s.valueDim, s.heads * s.valueDim};
  return {s.heads * s.queries * s.valueDim, s.queries * s.valueDim, s.valueDim};
}

static Outcome judge(const Problem &problem, llvm::ArrayRef<Tensor> results,
                     const Expectation &expectation, double factor = 1) {
  const Shape &s = problem.shape;
  Judge judge(s);
  judge.compare("output", results[0], getOutputStrides(problem), s.valueDim,
                expectation.output, expectation.outputBound, factor);
  if (problem.variant.lse)
    judge.compare("lse", results[1], {s.heads * s.queries, s.queries, 1}, 1,
                  expectation.lse, expectation.lseBound, factor);
  return judge.outcome;
}

Outcome Runner::run(const Case &testCase, Form form) {
  auto device = makeDevice(chip);
  Problem problem = makeProblem(testCase);
  auto results = execute(problem, form);
  if (!results)
    return {llvm::toString(results.takeError()), 0};
  return judge(problem, *results, evaluate(problem, !chip.empty()));
}

Outcome Runner::fuzz(const Case &testCase) {
  auto device = makeDevice(chip);
  Problem problem = makeProblem(testCase);
  Expectation expectation = evaluate(problem, !chip.empty());
  auto results = execute(problem, Form::Operation);
  if (!results)
    return {llvm::toString(results.takeError()), 0};
  Outcome outcome = judge(problem, *results, expectation);
  if (!outcome.failure.empty())
    return outcome;
  auto decomposed = execute(problem, Form::Decomposed);
  if (!decomposed)
    return {"decomposed: " + llvm::toString(decomposed.takeError()), 0};
  // The decomposition takes the place of the expected values; both sides have
  // an error.
  auto replace = [](std::vector<double> &values, const Tensor &tensor,
                    const Shape &s, llvm::ArrayRef<int64_t> strides,
                    int64_t last) {
    size_t n = 0;
    for (int64_t b = 0; b < s.batch; ++b)
      for (int64_t h = 0; h < s.heads; ++h)
        for (int64_t i = 0; i < s.queries; ++i)
          for (int64_t d = 0; d < last; ++d, ++n)
            values[n] = tensor.get(b * strides[0] + h * strides[1] +
                                   i * strides[2] + d);
  };
  const Shape &s = problem.shape;
  replace(expectation.output, (*decomposed)[0], s, getOutputStrides(problem),
          s.valueDim);
  if (problem.variant.lse)
    replace(expectation.lse, (*decomposed)[1], s,
            {s.heads * s.queries, s.queries, 1}, 1);
  Outcome both = judge(problem, *results, expectation, /*factor=*/2);
  if (!both.failure.empty())
    both.failure = "against attn-decompose: " + both.failure;
  both.errorRatio = std::max(both.errorRatio, outcome.errorRatio);
  return both;
}

//===- Runner.cpp - Compiling, running and comparing a case ---------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include "attn/CodeGen/NVVM/Passes.h"
#include "attn/Execution/Compiler.h"
#include "cpu/ThreadPool.h"
#include "gpu/Symbols.h"

#include "attn/IR/AttnDialect.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace e2e;

static mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  mlir::attn::registerCompilerDialects(registry);
  return registry;
}

Runner::Runner(std::string targetCPU, std::vector<std::string> chips,
               bool allowTF32)
    : context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED),
      targetCPU(std::move(targetCPU)), chips(std::move(chips)),
      allowTF32(allowTF32) {}

Problem Runner::makeProblem(const Case &testCase) const {
  Problem problem = Problem::make(testCase);
  problem.variant.allowTF32 = allowTF32;
  return problem;
}

/// Fails unless one operation is left of the attention, or, where it has no
/// rows, its zeros.
static llvm::Error checkRaised(mlir::ModuleOp module, const Shape &shape) {
  unsigned count = 0;
  module->walk([&](mlir::Operation *op) {
    count += mlir::isa<mlir::attn::SDPAOp>(op);
    if (mlir::isa<mlir::linalg::LinalgDialect>(op->getDialect()))
      count += 2;
  });
  bool hasRows = shape.batch > 0 && shape.queries > 0;
  if (count == 1 || (count == 0 && !hasRows))
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return llvm::createStringError("attn-raise does not give it back:\n" + text);
}

llvm::Expected<Runner::Module> Runner::makeModule(const Problem &problem,
                                                  Form form) {
  std::string text = e2e::makeModule(problem);
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
    if (llvm::Error error = checkRaised(*module, problem.shape))
      return std::move(error);
  return module;
}

/// The emulator, as the current device, where the kernels are a GPU's. It
/// allocates the inputs.
static std::optional<attnrt::DeviceScope>
makeDevice(llvm::ArrayRef<std::string> chips) {
  if (chips.empty())
    return std::nullopt;
  return std::make_optional<attnrt::DeviceScope>(
      attnrt::GPUDevice::createPTX(/*threads=*/1));
}

/// Runs the module on this CPU, or its kernels on the emulator.
llvm::Expected<llvm::SmallVector<Tensor>>
Runner::execute(mlir::ModuleOp module, const Problem &problem,
                llvm::StringRef chip) {
  auto function = mlir::attn::findEntryFunction(module, "attention");
  if (!function)
    return function.takeError();
  auto executable = mlir::attn::compile(
      *function, {targetCPU, int64_t(problem.threads), chip.str(),
                  /*raise=*/false, problem.variant.schedule});
  if (!executable)
    return executable.takeError();
  attnrt::ThreadPool::setGlobalThreads(problem.threads);
  return (*executable)->call("attention", problem.inputs);
}

llvm::Expected<llvm::SmallVector<Tensor>>
Runner::execute(const Problem &problem, Form form, llvm::StringRef chip) {
  auto module = makeModule(problem, form);
  if (!module)
    return module.takeError();
  return execute(**module, problem, chip);
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

/// The PTX of a module's kernels, but for the lines that name chip and version.
static std::string getBody(mlir::ModuleOp module) {
  std::string body;
  for (auto binary : module.getOps<mlir::gpu::BinaryOp>())
    for (auto object : binary.getObjects().getAsRange<mlir::gpu::ObjectAttr>())
      for (llvm::StringRef line :
           llvm::split(object.getObject().getValue(), '\n'))
        if (!line.starts_with(".target ") && !line.starts_with(".version "))
          body += (line + "\n").str();
  return body;
}

/// What a chip decides is the schedule, which the tiles show, and then what the
/// back end makes of the kernels. Chips that agree in both have the same code,
/// which runs once.
Outcome Runner::runOnChips(const Problem &problem, Form form,
                           const Expectation &expectation) {
  struct Lowered {
    Module module;
    llvm::StringSet<> bodies;
  };
  llvm::StringMap<Lowered> byTiles;
  Outcome worst;
  auto run = [&](llvm::StringRef chip) -> llvm::Error {
    auto module = makeModule(problem, form);
    if (!module)
      return module.takeError();
    mlir::attn::AttnToNVVMOptions options;
    options.chip = chip.str();
    options.raise = false;
    options.schedule = problem.variant.schedule;
    auto lower = [&](mlir::ModuleOp module, auto build) {
      mlir::PassManager pm(&context);
      build(pm);
      return pm.run(module);
    };
    if (mlir::failed(lower(**module, [&](mlir::OpPassManager &pm) {
          mlir::attn::buildAttnGPUTile(pm, options);
        })))
      return llvm::createStringError("cannot be tiled");
    std::string tiles;
    llvm::raw_string_ostream(tiles) << **module;
    Lowered &lowered = byTiles[tiles];
    if (!lowered.module) {
      if (mlir::failed(lower(**module, [&](mlir::OpPassManager &pm) {
            mlir::attn::buildAttnGPUBufferize(pm, options);
            mlir::attn::buildAttnGPUDistribute(pm, options);
            mlir::attn::buildAttnGPUToNVVM(pm, options);
          })))
        return llvm::createStringError("cannot be compiled");
      lowered.module = std::move(*module);
    }
    Module copy = lowered.module->clone();
    for (auto kernels : copy->getOps<mlir::gpu::GPUModuleOp>())
      kernels.removeTargetsAttr();
    mlir::GpuNVVMAttachTargetOptions target;
    target.chip = chip.str();
    if (mlir::failed(lower(*copy, [&](mlir::OpPassManager &pm) {
          pm.addPass(mlir::createGpuNVVMAttachTarget(target));
          pm.addPass(mlir::attn::createAttnEmbedPTX());
        })))
      return llvm::createStringError("has no PTX");
    if (!lowered.bodies.insert(getBody(*copy)).second)
      return llvm::Error::success();
    // Without keys there is no kernel, and code of the host is not lowered
    // twice.
    bool hasKernels = !copy->getOps<mlir::gpu::BinaryOp>().empty();
    auto results = hasKernels ? execute(*copy, problem, chip)
                              : execute(problem, form, chip);
    if (!results)
      return results.takeError();
    ++worst.numDistinct;
    Outcome outcome = judge(problem, *results, expectation);
    worst.errorRatio = std::max(worst.errorRatio, outcome.errorRatio);
    if (!outcome.failure.empty())
      return llvm::createStringError(outcome.failure);
    return llvm::Error::success();
  };
  for (const std::string &chip : chips)
    if (llvm::Error error = run(chip)) {
      worst.failure = chip + ": " + llvm::toString(std::move(error));
      break;
    }
  return worst;
}

Outcome Runner::run(const Case &testCase, Form form) {
  auto device = makeDevice(chips);
  Problem problem = makeProblem(testCase);
  Expectation expectation = evaluate(problem, !chips.empty());
  if (chips.size() > 1)
    return runOnChips(problem, form, expectation);
  auto results = execute(problem, form, chips.empty() ? "" : chips.front());
  if (!results)
    return {llvm::toString(results.takeError())};
  return judge(problem, *results, expectation);
}

Outcome Runner::fuzz(const Case &testCase) {
  auto device = makeDevice(chips);
  Problem problem = makeProblem(testCase);
  Expectation expectation = evaluate(problem, !chips.empty());
  auto results =
      execute(problem, Form::Operation, chips.empty() ? "" : chips.front());
  if (!results)
    return {llvm::toString(results.takeError())};
  Outcome outcome = judge(problem, *results, expectation);
  if (!outcome.failure.empty())
    return outcome;
  auto decomposed = execute(problem, Form::Decomposed, /*chip=*/"");
  if (!decomposed)
    return {"decomposed: " + llvm::toString(decomposed.takeError())};
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

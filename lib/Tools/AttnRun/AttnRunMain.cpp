//===- AttnRunMain.cpp - The tool attn-run --------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Tools/AttnRunMain.h"

#include "Comparison.h"
#include "Options.h"
#include "Work.h"
#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/Execution/Compiler.h"
#include "attn/Import/ONNX.h"
#include "attn/Target/GPUTarget.h"
#include "cpu/Failure.h"
#include "cpu/ThreadPool.h"
#include "gpu/Symbols.h"
#include "memory/Allocator.h"
#include "support/OutputFile.h"
#include "tensor/Npy.h"
#include "tensor/Value.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <chrono>
#include <cmath>
#include <ctime>

using namespace mlir;
using namespace mlir::attn;
using attnrt::Tensor;

using Clock = std::chrono::steady_clock;

static double getMillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin)
      .count();
}

/// What the process spent before main(): loading the libraries.
static double getStartupMilliseconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 +
         static_cast<double>(time.tv_nsec) * 1e-6;
}

namespace {

/// One run of the tool.
class Runner {
public:
  Runner(Options &options, double startup)
      : options(options), compileMilliseconds(startup) {}
  llvm::Error run();

private:
  llvm::Error createDevice();
  llvm::Error parseModule();
  llvm::Error importModel();
  llvm::Error readInputs(ArrayRef<std::string> names);
  llvm::Error execute(Executable &executable);
  llvm::Expected<std::optional<double>> countFlops(bool masks);
  llvm::Expected<unsigned> chooseCheckedRows();
  llvm::Error checkTolerance(unsigned result, const Comparison &comparison);
  llvm::Error checkAgainstReference();
  llvm::Error checkExpected();
  llvm::Error report();
  llvm::Error writeStats();

  Options &options;
  /// Outlives what lies in its memory.
  std::optional<attnrt::DeviceScope> device;
  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  llvm::SourceMgr sources;
  /// Errors of passes too point at the source.
  std::optional<SourceMgrDiagnosticHandler> handler;
  /// What is compiled, and what was given.
  OwningOpRef<ModuleOp> module, source;
  Signature signature;
  SmallVector<Tensor> inputs, results;

  double compileMilliseconds;
  SmallVector<double> times;
  uint64_t peakExtraBytes = 0;
  llvm::json::Array launches;
  std::optional<double> maxError;
};

} // namespace

llvm::Error Runner::createDevice() {
  if (options.device == "ptx") {
    device.emplace(attnrt::GPUDevice::createPTX(options.threads));
    if (options.target.empty())
      options.target = "sm_80";
  } else if (options.device == "cuda") {
    auto gpu = attnrt::GPUDevice::createCUDA();
    if (!gpu)
      return gpu.takeError();
    if (options.target.empty()) {
      auto target = GPUTarget::getFor(*(*gpu)->getComputeCapability());
      if (!target)
        return target.takeError();
      options.target = target->chip.str();
    }
    device.emplace(std::move(*gpu));
  }
  return llvm::Error::success();
}

llvm::Error Runner::parseModule() {
  std::string message;
  auto file = openInputFile(options.inputFile, &message);
  if (!file)
    return llvm::createStringError(message);
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  handler.emplace(sources, context.get());
  module = parseSourceFile<ModuleOp>(sources, context.get());
  if (!module)
    return llvm::createStringError("%s is not a valid module",
                                   options.inputFile.c_str());
  return llvm::Error::success();
}

/// The inputs of an ONNX model are read before it: their shapes give its
/// dimension parameters their sizes.
llvm::Error Runner::importModel() {
  auto model = OnnxModel::read(options.inputFile);
  if (!model)
    return model.takeError();
  ArrayRef<std::string> names = model->getInputNames();
  if (options.inputs.size() != names.size())
    return llvm::createStringError(llvm::formatv(
        "the model takes {0} inputs, found {1}; they are: {2}", names.size(),
        options.inputs.size(), llvm::join(names, ", ")));
  if (llvm::Error error = readInputs(names))
    return error;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (llvm::Error error = model->bindInput(i, input.getShape()))
      return error;
  // The code is for these inputs alone, so that what looks like a shape or an
  // axis may decide the shapes of others.
  constexpr int64_t maxShapeElements = 64;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (!input.getType().isFloat() && !input.getType().isOpaque() &&
        input.getShape().size() <= 1 &&
        input.getNumElements() <= maxShapeElements)
      model->bindValue(i, ArrayRef(static_cast<const char *>(input.data()),
                                   input.getByteSize()));
  auto imported = model->import(context.get());
  if (!imported)
    return llvm::createStringError(options.inputFile + ": " +
                                   llvm::toString(imported.takeError()));
  module = std::move(*imported);
  return llvm::Error::success();
}

/// Reads the values of --input: those with a name go to the argument of that
/// name, the others to those that are left, in order.
llvm::Error Runner::readInputs(ArrayRef<std::string> names) {
  SmallVector<std::optional<StringRef>> values(options.inputs.size());
  SmallVector<StringRef> inOrder;
  for (StringRef text : options.inputs) {
    auto [name, value] = text.split('=');
    size_t at = llvm::find(names, name) - names.begin();
    bool isNamed = llvm::isAlpha(name.empty() ? '0' : name.front()) &&
                   !attnrt::ElementType::parse(name);
    if (isNamed && at >= values.size())
      return llvm::createStringError(
          "no input has the name '" + name +
          (llvm::all_of(names,
                        [](const std::string &known) { return known.empty(); })
               ? "': those of an MLIR function are given in order"
               : "', expected one of " + llvm::join(names, ", ")));
    if (name.empty() || at >= values.size()) {
      inOrder.push_back(text);
      continue;
    }
    if (values[at])
      return llvm::createStringError("input '" + name + "' is given twice");
    values[at] = value;
  }
  auto next = inOrder.begin();
  for (auto [i, value] : llvm::enumerate(values)) {
    if (!value)
      value = *next++;
    auto input = attnrt::parseValue(*value);
    if (!input)
      return input.takeError();
    if (device)
      (*device)->nameAllocation(input->data(), ("input " + Twine(i)).str());
    inputs.push_back(std::move(*input));
  }
  return llvm::Error::success();
}

/// The names that arguments carry; empty where they have none.
static SmallVector<std::string> getArgumentNames(func::FuncOp function) {
  SmallVector<std::string> names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<StringAttr>(i, kValueNameAttr);
    names.push_back(name ? name.str() : "");
  }
  return names;
}

llvm::Error Runner::run() {
  Clock::time_point begin = Clock::now();
  // Before the threads are counted: without a number, the emulator takes one
  // for a kernel with atomics, whose order would vary.
  if (llvm::Error error = createDevice())
    return error;
  if (options.threads == 0)
    options.threads = attnrt::getNumAvailableCPUs();
  registerCompilerDialects(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  // A user wants the line that names the fault, not the operation in full.
  context->printOpOnDiagnostic(false);
  bool isOnnx = StringRef(options.inputFile).ends_with_insensitive(".onnx");
  if (llvm::Error error = isOnnx ? importModel() : parseModule())
    return error;
  auto function = findEntryFunction(*module, options.function);
  if (!function)
    return function.takeError();
  auto types = Signature::get(*function);
  if (!types)
    return types.takeError();
  signature = std::move(*types);
  if (options.outputs.size() > signature.results.size() ||
      options.expected.size() > signature.results.size())
    return llvm::createStringError(llvm::formatv(
        "function '{0}' has {1} result{2}, found {3} of --{4}", signature.name,
        signature.results.size(), signature.results.size() == 1 ? "" : "s",
        std::max(options.outputs.size(), options.expected.size()),
        options.outputs.size() > signature.results.size() ? "output"
                                                          : "expected"));
  compileMilliseconds += getMillisecondsSince(begin);

  if (!isOnnx) {
    // Counted first: reading may take long.
    if (llvm::Error error = signature.checkInputCount(options.inputs.size()))
      return error;
    if (llvm::Error error = readInputs(getArgumentNames(*function)))
      return error;
  }
  if (llvm::Error error = signature.bind(inputs))
    return error;
  if (options.check || !options.stats.empty())
    source = module->clone();

  begin = Clock::now();
  attnrt::ThreadPool::setGlobalThreads(options.threads);
  auto executable =
      compile(*function, {options.targetCPU, options.threads, options.target,
                          options.raise, options.schedule});
  if (!executable)
    return executable.takeError();
  compileMilliseconds += getMillisecondsSince(begin);

  if (llvm::Error error = execute(**executable))
    return error;
  if (options.check)
    if (llvm::Error error = checkAgainstReference())
      return error;
  if (llvm::Error error = report())
    return error;
  if (!options.stats.empty())
    if (llvm::Error error = writeStats())
      return error;
  return checkExpected();
}

llvm::Error Runner::execute(Executable &executable) {
  unsigned warmUps = options.repeat > 1 ? 1 : 0;
  for (unsigned i = 0; i < options.repeat + warmUps; ++i) {
    results.clear();
    attnrt::resetPeakMemory();
    uint64_t live = attnrt::getMemoryUse().live;
    Clock::time_point begin = Clock::now();
    auto tensors = executable.call(signature.name, inputs);
    double time = getMillisecondsSince(begin);
    if (!tensors)
      return tensors.takeError();
    results = std::move(*tensors);
    if (device)
      launches = (*device)->takeLaunchStats();
    if (i >= warmUps)
      times.push_back(time);
    uint64_t used = attnrt::getMemoryUse().peak - live;
    for (const Tensor &result : results)
      used -= std::min<uint64_t>(used, result.getByteSize());
    peakExtraBytes = std::max(peakExtraBytes, used);
  }
  if (device && launches.empty())
    llvm::errs() << "attn-run: warning: function '" << signature.name
                 << "' launched no kernel on --device=" << options.device
                 << ": all of it ran on the CPU\n";
  const StackUse &stack = executable.getStackUse();
  peakExtraBytes += stack.caller + options.threads * stack.kernel;
  llvm::sort(times);
  return llvm::Error::success();
}

/// The work of attention; none where a GPU's kernels do not say what they
/// compute.
llvm::Expected<std::optional<double>> Runner::countFlops(bool masks) {
  if (!source->getOps<gpu::GPUModuleOp>().empty())
    return std::nullopt;
  OwningOpRef<ModuleOp> instrumented = source->clone();
  auto function = findEntryFunction(*instrumented, signature.name);
  if (!function)
    return function.takeError();
  return countAttentionFlops(
      *function, inputs,
      {options.targetCPU, options.threads, /*chip=*/"", options.raise}, masks);
}

static std::string formatNumber(double number) {
  // A NaN's sign says nothing.
  return llvm::formatv("{0}",
                       llvm::format("%.9g", std::isnan(number) ? NAN : number));
}

static std::string formatPosition(unsigned result, ArrayRef<int64_t> indices) {
  std::string text = "result " + std::to_string(result) + "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(indices, os);
  os << ']';
  return text;
}

/// Work up to which `--check` evaluates all rows: some ten seconds in float64.
static constexpr double kMaxReferenceFlops = 2.5e11;

/// Rows of each head that it takes beyond that.
static constexpr unsigned kSampledRows = 64;

/// The rows of each head to check; 0 for all. Says so where it was not asked
/// for fewer.
llvm::Expected<unsigned> Runner::chooseCheckedRows() {
  if (options.checkRows)
    return *options.checkRows;
  // The definition computes what a mask drops too.
  auto flops = countFlops(/*masks=*/false);
  if (!flops)
    return flops.takeError();
  if (!*flops || **flops <= kMaxReferenceFlops)
    return 0;
  llvm::outs() << llvm::formatv(
      "check: takes {0} rows of each head: all would take {1} operations in "
      "float64, --check-rows=0 does\n",
      kSampledRows, llvm::format("%.1e", **flops));
  return kSampledRows;
}

llvm::Error Runner::checkTolerance(unsigned result,
                                   const Comparison &comparison) {
  if (comparison.maxError <= options.tolerance)
    return llvm::Error::success();
  return llvm::createStringError(llvm::formatv(
      "{0} is {1}, expected {2}: they differ by {3:e3}, more than {4:e3}",
      formatPosition(result, comparison.position),
      formatNumber(comparison.found), formatNumber(comparison.expected),
      comparison.maxError, options.tolerance));
}

llvm::Error Runner::checkAgainstReference() {
  auto chosenRows = chooseCheckedRows();
  if (!chosenRows)
    return chosenRows.takeError();
  unsigned rows = *chosenRows;
  OwningOpRef<ModuleOp> reference = source->clone();
  if (llvm::Error error = makeReference(*reference, rows))
    return error;
  if (signature.results.empty())
    return llvm::createStringError("--check: function '" + signature.name +
                                   "' has no result to compare");
  auto function = findEntryFunction(*reference, signature.name);
  if (!function)
    return function.takeError();
  auto wideSignature = Signature::get(*function);
  if (!wideSignature)
    return wideSignature.takeError();
  auto executable =
      compile(*function, {options.targetCPU, options.threads, /*chip=*/"",
                          /*raise=*/false});
  if (!executable)
    return executable.takeError();
  SmallVector<Tensor> wideInputs;
  for (auto [input, type] : llvm::zip_equal(inputs, wideSignature->arguments)) {
    auto wide = input.convert(type.element);
    if (!wide)
      return wide.takeError();
    wideInputs.push_back(std::move(*wide));
  }
  auto expected = (*executable)->call(signature.name, wideInputs);
  if (!expected)
    return expected.takeError();

  maxError = 0;
  for (auto [i, result] : llvm::enumerate(results)) {
    Comparison comparison =
        compare(result, (*expected)[i], /*skipNaN=*/rows != 0);
    if (comparison.count == 0 && result.getNumElements() != 0)
      return llvm::createStringError(llvm::formatv(
          "no element of result {0} follows from {1} rows of each head alone, "
          "--check-rows=0 checks all",
          i, rows));
    maxError = std::max(*maxError, comparison.maxError);
    llvm::outs() << llvm::formatv(
        "check: result {0}: max error {1:e3} in {2} elements", i,
        comparison.maxError, comparison.count);
    if (comparison.maxError != 0)
      llvm::outs() << llvm::formatv(
          ", at {0}: {1}, expected {2}", formatPosition(i, comparison.position),
          formatNumber(comparison.found), formatNumber(comparison.expected));
    llvm::outs() << '\n';
    if (std::isinf(comparison.maxError))
      return llvm::createStringError(llvm::formatv(
          "{0} is {1}, expected {2}: only one of them is a finite number",
          formatPosition(i, comparison.position),
          formatNumber(comparison.found), formatNumber(comparison.expected)));
    if (options.boundsCheck)
      if (llvm::Error error = checkTolerance(i, comparison))
        return error;
  }
  return llvm::Error::success();
}

llvm::Error Runner::checkExpected() {
  for (auto [i, text] : llvm::enumerate(options.expected)) {
    auto expected = attnrt::parseValue(text);
    if (!expected)
      return expected.takeError();
    const Tensor &result = results[i];
    if (expected->getShape() != result.getShape() ||
        !expected->getType().isBitCompatible(result.getType()))
      return llvm::createStringError(llvm::formatv(
          "result {0} is {1}, expected {2}", i,
          attnrt::formatShape(result.getShape(), result.getType()),
          attnrt::formatShape(expected->getShape(), expected->getType())));
    expected->reinterpret(result.getType());
    Comparison comparison = compare(result, *expected, /*skipNaN=*/false);
    if (llvm::Error error = checkTolerance(i, comparison))
      return error;
    llvm::outs() << llvm::formatv("expected: result {0}: max error {1:e3}\n", i,
                                  comparison.maxError);
  }
  return llvm::Error::success();
}

llvm::Error Runner::report() {
  for (auto [file, result] : llvm::zip(options.outputs, results))
    if (llvm::Error error =
            attnrt::writeNpy(StringRef(file).drop_front(), result))
      return error;
  // A result that is compared or written needs no print.
  if (!options.expected.empty())
    return llvm::Error::success();
  if (options.outputs.empty())
    llvm::outs() << "EXEC @" << signature.name << '\n';
  for (unsigned i = options.outputs.size(); i < results.size(); ++i)
    llvm::outs() << "result[" << i << "]: " << attnrt::formatValue(results[i])
                 << '\n';
  return llvm::Error::success();
}

llvm::Error Runner::writeStats() {
  auto flops = countFlops(/*masks=*/true);
  if (!flops)
    return flops.takeError();
  uint64_t bytes = 0;
  for (const Tensor &tensor : llvm::concat<Tensor>(inputs, results))
    bytes += tensor.getByteSize();
  double median = times[times.size() / 2];
  if (times.size() % 2 == 0)
    median = (median + times[times.size() / 2 - 1]) / 2;
  llvm::json::Object stats{
      {"function", signature.name},
      {"threads", static_cast<int64_t>(options.threads)},
      {"runs", static_cast<int64_t>(times.size())},
      {"compile_ms", compileMilliseconds},
      {"median_ms", median},
      {"min_ms", times.front()},
      {"bytes", static_cast<int64_t>(bytes)},
      {"peak_extra_bytes", static_cast<int64_t>(peakExtraBytes)}};
  if (device) {
    stats["device"] = options.device;
    stats["target"] = options.target;
    stats["launches"] = std::move(launches);
  }
  if (*flops) {
    stats["flops"] = **flops;
    stats["gflops"] = **flops / (median * 1e6);
  }
  if (maxError)
    stats["max_error"] = *maxError;
  return attnrt::writeFile(options.stats, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(stats)));
  });
}

[[noreturn]] static void exitOutOfMemory(size_t size) {
  llvm::errs() << "attn-run: error: out of memory: cannot allocate " << size
               << " bytes while " << attnrt::getMemoryUse().live
               << " bytes are in use\n";
  // The kernel that asked cannot be unwound.
  _exit(1);
}

[[noreturn]] static void exitAfterFailure(StringRef message) {
  llvm::errs() << "attn-run: error: " << message << '\n';
  _exit(1);
}

int attn::attnRunMain(int argc, char **argv) {
  double startup = getStartupMilliseconds();
  llvm::InitLLVM init(argc, argv);
  attnrt::setOutOfMemoryHandler(exitOutOfMemory);
  attnrt::setFailureHandler(exitAfterFailure);
  auto run = [&]() -> llvm::Error {
    auto options = Options::parse(argc, argv);
    if (!options || options->isHelp)
      return options.takeError();
    return Runner(*options, startup).run();
  };
  if (llvm::Error error = run()) {
    llvm::errs() << "attn-run: error: " << llvm::toString(std::move(error))
                 << '\n';
    return 1;
  }
  return 0;
}

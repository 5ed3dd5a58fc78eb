//===- Options.cpp - Command line of attn-run -----------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "attn/CodeGen/NVVM/PTX.h"
#include "attn/Schedule/ScheduleOptions.h"
#include "support/OutputFile.h"

#include "llvm/Option/ArgList.h"
#include "llvm/Option/OptTable.h"
#include "llvm/Support/raw_ostream.h"
#include <set>

using namespace mlir::attn;
using namespace llvm::opt;

namespace {

enum ID {
  OPT_INVALID = 0,
#define OPTION(...) LLVM_MAKE_OPT_ID(__VA_ARGS__),
#include "Options.inc"
#undef OPTION
};

#define OPTTABLE_STR_TABLE_CODE
#include "Options.inc"
#undef OPTTABLE_STR_TABLE_CODE

#define OPTTABLE_PREFIXES_TABLE_CODE
#include "Options.inc"
#undef OPTTABLE_PREFIXES_TABLE_CODE

constexpr OptTable::Info optionInfos[] = {
#define OPTION(...) LLVM_CONSTRUCT_OPT_INFO(__VA_ARGS__),
#include "Options.inc"
#undef OPTION
};

// Not llvm::cl: LLVM's library has options of its own, some of these names.
class RunOptTable : public GenericOptTable {
public:
  RunOptTable()
      : GenericOptTable(OptionStrTable, OptionPrefixesTable, optionInfos) {}
};

} // namespace

/// More than any machine has; each takes a stack.
static constexpr unsigned kMaxThreads = 4096;

/// Reads the number of an option, if it is there.
template <typename Number>
static llvm::Error readNumber(const InputArgList &args, unsigned id,
                              const char *expected, Number &value) {
  const Arg *arg = args.getLastArg(id);
  if (!arg)
    return llvm::Error::success();
  llvm::StringRef text = arg->getValue();
  bool failed;
  if constexpr (std::is_floating_point_v<Number>)
    failed = text.getAsDouble(value) || !(value >= 0);
  else
    failed = text.getAsInteger(10, value);
  if (failed)
    return llvm::createStringError(arg->getAsString(args) + ": expected " +
                                   expected);
  return llvm::Error::success();
}

/// Before a run that may take long: every file can be written, and is once.
llvm::Error Options::checkWrittenFiles() const {
  std::set<llvm::StringRef> files;
  auto check = [&](llvm::StringRef file) -> llvm::Error {
    if (!files.insert(file).second)
      return llvm::createStringError("two outputs go to the file " + file);
    return attnrt::checkWritable(file);
  };
  for (llvm::StringRef output : outputs)
    if (llvm::Error error = check(output.drop_front()))
      return error;
  return stats.empty() ? llvm::Error::success() : check(stats);
}

llvm::Expected<Options> Options::parse(int argc, char **argv) {
  RunOptTable table;
  unsigned missingIndex, missingCount;
  InputArgList args = table.ParseArgs(llvm::ArrayRef(argv + 1, argc - 1),
                                      missingIndex, missingCount);
  Options options;
  if (args.hasArg(OPT_help)) {
    table.printHelp(
        llvm::outs(), "attn-run [options] FILE.mlir|FILE.onnx",
        "Compiles a function on tensors, or an ONNX model, and runs it.\n\n"
        "Prints the results, in order, or writes them to .npy files. Sizes\n"
        "that the function leaves open follow from the inputs.");
    options.isHelp = true;
    return options;
  }
  for (const Arg *arg : args.filtered(OPT_UNKNOWN)) {
    std::string text = arg->getAsString(args), nearest;
    std::string message = "unknown option '" + text + "'";
    if (table.findNearest(text, nearest) <= 2)
      message += ", did you mean '" + nearest + "'?";
    return llvm::createStringError(message);
  }
  std::vector<std::string> files = args.getAllArgValues(OPT_INPUT);
  if (files.size() != 1)
    return llvm::createStringError("expected one file to run, found " +
                                   llvm::Twine(files.size()) +
                                   "; --help explains the options");
  options.inputFile = files.front();
  options.function = args.getLastArgValue(OPT_function);
  llvm::append_range(options.inputs, args.getAllArgValues(OPT_input));
  llvm::append_range(options.outputs, args.getAllArgValues(OPT_output));
  llvm::append_range(options.expected, args.getAllArgValues(OPT_expected));
  options.device = args.getLastArgValue(OPT_device, options.device);
  options.targetCPU = args.getLastArgValue(OPT_target_cpu, options.targetCPU);
  options.target = args.getLastArgValue(OPT_target);
  options.raise = !args.hasArg(OPT_no_raise);
  options.stats = args.getLastArgValue(OPT_stats);
  options.check = args.hasArg(OPT_check) || args.hasArg(OPT_check_rows);

  if (args.hasArg(OPT_stats) && options.stats.empty())
    return llvm::createStringError("--stats=: expected a file to write");
  if (args.hasArg(OPT_function) && options.function.empty())
    return llvm::createStringError("--function=: expected a name");
  const char *count = "a number from 0 to 4294967295";
  unsigned checkRows;
  for (auto [id, value] : {std::pair(OPT_threads, &options.threads),
                           std::pair(OPT_repeat, &options.repeat),
                           std::pair(OPT_check_rows, &checkRows)})
    if (llvm::Error error = readNumber(args, id, count, *value))
      return std::move(error);
  if (args.hasArg(OPT_check_rows))
    options.checkRows = checkRows;
  if (llvm::Error error = readNumber(
          args, OPT_tolerance, "a number of at least 0", options.tolerance))
    return std::move(error);
  options.boundsCheck = options.check && args.hasArg(OPT_tolerance);
  if (args.hasArg(OPT_threads) && options.threads == 0)
    return llvm::createStringError("--threads=0: expected at least 1");
  if (!llvm::is_contained({"cpu", "cuda", "ptx"}, options.device))
    return llvm::createStringError("unknown device '" + options.device +
                                   "', expected cpu, cuda or ptx");
  if (options.device == "cpu" && args.hasArg(OPT_target))
    return llvm::createStringError(
        args.getLastArg(OPT_target)->getAsString(args) +
        ": the device is the CPU, whose option is --target-cpu");
  if (args.hasArg(OPT_target))
    if (llvm::Error error = checkChip(options.target))
      return std::move(error);
  if (const Arg *arg = args.getLastArg(OPT_attn_schedule)) {
    llvm::SmallVector<llvm::StringRef> items;
    llvm::StringRef(arg->getValue()).split(items, ',');
    for (llvm::StringRef item : items)
      options.schedule.push_back(item.str());
    if (llvm::Error error =
            options.device == "cpu"
                ? ScheduleOptions::parse(options.schedule).takeError()
                : GPUScheduleOptions::parse(options.schedule).takeError())
      return llvm::createStringError("--attn-schedule: " +
                                     llvm::toString(std::move(error)));
  }
  if (options.threads > kMaxThreads)
    return llvm::createStringError("--threads=" + llvm::Twine(options.threads) +
                                   ": expected at most " +
                                   llvm::Twine(kMaxThreads));
  if (options.repeat == 0)
    return llvm::createStringError("--repeat=0: expected at least 1");
  for (llvm::StringRef output : options.outputs)
    if (!output.starts_with("@") || output.size() == 1)
      return llvm::createStringError("--output=" + output +
                                     ": expected @ and a file");
  if (llvm::Error error = options.checkWrittenFiles())
    return std::move(error);
  return options;
}

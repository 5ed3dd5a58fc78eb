//===- RunTool.cpp - The tool ptx-run -------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptx/RunTool.h"

#include "ptx/Device.h"
#include "support/OutputFile.h"
#include "tensor/Npy.h"
#include "tensor/Value.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <limits>

using namespace attn::ptx;
using llvm::StringRef;
using llvm::Twine;

static constexpr const char *help = R"(Runs a kernel of a PTX file on the CPU.

  ptx-run FILE.ptx --kernel=NAME --grid=X[,Y[,Z]] --block=X[,Y[,Z]] [options]

  --arg=ARG               an argument, in the order of the parameters: a buffer
                          (@x.npy, 4x8xf16=zeros, 1024xf32=random:7,
                          '4xi32=[1 2 3 4]'), a number of the parameter's size
                          (i32=5, u64=7, f32=0.125) or null
  --output=INDEX=@F.npy   write an argument's buffer to a file after the run
  --shared=BYTES          dynamic shared memory of a block
  --cluster=X[,Y[,Z]]     blocks of a cluster
  --stats=FILE.json       write the counters; - is standard output
  --trace=BLOCK:THREAD[@LINE]
                          print what one thread executes, as in 0,1:5, and end
                          the run when it comes to a line, with no files written
  --schedule=random:SEED  run warps in a random order
  --max-steps=N           warp instructions that a cluster of blocks may run;
                          by default 2^32, and 2^30 while no memory changes
  --max-polls=N           polls that may find nothing new while nothing else
                          happens; by default 2^16
  --threads=N             host threads; 0: one per core
)";

namespace {
struct Options {
  std::string file, kernel, stats;
  Dim3 grid{0, 0, 0}, block{0, 0, 0};
  uint32_t shared = 0;
  std::vector<std::string> arguments, outputs;
  LaunchOptions launch;
  bool help = false;
};
} // namespace

static llvm::Expected<Dim3> parseDim3(StringRef option, StringRef text) {
  llvm::SmallVector<StringRef, 3> parts;
  text.split(parts, ',');
  uint32_t sizes[3] = {1, 1, 1};
  bool bad = parts.size() > 3;
  for (size_t i = 0; i < parts.size() && !bad; ++i)
    bad = parts[i].getAsInteger(10, sizes[i]);
  if (bad)
    return llvm::createStringError("--" + option + "=" + text +
                                   ": expected X[,Y[,Z]]");
  return Dim3{sizes[0], sizes[1], sizes[2]};
}

static llvm::Expected<TraceOptions> parseTrace(StringRef text) {
  TraceOptions trace;
  auto bad = [&] {
    return llvm::createStringError(
        "--trace=" + text +
        ": expected BLOCK:THREAD or BLOCK:THREAD@LINE, each X[,Y[,Z]]");
  };
  auto [place, line] = text.split('@');
  auto [block, thread] = place.split(':');
  if (text.contains('@')) {
    unsigned number = 0;
    if (line.getAsInteger(10, number))
      return bad();
    trace.stopLine = number;
  }
  // Sizes default to 1, coordinates to 0.
  auto coordinates = [&](StringRef part, Dim3 &into) -> bool {
    llvm::Expected<Dim3> dim = parseDim3("trace", part);
    if (!dim) {
      llvm::consumeError(dim.takeError());
      return false;
    }
    into = *dim;
    size_t commas = part.count(',');
    into.y = commas < 1 ? 0 : into.y;
    into.z = commas < 2 ? 0 : into.z;
    return true;
  };
  if (!coordinates(block, trace.block) || !coordinates(thread, trace.thread))
    return bad();
  trace.stream = &llvm::outs();
  return trace;
}

static std::string describeThread(const TraceOptions &trace) {
  auto format = [](Dim3 d) {
    return llvm::formatv("({0},{1},{2})", d.x, d.y, d.z).str();
  };
  return "block " + format(trace.block) + ", thread " + format(trace.thread);
}

static llvm::Expected<uint64_t> parseSchedule(StringRef text) {
  uint64_t seed = 0;
  if (!text.consume_front("random:") || text.getAsInteger(10, seed))
    return llvm::createStringError("--schedule: expected random:SEED");
  return seed;
}

namespace {
/// An argument: a buffer on the device, or a value.
struct BoundArgument {
  std::optional<attnrt::Tensor> buffer;
  uint64_t address = 0;
  Argument value;
};
} // namespace

static llvm::Expected<BoundArgument>
bindArgument(Device &device, StringRef text, unsigned index) {
  auto fail = [&](llvm::Error error) {
    return llvm::createStringError("--arg " + Twine(index) + ": " +
                                   llvm::toString(std::move(error)));
  };
  BoundArgument bound;
  if (text == "null") {
    bound.value = Argument::value<uint64_t>(0);
    return bound;
  }
  llvm::Expected<attnrt::Tensor> tensor = attnrt::parseValue(text);
  if (!tensor)
    return fail(tensor.takeError());
  llvm::ArrayRef<uint8_t> bytes(static_cast<const uint8_t *>(tensor->data()),
                                tensor->getByteSize());
  if (tensor->getShape().empty() && !text.starts_with("@")) {
    bound.value = Argument::bytes(bytes);
    return bound;
  }
  llvm::Expected<uint64_t> address =
      device.allocate(bytes.size(), "argument " + std::to_string(index));
  if (!address)
    return fail(address.takeError());
  if (llvm::Error error = device.copyToDevice(*address, bytes))
    return fail(std::move(error));
  bound.address = *address;
  bound.value = Argument::value<uint64_t>(*address);
  bound.buffer = std::move(*tensor);
  return bound;
}

/// Pairs of an argument's number and a file.
static llvm::Expected<std::vector<std::pair<unsigned, std::string>>>
parseOutputs(llvm::ArrayRef<std::string> texts,
             llvm::ArrayRef<BoundArgument> arguments) {
  std::vector<std::pair<unsigned, std::string>> outputs;
  for (StringRef text : texts) {
    auto [number, file] = text.split('=');
    unsigned index = 0;
    if (number.getAsInteger(10, index) || !file.consume_front("@") ||
        file.empty())
      return llvm::createStringError("--output=" + text +
                                     ": expected INDEX=@FILE.npy");
    if (index >= arguments.size() || !arguments[index].buffer)
      return llvm::createStringError("--output=" + text + ": argument " +
                                     Twine(index) + " is not a buffer");
    outputs.push_back({index, file.str()});
  }
  return outputs;
}

static llvm::Error writeStats(StringRef path, const LaunchStats &stats) {
  auto print = [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", stats.toJSON());
  };
  if (path == "-") {
    print(llvm::outs());
    return llvm::Error::success();
  }
  return attnrt::writeFile(path, print);
}

static constexpr StringRef optionNames[] = {
    "kernel", "grid",  "block",    "cluster",   "shared",    "arg",    "output",
    "stats",  "trace", "schedule", "max-steps", "max-polls", "threads"};

static llvm::Error unknownOption(const Twine &option) {
  return llvm::createStringError("unknown option '" + option + "', see --help");
}

/// One of optionNames.
static llvm::Error parseOption(StringRef name, StringRef value,
                               Options &options) {
  auto assign = [](auto parsed, auto &into) -> llvm::Error {
    if (!parsed)
      return parsed.takeError();
    into = *parsed;
    return llvm::Error::success();
  };
  auto integer = [&]<typename T>(T &into) -> llvm::Error {
    return value.getAsInteger(10, into)
               ? llvm::createStringError("--" + name + "=" + value +
                                         ": expected a number from 0 to " +
                                         Twine(std::numeric_limits<T>::max()))
               : llvm::Error::success();
  };
  if (name == "kernel")
    options.kernel = value;
  else if (name == "grid")
    return assign(parseDim3(name, value), options.grid);
  else if (name == "block")
    return assign(parseDim3(name, value), options.block);
  else if (name == "cluster")
    return assign(parseDim3(name, value), options.launch.cluster);
  else if (name == "shared")
    return integer(options.shared);
  else if (name == "arg")
    options.arguments.push_back(value.str());
  else if (name == "output")
    options.outputs.push_back(value.str());
  else if (name == "stats")
    options.stats = value;
  else if (name == "trace")
    return assign(parseTrace(value), options.launch.trace);
  else if (name == "schedule")
    return assign(parseSchedule(value), options.launch.seed);
  else if (name == "max-steps")
    return integer(options.launch.maxSteps.emplace());
  else if (name == "max-polls")
    return integer(options.launch.maxPolls);
  else if (name == "threads")
    return integer(options.launch.threads);
  return llvm::Error::success();
}

static llvm::Expected<Options>
parseCommandLine(llvm::ArrayRef<const char *> words) {
  Options options;
  for (size_t i = 0; i < words.size(); ++i) {
    StringRef word = words[i];
    if (word == "--help" || word == "-h") {
      options.help = true;
      return options;
    }
    if (!word.consume_front("--")) {
      if (word.starts_with("-") && word != "-")
        return unknownOption(word);
      if (!options.file.empty())
        return llvm::createStringError("two files, '" + options.file +
                                       "' and '" + word + "'");
      options.file = word;
      continue;
    }
    auto [name, value] = word.split('=');
    if (!llvm::is_contained(optionNames, name))
      return unknownOption("--" + name);
    // `--arg VALUE` reads like `--arg=VALUE`.
    if (!word.contains('=')) {
      if (i + 1 == words.size())
        return llvm::createStringError("--" + name + ": a value is missing");
      value = words[++i];
    }
    if (llvm::Error error = parseOption(name, value, options))
      return error;
  }
  if (options.file.empty())
    return llvm::createStringError("a PTX file is missing, see --help");
  if (options.kernel.empty())
    return llvm::createStringError("--kernel is missing");
  if (!options.grid.count())
    return llvm::createStringError("--grid is missing or has no blocks");
  if (!options.block.count())
    return llvm::createStringError("--block is missing or has no threads");
  return options;
}

static llvm::Error run(const Options &options) {
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(options.file);
  if (!file)
    return llvm::createStringError("cannot read '" + options.file +
                                   "': " + file.getError().message());
  Device device;
  llvm::Expected<const Module *> module =
      device.load((*file)->getBuffer(), options.file);
  if (!module)
    return module.takeError();
  llvm::Expected<Kernel> kernel = (*module)->getKernel(options.kernel);
  if (!kernel)
    return kernel.takeError();

  std::vector<BoundArgument> bound;
  std::vector<Argument> arguments;
  for (unsigned i = 0; i < options.arguments.size(); ++i) {
    llvm::Expected<BoundArgument> argument =
        bindArgument(device, options.arguments[i], i);
    if (!argument)
      return argument.takeError();
    arguments.push_back(argument->value);
    bound.push_back(std::move(*argument));
  }
  auto outputs = parseOutputs(options.outputs, bound);
  if (!outputs)
    return outputs.takeError();

  llvm::Expected<LaunchStats> stats =
      device.launch(*kernel, options.grid, options.block, options.shared,
                    arguments, options.launch);
  if (!stats)
    return stats.takeError();
  // With a line to stop at nothing is written: the grid has not run to its end,
  // or what was asked for did not happen.
  if (options.launch.trace && options.launch.trace->stopLine) {
    const TraceOptions &trace = *options.launch.trace;
    if (!stats->stopped)
      return llvm::createStringError(
          options.file + ": error: --trace: " + describeThread(trace) +
          " never executes line " + Twine(*trace.stopLine));
    if (!outputs->empty() || !options.stats.empty())
      llvm::errs() << "ptx-run: note: stopped at line " << *trace.stopLine
                   << ", --output and --stats write nothing\n";
    return llvm::Error::success();
  }
  for (auto &[index, path] : *outputs) {
    attnrt::Tensor &tensor = *bound[index].buffer;
    if (llvm::Error error = device.copyFromDevice(
            {static_cast<uint8_t *>(tensor.data()), tensor.getByteSize()},
            bound[index].address))
      return error;
    if (llvm::Error error = attnrt::writeNpy(path, tensor))
      return error;
  }
  return options.stats.empty() ? llvm::Error::success()
                               : writeStats(options.stats, *stats);
}

int attn::ptx::ptxRunMain(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::Expected<Options> options =
      parseCommandLine(llvm::ArrayRef<const char *>(argv + 1, argv + argc));
  if (options && options->help) {
    llvm::outs() << help;
    return 0;
  }
  std::string file = options ? options->file : "";
  llvm::Error error = options ? run(*options) : options.takeError();
  if (!error)
    return 0;
  std::string text = llvm::toString(std::move(error));
  // What belongs to the file names it itself.
  if (file.empty() || !StringRef(text).starts_with(file + ":"))
    text = "ptx-run: error: " + text;
  llvm::errs() << text << "\n";
  return 1;
}

//===- Cubin.cpp - PTX to cubin -------------------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CodeGen/NVVM/Cubin.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using llvm::StringRef;

static StringRef getVariable(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

llvm::Expected<std::string> attn::findPTXAssembler(StringRef path) {
  if (!path.empty()) {
    if (!llvm::sys::fs::can_execute(path))
      return llvm::createStringError("ptxas '" + path +
                                     "': no program of that name");
    return path.str();
  }
  if (llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  llvm::SmallVector<std::string> roots;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (StringRef root = getVariable(variable); !root.empty())
      roots.push_back(root.str());
  if (roots.empty())
    roots.push_back("/usr/local/cuda");
  for (StringRef root : roots) {
    llvm::SmallString<128> candidate(root);
    llvm::sys::path::append(candidate, "bin", "ptxas");
    if (llvm::sys::fs::can_execute(candidate))
      return candidate.str().str();
  }
  return llvm::createStringError("no ptxas on the path or in " +
                                 llvm::join(roots, ", ") +
                                 ": the option 'ptxas' names it");
}

/// Reads what `ptxas -v` says of each kernel.
static llvm::SmallVector<attn::KernelResources, 0>
parseResources(StringRef log) {
  llvm::Regex properties("Function properties for (.+)");
  llvm::Regex spills("([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads");
  llvm::Regex registers("Used ([0-9]+) registers");
  auto number = [](StringRef text) {
    int64_t value = 0;
    text.getAsInteger(10, value);
    return value;
  };
  llvm::SmallVector<attn::KernelResources, 0> kernels;
  llvm::SmallVector<StringRef> found;
  for (StringRef line : llvm::split(log, '\n')) {
    if (properties.match(line, &found))
      kernels.push_back({found[1].trim().str()});
    else if (kernels.empty())
      continue;
    else if (spills.match(line, &found))
      kernels.back().spillBytes = number(found[1]) + number(found[2]);
    else if (registers.match(line, &found))
      kernels.back().registers = number(found[1]);
  }
  return kernels;
}

/// What the log says of an error, in one line, or its last line where none
/// does. The text that was compiled has a name of no use to anyone.
static std::string findError(std::string log, StringRef input) {
  for (size_t at = log.find(input); at != std::string::npos;
       at = log.find(input, at))
    log.replace(at, input.size(), "PTX");
  llvm::SmallVector<StringRef> lines;
  StringRef(log).trim().split(lines, '\n');
  llvm::Regex isError("(error|fatal) *:");
  auto *error =
      llvm::find_if(lines, [&](StringRef line) { return isError.match(line); });
  return (error == lines.end() ? lines.back() : *error).trim().str();
}

llvm::Expected<attn::Cubin> attn::assemblePTX(StringRef ptx, StringRef chip,
                                              StringRef assembler) {
  struct Files {
    llvm::SmallString<128> input, output, log;
    llvm::FileRemover removeInput, removeOutput, removeLog;
  } files;
  auto create = [](StringRef suffix, llvm::SmallString<128> &path,
                   llvm::FileRemover &remover, StringRef text) -> llvm::Error {
    int descriptor;
    if (std::error_code error = llvm::sys::fs::createTemporaryFile(
            "attn", suffix, descriptor, path)) {
      llvm::SmallString<128> folder;
      llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, folder);
      return llvm::createStringError("cannot create a temporary file in " +
                                     folder + ": " + error.message());
    }
    remover.setFile(path);
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os << text;
    os.close();
    if (std::error_code error = os.error()) {
      os.clear_error();
      return llvm::createStringError("cannot write " + path + ": " +
                                     error.message());
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = create("ptx", files.input, files.removeInput, ptx))
    return std::move(error);
  if (llvm::Error error = create("cubin", files.output, files.removeOutput, ""))
    return std::move(error);
  if (llvm::Error error = create("log", files.log, files.removeLog, ""))
    return std::move(error);

  std::string architecture = ("-arch=" + chip).str();
  std::string message;
  int code = llvm::sys::ExecuteAndWait(
      assembler,
      {assembler, "-v", architecture, "-o", files.output.str(),
       files.input.str()},
      std::nullopt, {std::nullopt, files.log.str(), files.log.str()},
      /*SecondsToWait=*/0, /*MemoryLimit=*/0, &message);
  auto read = [](StringRef path) -> std::string {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  };
  std::string log = read(files.log);
  if (code != 0) {
    if (message.empty())
      message = findError(log, files.input);
    if (message.empty())
      message = "exit code " + std::to_string(code);
    return llvm::createStringError(assembler + " failed: " + message);
  }
  Cubin cubin{read(files.output), parseResources(log)};
  if (cubin.bytes.empty())
    return llvm::createStringError(assembler + " wrote no cubin");
  return cubin;
}

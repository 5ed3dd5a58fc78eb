//===- attn-e2e.cpp - Numbers of compiled attention -----------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Runs a table of cases through the compiler and compares what the kernels give
// with a straight evaluation in f64.

#include "Runner.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace e2e;

static constexpr char kHelp[] =
    R"(usage: attn-e2e [options]

Runs a table of cases, or those drawn at random, and prints those that fail.

  --all                the full product of the factors; without, a set that
                       covers all pairs of them
  --shard=I/N          every N-th case, from the I-th
  --case=NAME|REGEX    one case by its name, or all that match
  --list               print the names of the cases alone
  --fuzz=N [--seed=S]  N drawn cases, compared with attn-decompose too; with
                       --case those of them that match
  --raised             what attn-raise makes of what attn-decompose makes of the
                       operation
  --target-cpu=NAME    code for a CPU that this one can run
  --chip=NAME[,NAME]   code for GPUs, run by the emulator of PTX; what is the
                       same for several of them runs once
  --allow-tf32         the same with products of tf32 for f32
  --verbose            a line for each case
)";

static constexpr unsigned kTimeLimitSeconds = 120;
static constexpr unsigned kDeadlockSeconds = 1800;

namespace {

struct Options {
  bool help = false, all = false, list = false, verbose = false, raised = false,
       allowTF32 = false;
  std::string pattern = ".", targetCPU = "host";
  std::vector<std::string> chips;
  uint64_t shard = 0, shards = 1, fuzz = 0, seed = 1;

  bool parse(int argc, char **argv);
};

} // namespace

bool Options::parse(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef arg = argv[i];
    bool ok = true;
    if (arg == "--help")
      help = true;
    else if (arg == "--all")
      all = true;
    else if (arg == "--list")
      list = true;
    else if (arg == "--allow-tf32")
      allowTF32 = true;
    else if (arg == "--raised")
      raised = true;
    else if (arg == "--verbose")
      verbose = true;
    else if (arg.consume_front("--case="))
      pattern = arg.str();
    else if (arg.consume_front("--chip="))
      for (llvm::StringRef chip : llvm::split(arg, ','))
        chips.push_back(chip.str());
    else if (arg.consume_front("--target-cpu="))
      targetCPU = arg.str();
    else if (arg.consume_front("--fuzz="))
      ok = !arg.getAsInteger(10, fuzz) && fuzz != 0;
    else if (arg.consume_front("--seed="))
      ok = !arg.getAsInteger(10, seed);
    else if (arg.consume_front("--shard="))
      ok = !arg.consumeInteger(10, shard) && arg.consume_front("/") &&
           !arg.getAsInteger(10, shards) && shard < shards;
    else
      ok = false;
    if (!ok) {
      llvm::errs() << "attn-e2e: error: invalid option '" << argv[i]
                   << "'; --help lists the options\n";
      return false;
    }
  }
  return true;
}

/// Runs `body` in a child process, so that a crash or an endless loop is the
/// failure of one case.
static Outcome isolate(llvm::function_ref<Outcome()> body) {
  int ends[2];
  if (pipe(ends) != 0)
    return {"no pipe"};
  llvm::outs().flush();
  pid_t child;
  // A busy machine may be out of processes for a moment.
  for (int attempt = 0; (child = fork()) < 0 && attempt < 60; ++attempt)
    sleep(1);
  if (child < 0)
    return {"no process"};
  if (child == 0) {
    close(ends[0]);
    // The processor's time: a busy machine is no endless loop.
    rlimit limit{kTimeLimitSeconds, kTimeLimitSeconds};
    setrlimit(RLIMIT_CPU, &limit);
    alarm(kDeadlockSeconds);
    Outcome outcome = body();
    std::string text = std::to_string(outcome.errorRatio) + " " +
                       std::to_string(outcome.numDistinct) + " " +
                       outcome.failure;
    llvm::raw_fd_ostream(ends[1], /*shouldClose=*/true) << text;
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(ends[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, size_t(size));
  close(ends[0]);
  int status;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status) &&
      (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
    return {"runs for more than " + std::to_string(kTimeLimitSeconds) +
            " seconds"};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    return {"sleeps for more than " + std::to_string(kDeadlockSeconds) +
            " seconds"};
  if (WIFSIGNALED(status) || WEXITSTATUS(status) != 0)
    return {WIFSIGNALED(status)
                ? std::string("crashes: ") + strsignal(WTERMSIG(status))
                : "exits with " + std::to_string(WEXITSTATUS(status)),
            0};
  auto [ratio, rest] = llvm::StringRef(text).split(' ');
  auto [distinct, failure] = rest.split(' ');
  Outcome outcome{failure.str()};
  (void)ratio.getAsDouble(outcome.errorRatio);
  (void)distinct.getAsInteger(10, outcome.numDistinct);
  return outcome;
}

int main(int argc, char **argv) {
  Options options;
  if (!options.parse(argc, argv))
    return 2;
  if (options.help) {
    llvm::outs() << kHelp;
    return 0;
  }
  llvm::Regex regex(options.pattern);
  std::string message;
  if (!regex.isValid(message)) {
    llvm::errs() << "attn-e2e: error: --case: " << message << '\n';
    return 2;
  }

  Runner runner(options.targetCPU, options.chips, options.allowTF32);
  uint64_t index = 0, count = 0, failures = 0, distinct = 0;
  double worst = 0;
  auto visit = [&](const Case &testCase) {
    if (index++ % options.shards != options.shard)
      return true;
    std::string name = testCase.getName();
    if (!regex.match(name))
      return true;
    ++count;
    if (options.list) {
      llvm::outs() << name << '\n';
      return true;
    }
    Outcome outcome = isolate([&] {
      if (options.fuzz)
        return runner.fuzz(testCase);
      return runner.run(testCase,
                        options.raised ? Form::Raised : Form::Operation);
    });
    worst = std::max(worst, outcome.errorRatio);
    distinct += outcome.numDistinct;
    if (!outcome.failure.empty()) {
      ++failures;
      llvm::outs() << "FAIL --case=" << name << ": " << outcome.failure << '\n';
    } else if (options.verbose) {
      llvm::outs() << llvm::formatv("ok {0}: error {1:f2} of its bound\n", name,
                                    outcome.errorRatio);
    }
    llvm::outs().flush();
    return true;
  };

  if (options.fuzz) {
    for (uint64_t i = 0; i < options.fuzz; ++i)
      visit(drawCase(options.seed + i));
  } else if (std::optional<Case> named = Case::parse(options.pattern)) {
    regex = llvm::Regex(".");
    visit(*named);
  } else if (options.all) {
    forAllCases(visit);
  } else {
    for (const Case &testCase : getCoveringCases())
      visit(testCase);
  }
  if (!options.list)
    llvm::outs() << llvm::formatv(
        "{0} cases, {1} failed; the largest error is {2:f2} of its bound\n",
        count, failures, worst);
  if (!options.list && options.chips.size() > 1)
    llvm::outs() << llvm::formatv(
        "of {0} codes for {1} chips {2} are distinct\n",
        count * options.chips.size(), options.chips.size(), distinct);
  // A pattern that matches nothing tests nothing.
  if (count == 0)
    llvm::errs() << "attn-e2e: error: no case matches '" << options.pattern
                 << "'; --list prints their names\n";
  return failures != 0 || count == 0;
}

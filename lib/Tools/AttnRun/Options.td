//===- Options.td - Command line of attn-run ---------------*- tablegen -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "llvm/Option/OptParser.td"

class F<string name, string help> : Flag<["--"], name>, HelpText<help>;
class Eq<string name, string value, string help>
    : Joined<["--"], name # "=">, MetaVarName<value>, HelpText<help>;

def help : F<"help", "Print this text">;
def : Flag<["-"], "h">, Alias<help>, HelpText<"The same">;
def function : Eq<"function", "NAME",
  "The function to run: main, or the only one, by default">;
def input : Eq<"input", "VALUE",
  "An argument, in order, or of an ONNX model as NAME=VALUE: @file.npy, 2x3xf32=0.5, 2x3xf32=[1 2 3][4 5 6], "
  "2x3xbf16=@raw.bin, 2x3xf16=random:SEED, i32=5">;
def output : Eq<"output", "@FILE.npy",
  "Where a result goes, in order; the others are printed">;
def expected : Eq<"expected", "VALUE",
  "What a result should be, in order; an error beyond the tolerance">;
def tolerance : Eq<"tolerance", "NUMBER",
  "The largest |result - expected| to accept, 1e-4 by default; with --check, of "
  "its comparison too, which accepts any without">;
def device : Eq<"device", "NAME",
  "The device to run on: cpu (the default), cuda for an NVIDIA GPU, or ptx for "
  "an emulator of one that finds faults">;
def target : Eq<"target", "CHIP",
  "The GPU to compile for, as in sm_89; by default the one there is, sm_80 for "
  "the emulator">;
def threads : Eq<"threads", "N",
  "Threads; by default the CPUs that the affinity mask leaves">;
def target_cpu : Eq<"target-cpu", "NAME",
  "Compile for this CPU: LLVM's name, or host (the default)">;
def attn_schedule : Eq<"attn-schedule", "LIST",
  "Fields of the schedules to pin, as in query_tile=64,warps=4; with print in "
  "the list, say of each attention what was chosen and why">;
def no_raise : F<"no-raise",
  "Compile attention that is decomposed as it is, without attn-raise">;
def repeat : Eq<"repeat", "N",
  "Timed runs; more than one follow a run that is not timed">;
def check : F<"check",
  "Compare with an evaluation in float64 and print the largest error; of an "
  "sdpa with much work, some rows alone">;
def check_rows : Eq<"check-rows", "N",
  "The same, with N rows of each head of an sdpa alone; 0 takes all">;
def stats : Eq<"stats", "FILE.json", "Write times, work and memory as JSON">;

//===- ScheduleOptions.cpp - Schedules by options -------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Schedule/ScheduleOptions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MathExtras.h"
#include <variant>

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A field by the name that the attribute has for it.
struct Field {
  llvm::StringRef name;
  std::variant<std::optional<int64_t> *, std::optional<bool> *> value;
  bool isPowerOf2 = false;
  int64_t least = 1;
};
} // namespace

static llvm::Error parseValue(llvm::StringRef item, llvm::StringRef text,
                              int64_t least, std::optional<int64_t> &value) {
  int64_t number;
  if (text.getAsInteger(10, number) || number < least ||
      number > kMaxScheduleNumber)
    return llvm::createStringError("schedule '" + item + "': expected " +
                                   llvm::Twine(least) + " to " +
                                   llvm::Twine(kMaxScheduleNumber));
  value = number;
  return llvm::Error::success();
}

static llvm::Error parseValue(llvm::StringRef item, llvm::StringRef text,
                              int64_t, std::optional<bool> &value) {
  if (text != "true" && text != "false")
    return llvm::createStringError("schedule '" + item +
                                   "': expected true or false");
  value = text == "true";
  return llvm::Error::success();
}

static llvm::Error parseItem(llvm::StringRef item,
                             llvm::ArrayRef<Field> fields) {
  auto [name, text] = item.split('=');
  const Field *field = llvm::find_if(
      fields, [name = name](const Field &field) { return field.name == name; });
  if (field == fields.end())
    return llvm::createStringError(
        "schedule '" + item + "': expected print or one of " +
        llvm::join(llvm::map_range(fields,
                                   [](const Field &field) {
                                     return field.name.str() + "=";
                                   }),
                   ", "));
  auto set = [&](auto &value) -> llvm::Error {
    if (value)
      return llvm::createStringError("schedule '" + item + "': " + name +
                                     " is given twice");
    return parseValue(item, text, field->least, value);
  };
  if (auto *number = std::get_if<std::optional<int64_t> *>(&field->value)) {
    if (llvm::Error error = set(**number))
      return error;
    if (field->isPowerOf2 && !llvm::isPowerOf2_64(***number))
      return llvm::createStringError("schedule '" + item +
                                     "': expected a power of two");
    return llvm::Error::success();
  }
  return set(*std::get<std::optional<bool> *>(field->value));
}

static llvm::Error parseItems(llvm::ArrayRef<std::string> items,
                              llvm::ArrayRef<Field> fields, bool &print) {
  for (llvm::StringRef item : items) {
    if (item == "print")
      print = true;
    else if (llvm::Error error = parseItem(item, fields))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<ScheduleOptions>
ScheduleOptions::parse(llvm::ArrayRef<std::string> items) {
  ScheduleOptions options;
  if (llvm::Error error = parseItems(items,
                                     {{"query_tile", &options.queryTile},
                                      {"query_panel", &options.queryPanel},
                                      {"kv_tile", &options.kvTile},
                                      {"kv_splits", &options.kvSplits},
                                      {"key_align", &options.keyAlign}},
                                     options.print))
    return std::move(error);
  return options;
}

llvm::Expected<GPUScheduleOptions>
GPUScheduleOptions::parse(llvm::ArrayRef<std::string> items) {
  GPUScheduleOptions options;
  if (llvm::Error error =
          parseItems(items,
                     {{"query_tile", &options.queryTile, true},
                      {"kv_tile", &options.kvTile, true},
                      {"warps", &options.warps, true},
                      {"stages", &options.stages},
                      {"kv_splits", &options.kvSplits},
                      {"query_in_registers", &options.queryInRegisters},
                      {"max_registers", &options.maxRegisters, false, 0}},
                     options.print))
    return std::move(error);
  return options;
}

bool GPUScheduleOptions::pinsAny() const {
  return queryTile || kvTile || warps || stages || kvSplits ||
         queryInRegisters || maxRegisters;
}

GPUScheduleOptions GPUScheduleOptions::pin(GPUScheduleAttr schedule) {
  GPUScheduleOptions options;
  options.queryTile = schedule.getQueryTile();
  options.kvTile = schedule.getKvTile();
  options.warps = schedule.getWarps();
  options.stages = schedule.getStages();
  options.kvSplits = schedule.getKvSplits();
  options.queryInRegisters = schedule.getQueryInRegisters();
  options.maxRegisters = schedule.getMaxRegisters();
  return options;
}

GPUScheduleAttr GPUScheduleOptions::apply(GPUScheduleAttr schedule) const {
  return GPUScheduleAttr::get(
      schedule.getContext(), queryTile.value_or(schedule.getQueryTile()),
      kvTile.value_or(schedule.getKvTile()),
      warps.value_or(schedule.getWarps()),
      stages.value_or(schedule.getStages()),
      kvSplits.value_or(schedule.getKvSplits()),
      queryInRegisters.value_or(schedule.getQueryInRegisters()),
      maxRegisters.value_or(schedule.getMaxRegisters()));
}

ScheduleAttr
ScheduleOptions::apply(ScheduleAttr schedule,
                       function_ref<InFlightDiagnostic()> emitError) const {
  return ScheduleAttr::getChecked(
      emitError, schedule.getContext(), schedule.getQueries(),
      queryTile.value_or(schedule.getQueryTile()),
      queryPanel.value_or(schedule.getQueryPanel()),
      kvTile.value_or(schedule.getKvTile()),
      kvSplits.value_or(schedule.getKvSplits()), schedule.getPaired(),
      keyAlign.value_or(schedule.getKeyAlign()));
}

//===- RegisterFile.h - What a tile left in registers -----------*- C++ -*-===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CODEGEN_CPU_REGISTERFILE_H
#define ATTN_LIB_CODEGEN_CPU_REGISTERFILE_H

#include "Buffers.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"
#include <map>

namespace mlir::attn {

/// What neighbouring operations left in registers: a tile that one stores and
/// the next loads and overwrites never reaches memory. LLVM's own elimination
/// of dead stores does not see past a loop that may run no iteration.
class RegisterFile {
public:
  /// The value stored at a place, if it is known.
  Value lookup(Value memref, ArrayRef<int64_t> at, Type type) {
    auto found = entries.find(Place{memref, at, type});
    return found == entries.end() ? Value() : found->second.value;
  }
  /// A read that did not come from a register: the stores before it stay.
  void read(Value memref) {
    for (auto &[place, entry] : entries)
      entry.isRead |= mayAlias(memref, place.memref);
  }
  void write(Value memref, ArrayRef<int64_t> at, Value value,
             Operation *store) {
    Place place{memref, at, value.getType()};
    if (auto found = entries.find(place); found != entries.end()) {
      if (!found->second.isRead)
        found->second.store->erase();
      entries.erase(found);
    }
    // Another shape of the same buffer may overlap.
    std::erase_if(entries, [&](const auto &entry) {
      const Place &other = entry.first;
      return (other.memref != memref || other.type != place.type) &&
             mayAlias(other.memref, memref);
    });
    entries[place] = {value, store, false};
  }
  void clear() { entries.clear(); }

private:
  struct Place {
    Value memref;
    SmallVector<int64_t> at;
    Type type;

    Place(Value memref, ArrayRef<int64_t> at, Type type)
        : memref(memref), at(at), type(type) {}
    bool operator<(const Place &other) const {
      return std::tuple(memref.getAsOpaquePointer(), type.getAsOpaquePointer(),
                        ArrayRef(at)) <
             std::tuple(other.memref.getAsOpaquePointer(),
                        other.type.getAsOpaquePointer(), ArrayRef(other.at));
    }
  };
  struct Entry {
    Value value;
    Operation *store;
    bool isRead;
  };
  std::map<Place, Entry> entries;
};

} // namespace mlir::attn

#endif // ATTN_LIB_CODEGEN_CPU_REGISTERFILE_H

//===- OutputFile.cpp - Files that appear whole or not at all -------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "support/OutputFile.h"

#include "llvm/Support/FileSystem.h"

using namespace llvm;

static Error makeError(StringRef path, const Twine &message) {
  return createStringError(path + ": cannot write the file: " + message);
}

static Expected<sys::fs::TempFile> createBeside(StringRef path) {
  // A rename would replace a device or a pipe.
  if (sys::fs::exists(path) && !sys::fs::is_regular_file(path))
    return makeError(path, "it exists and is not a regular file");
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(path + ".tmp-%%%%%%%%");
  if (!file)
    return makeError(path, toString(file.takeError()));
  return file;
}

Error attnrt::checkWritable(StringRef path) {
  Expected<sys::fs::TempFile> file = createBeside(path);
  return file ? file->discard() : file.takeError();
}

Error attnrt::writeFile(StringRef path,
                        function_ref<void(raw_ostream &)> write) {
  Expected<sys::fs::TempFile> file = createBeside(path);
  if (!file)
    return file.takeError();
  std::error_code code;
  {
    raw_fd_ostream os(file->FD, /*shouldClose=*/false);
    write(os);
    os.flush();
    code = os.error();
    os.clear_error();
  }
  if (code) {
    consumeError(file->discard());
    return makeError(path, code.message());
  }
  if (Error error = file->keep(path))
    return makeError(path, toString(std::move(error)));
  return Error::success();
}

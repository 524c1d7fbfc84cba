//===- Safetensors.h - Named tensors in .safetensors files ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_SAFETENSORS_H
#define MOA_RUNTIME_SAFETENSORS_H

#include "moa/Runtime/Tensor.h"
#include <vector>

namespace llvm {
namespace json {
class Object;
} // namespace json
} // namespace llvm

namespace moa {

/// The entry of a file's header that is no tensor.
constexpr llvm::StringLiteral kSafetensorsMetadata = "__metadata__";

/// An opened file. Its whole header is checked against the file's size when it
/// is opened; tensors are views of the mapped file.
class SafetensorsFile {
public:
  static llvm::Expected<SafetensorsFile> open(llvm::StringRef path);

  llvm::StringRef getPath() const { return path; }
  /// The names in the order of their data.
  llvm::SmallVector<llvm::StringRef> getNames() const;
  bool contains(llvm::StringRef name) const;
  /// The tensor `name`; an error if there is none, or if its type is not one
  /// of ours. U8 is read as i8.
  llvm::Expected<Tensor> getTensor(llvm::StringRef name) const;

private:
  struct Entry {
    std::string name;
    std::string dtype;
    llvm::SmallVector<int64_t> shape;
    uint64_t begin;
    uint64_t end;
  };

  llvm::Error parse();
  llvm::Error parseEntries(const llvm::json::Object &header);
  llvm::Error checkLayout();
  const Entry *find(llvm::StringRef name) const;

  std::string path;
  std::shared_ptr<llvm::WritableMemoryBuffer> buffer;
  std::vector<Entry> entries;
  /// Where the data begins, and how many bytes there are.
  uint64_t dataOffset = 0;
  uint64_t dataSize = 0;
};

/// Write `tensors` to `path`.
llvm::Error writeSafetensors(llvm::StringRef path,
                             llvm::ArrayRef<NamedTensor> tensors);

} // namespace moa

#endif // MOA_RUNTIME_SAFETENSORS_H

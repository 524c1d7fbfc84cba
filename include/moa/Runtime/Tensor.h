//===- Tensor.h - Values that functions take and return ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor in the host's memory: element type, shape, and a contiguous buffer
// in row-major order, which may be part of a mapped file. Nothing here knows
// MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_RUNTIME_TENSOR_H
#define MOA_RUNTIME_TENSOR_H

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <string>

namespace llvm {
class WritableMemoryBuffer;
} // namespace llvm

namespace moa {

enum class ElementType { F64, F32, F16, BF16, I64, I32, I8, I1 };

/// The bytes that one element takes; an i1 takes one.
unsigned getElementSize(ElementType type);
/// "f32", "i1"...
llvm::StringRef getElementName(ElementType type);
/// The type that `name` stands for; "index" counts as i64.
std::optional<ElementType> parseElementType(llvm::StringRef name);
bool isFloat(ElementType type);
/// The format of a floating-point type.
const llvm::fltSemantics &getSemantics(ElementType type);

/// A size that a type leaves open.
inline constexpr int64_t kAnySize = -1;

/// The bytes that a tensor takes, or nothing where they do not fit 63 bits.
std::optional<int64_t> countBytes(ElementType type,
                                  llvm::ArrayRef<int64_t> shape);

/// "2x4xf32", with "?" for kAnySize.
std::string formatType(ElementType type, llvm::ArrayRef<int64_t> shape);

/// A tensor; copies share the data.
class Tensor {
public:
  /// A tensor with uninitialised elements, which lie as kernels read them
  /// fastest: at a cache line, in large pages where they are many.
  static llvm::Expected<Tensor> allocate(ElementType type,
                                         llvm::ArrayRef<int64_t> shape);
  /// The same with the elements at `data`, which may lie anywhere.
  static llvm::Expected<Tensor>
  copy(ElementType type, llvm::ArrayRef<int64_t> shape, const char *data);
  /// A tensor of the elements at `data`, aligned to their size, which `owner`
  /// keeps alive.
  Tensor(ElementType type, llvm::ArrayRef<int64_t> shape, char *data,
         std::shared_ptr<void> owner);

  ElementType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const { return numElements; }
  int64_t getNumBytes() const { return numElements * getElementSize(type); }
  char *getData() const { return data; }
  const std::shared_ptr<void> &getOwner() const { return owner; }
  std::string formatType() const { return moa::formatType(type, shape); }

  /// Element `index` in row-major order, of a floating-point tensor.
  double getFloat(int64_t index) const;
  /// Element `index` in row-major order, of an integer tensor.
  int64_t getInteger(int64_t index) const;
  /// Element `index` in the fewest digits that read back as the same number.
  std::string format(int64_t index) const;
  /// "[0, 2, 1]", the position of element `index`.
  std::string formatPosition(int64_t index) const;

private:
  ElementType type;
  llvm::SmallVector<int64_t> shape;
  int64_t numElements = 1;
  char *data;
  std::shared_ptr<void> owner;
};

/// A tensor and what it is called.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// An error with the text of `message`.
llvm::Error makeError(const llvm::Twine &message);

/// The bytes of the file `path`, mapped where it is large enough. Writing into
/// them leaves the file as it is.
llvm::Expected<std::shared_ptr<llvm::WritableMemoryBuffer>>
mapFile(llvm::StringRef path);

/// Write `path` through a temporary file next to it that is renamed at the end.
llvm::Error writeFile(llvm::StringRef path,
                      llvm::function_ref<void(llvm::raw_ostream &)> write);

/// An error that begins with `where` if an i1 tensor has a byte other than 0
/// or 1.
llvm::Error checkBooleans(const Tensor &tensor, const llvm::Twine &where);

} // namespace moa

#endif // MOA_RUNTIME_TENSOR_H

//===- Tensor.cpp - Values that functions take and return -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Tensor.h"

#include "moa/Support/Output.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

using namespace llvm;

namespace moa {

Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

unsigned getElementSize(ElementType type) {
  switch (type) {
  case ElementType::F64:
  case ElementType::I64:
    return 8;
  case ElementType::F32:
  case ElementType::I32:
    return 4;
  case ElementType::F16:
  case ElementType::BF16:
    return 2;
  case ElementType::I8:
  case ElementType::I1:
    return 1;
  }
  llvm_unreachable("all element types are handled");
}

StringRef getElementName(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return "f64";
  case ElementType::F32:
    return "f32";
  case ElementType::F16:
    return "f16";
  case ElementType::BF16:
    return "bf16";
  case ElementType::I64:
    return "i64";
  case ElementType::I32:
    return "i32";
  case ElementType::I8:
    return "i8";
  case ElementType::I1:
    return "i1";
  }
  llvm_unreachable("all element types are handled");
}

std::optional<ElementType> parseElementType(StringRef name) {
  return StringSwitch<std::optional<ElementType>>(name)
      .Case("f64", ElementType::F64)
      .Case("f32", ElementType::F32)
      .Case("f16", ElementType::F16)
      .Case("bf16", ElementType::BF16)
      .Cases({"i64", "index"}, ElementType::I64)
      .Case("i32", ElementType::I32)
      .Case("i8", ElementType::I8)
      .Case("i1", ElementType::I1)
      .Default(std::nullopt);
}

bool isFloat(ElementType type) { return type <= ElementType::BF16; }

const fltSemantics &getSemantics(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return APFloat::IEEEdouble();
  case ElementType::F32:
    return APFloat::IEEEsingle();
  case ElementType::F16:
    return APFloat::IEEEhalf();
  case ElementType::BF16:
    return APFloat::BFloat();
  default:
    llvm_unreachable("an integer type has no float semantics");
  }
}

std::optional<int64_t> countBytes(ElementType type, ArrayRef<int64_t> shape) {
  // No elements, however large the other sizes are.
  if (is_contained(shape, 0))
    return 0;
  int64_t bytes = getElementSize(type);
  for (int64_t size : shape)
    if (MulOverflow(bytes, size, bytes))
      return std::nullopt;
  return bytes;
}

std::string formatType(ElementType type, ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (size == kAnySize ? std::string("?") : std::to_string(size)) + "x";
  return text + getElementName(type).str();
}

//===----------------------------------------------------------------------===//
// Tensor
//===----------------------------------------------------------------------===//

Tensor::Tensor(ElementType type, ArrayRef<int64_t> shape, char *data,
               std::shared_ptr<void> owner)
    : type(type), shape(shape), data(data), owner(std::move(owner)) {
  numElements = is_contained(shape, 0) ? 0 : 1;
  if (numElements != 0)
    for (int64_t size : shape)
      numElements *= size;
}

/// A cache line, which is also the widest register: vectors do not straddle.
static constexpr size_t kLineBytes = 64;
/// A large page of Linux. Weights of many small pages cost a CPU searches.
static constexpr size_t kPageBytes = 2 << 20;

/// Memory for `bytes` bytes and one more, which gives empty tensors an address,
/// too; null where there is not so much.
static char *allocateBytes(size_t bytes) {
  bool isLarge = bytes >= 2 * kPageBytes;
  size_t alignment = isLarge ? kPageBytes : kLineBytes;
  size_t size = alignTo(uint64_t(bytes) + 1, alignment);
  void *data = std::aligned_alloc(alignment, size);
#ifdef MADV_HUGEPAGE
  // Advice: a system without such pages does not take it.
  if (data && isLarge)
    madvise(data, size, MADV_HUGEPAGE);
#endif
  return static_cast<char *>(data);
}

Expected<Tensor> Tensor::allocate(ElementType type, ArrayRef<int64_t> shape) {
  std::optional<int64_t> bytes = countBytes(type, shape);
  char *data = bytes ? allocateBytes(*bytes) : nullptr;
  if (!data)
    return makeError("no memory for a tensor of " +
                     moa::formatType(type, shape));
  return Tensor(type, shape, data, std::shared_ptr<void>(data, std::free));
}

Expected<Tensor> Tensor::copy(ElementType type, ArrayRef<int64_t> shape,
                              const char *data) {
  Expected<Tensor> tensor = allocate(type, shape);
  if (tensor)
    std::memcpy(tensor->data, data, tensor->getNumBytes());
  return tensor;
}

template <typename T> static T load(const char *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

double Tensor::getFloat(int64_t index) const {
  switch (type) {
  case ElementType::F64:
    return load<double>(data, index);
  case ElementType::F32:
    return load<float>(data, index);
  case ElementType::F16:
  case ElementType::BF16:
    return APFloat(getSemantics(type), APInt(16, load<uint16_t>(data, index)))
        .convertToDouble();
  default:
    llvm_unreachable("not a floating-point tensor");
  }
}

int64_t Tensor::getInteger(int64_t index) const {
  switch (type) {
  case ElementType::I64:
    return load<int64_t>(data, index);
  case ElementType::I32:
    return load<int32_t>(data, index);
  case ElementType::I8:
  case ElementType::I1:
    return load<int8_t>(data, index);
  default:
    llvm_unreachable("not an integer tensor");
  }
}

/// True if `text` reads back as `value` in the format of `type`.
static bool readsBack(StringRef text, double value, ElementType type) {
  APFloat number(getSemantics(type));
  Expected<APFloat::opStatus> status =
      number.convertFromString(text, APFloat::rmNearestTiesToEven);
  if (!status) {
    consumeError(status.takeError());
    return false;
  }
  return number.convertToDouble() == value;
}

std::string Tensor::format(int64_t index) const {
  if (!isFloat(type))
    return std::to_string(getInteger(index));
  double value = getFloat(index);
  if (std::isnan(value))
    return "nan";
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  std::string text;
  // Whole numbers without an exponent: 10 rather than 1e+01.
  constexpr double kMostPlain = 1e6;
  if (value == std::trunc(value) && std::abs(value) < kMostPlain) {
    raw_string_ostream(text) << llvm::format("%.0f", value);
    return text;
  }
  for (int digits = 1; digits <= 17; ++digits) {
    text.clear();
    raw_string_ostream(text) << llvm::format("%.*g", digits, value);
    if (readsBack(text, value, type))
      break;
  }
  return text;
}

std::string Tensor::formatPosition(int64_t index) const {
  SmallVector<int64_t> position(shape.size());
  for (size_t i = shape.size(); i-- > 0; index /= shape[i])
    position[i] = index % shape[i];
  std::string text = "[";
  for (size_t i = 0; i < position.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(position[i]);
  return text + "]";
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Expected<std::shared_ptr<WritableMemoryBuffer>> mapFile(StringRef path) {
  auto buffer = WritableMemoryBuffer::getFile(path);
  if (!buffer)
    return makeError("cannot read '" + path +
                     "': " + buffer.getError().message());
  return std::shared_ptr<WritableMemoryBuffer>(std::move(*buffer));
}

Error writeFile(StringRef path, function_ref<void(raw_ostream &)> write) {
  return writeOutput(path, write);
}

Error checkBooleans(const Tensor &tensor, const Twine &where) {
  if (tensor.getType() != ElementType::I1)
    return Error::success();
  for (int64_t i = 0, e = tensor.getNumElements(); i != e; ++i)
    if (uint8_t byte = tensor.getData()[i]; byte > 1)
      return makeError(where + " has the byte " + Twine(unsigned(byte)) +
                       " at " + tensor.formatPosition(i) +
                       ", a truth value is 0 or 1");
  return Error::success();
}

} // namespace moa

//===- Literal.cpp - Tensors as text --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Literal.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace llvm;

namespace moa {

/// The shape and element type in "2x4xf32".
static Error parseType(StringRef text, SmallVectorImpl<int64_t> &shape,
                       ElementType &type) {
  StringRef rest = text;
  while (!rest.empty() && isDigit(rest.front())) {
    StringRef digits = rest.take_while(isDigit);
    int64_t size;
    if (digits.getAsInteger(10, size) ||
        !rest.drop_front(digits.size()).starts_with("x"))
      return makeError("'" + text + "' is not a type: write it as in 2x4xf32");
    shape.push_back(size);
    rest = rest.drop_front(digits.size() + 1);
  }
  std::optional<ElementType> element = parseElementType(rest);
  if (!element)
    return makeError("'" + text +
                     "' is not a type: write it as in 2x4xf32, with an element "
                     "type f64, f32, f16, bf16, i64, i32, i8, i1 or index");
  type = *element;
  return Error::success();
}

static Error parseFloat(StringRef text, ElementType type, char *data) {
  APFloat value(getSemantics(type));
  Expected<APFloat::opStatus> status =
      value.convertFromString(text, APFloat::rmNearestTiesToEven);
  if (!status) {
    consumeError(status.takeError());
    return makeError("'" + text + "' is not a number");
  }
  if (*status & APFloat::opOverflow)
    return makeError(text + " is out of the range of " + getElementName(type));
  uint64_t bits = value.bitcastToAPInt().getZExtValue();
  std::memcpy(data, &bits, getElementSize(type));
  return Error::success();
}

static Error parseInteger(StringRef text, ElementType type, char *data) {
  int64_t value;
  if (type == ElementType::I1 && (text == "true" || text == "false"))
    value = text == "true";
  else if (text.getAsInteger(10, value)) {
    StringRef digits = text;
    digits.consume_front("-");
    if (digits.empty() || !all_of(digits, isDigit))
      return makeError("'" + text + "' is not an integer");
    return makeError(text + " is out of the range of " + getElementName(type));
  }
  bool fits = type == ElementType::I1 ? value == 0 || value == 1
                                      : isIntN(getElementSize(type) * 8, value);
  if (!fits)
    return makeError(text + " is out of the range of " + getElementName(type));
  std::memcpy(data, &value, getElementSize(type));
  return Error::success();
}

Error parseLiteralType(StringRef text, SmallVectorImpl<int64_t> &shape,
                       ElementType &type) {
  StringRef typeText = text.split('=').first;
  if (typeText.size() == text.size())
    return makeError("'" + text + "' has no value: write TYPE=NUMBERS, as in " +
                     "2x4xf32=1, or @FILE");
  return parseType(typeText, shape, type);
}

Expected<Tensor> parseLiteral(StringRef text) {
  SmallVector<int64_t> shape;
  ElementType type;
  if (Error error = parseLiteralType(text, shape, type))
    return std::move(error);
  auto [typeText, valueText] = text.split('=');
  SmallVector<StringRef> numbers;
  SplitString(valueText, numbers, " \t\n\r,[]");
  // The count is compared before anything of the size is allocated.
  std::optional<int64_t> bytes = countBytes(type, shape);
  if (!bytes)
    return makeError("no memory for a tensor of " + typeText);
  int64_t size = getElementSize(type), count = *bytes / size;
  int64_t given = numbers.size();
  if (given != count && given != 1)
    return makeError(typeText + " has " + Twine(count) +
                     " elements, but the number of values is " + Twine(given));
  Expected<Tensor> tensor = Tensor::allocate(type, shape);
  if (!tensor)
    return tensor;
  SmallVector<char, 8> first(size);
  for (int64_t i = 0; i != given; ++i) {
    char *data = i < count ? tensor->getData() + i * size : first.data();
    Error error = isFloat(type) ? parseFloat(numbers[i], type, data)
                                : parseInteger(numbers[i], type, data);
    if (error)
      return std::move(error);
  }
  if (given == 1)
    for (int64_t i = 1; i < count; ++i)
      std::memcpy(tensor->getData() + i * size, tensor->getData(), size);
  return tensor;
}

/// The number of elements in one step of each dimension.
static SmallVector<int64_t> getSteps(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> steps(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    steps[i - 1] = steps[i] * shape[i];
  return steps;
}

void printLiteral(raw_ostream &os, const Tensor &tensor, int64_t limit) {
  os << tensor.formatType() << '=';
  ArrayRef<int64_t> shape = tensor.getShape();
  int64_t count = tensor.getNumElements();
  if (shape.empty()) {
    os << tensor.format(0);
    return;
  }
  if (count == 0) {
    os << "[]";
    return;
  }
  SmallVector<int64_t> steps = getSteps(shape);
  // A new bracket opens, and closes, wherever all inner indices are zero.
  auto countBrackets = [&](int64_t index) {
    size_t brackets = 0;
    for (size_t i = 0; i != shape.size(); ++i)
      brackets += index % (steps[i] * shape[i]) == 0;
    return brackets;
  };
  for (int64_t i = 0; i != count; ++i) {
    size_t brackets = countBrackets(i);
    if (i != 0 && brackets == 0)
      os << ' ';
    for (size_t b = 0; b != brackets; ++b)
      os << '[';
    if (i == limit) {
      os << "...";
      for (size_t b = 0; b != shape.size(); ++b)
        os << ']';
      return;
    }
    os << tensor.format(i);
    for (size_t b = 0, e = countBrackets(i + 1); b != e; ++b)
      os << ']';
  }
}

} // namespace moa

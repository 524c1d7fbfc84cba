//===- Safetensors.cpp - Named tensors in .safetensors files --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Safetensors.h"

#include "moa/Support/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace moa {

/// The length of the header stands before it.
static constexpr uint64_t kLengthSize = 8;
/// What readers of the format agree to read at most.
static constexpr uint64_t kMaxHeaderSize = 100'000'000;
/// An entry's list of sizes is the deepest that a valid header goes.
static constexpr unsigned kMaxDepth = 3;

/// The bits of an element of `dtype`, where it is a type of the format.
static std::optional<unsigned> getBits(StringRef dtype) {
  return StringSwitch<std::optional<unsigned>>(dtype)
      .Cases({"F64", "I64", "U64", "C64"}, 64)
      .Cases({"F32", "I32", "U32"}, 32)
      .Cases({"F16", "BF16", "I16", "U16"}, 16)
      .Cases({"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"}, 8)
      .Cases({"F6_E2M3", "F6_E3M2"}, 6)
      .Case("F4", 4)
      .Default(std::nullopt);
}

static std::optional<ElementType> getElementType(StringRef dtype) {
  return StringSwitch<std::optional<ElementType>>(dtype)
      .Case("F64", ElementType::F64)
      .Case("F32", ElementType::F32)
      .Case("F16", ElementType::F16)
      .Case("BF16", ElementType::BF16)
      .Case("I64", ElementType::I64)
      .Case("I32", ElementType::I32)
      .Cases({"I8", "U8"}, ElementType::I8)
      .Case("BOOL", ElementType::I1)
      .Default(std::nullopt);
}

Expected<SafetensorsFile> SafetensorsFile::open(StringRef path) {
  auto buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  SafetensorsFile file;
  file.path = path.str();
  file.buffer = std::move(*buffer);
  if (Error error = file.parse())
    return makeError("'" + path + "' " + toString(std::move(error)));
  return file;
}

Error SafetensorsFile::parse() {
  StringRef bytes(buffer->getBufferStart(), buffer->getBufferSize());
  if (bytes.size() < kLengthSize)
    return makeError("is not a .safetensors file: it has " +
                     Twine(bytes.size()) + " bytes, the length alone takes " +
                     Twine(kLengthSize));
  uint64_t length = support::endian::read64le(bytes.data());
  bytes = bytes.drop_front(kLengthSize);
  if (length > bytes.size() || length > kMaxHeaderSize)
    return makeError(
        "is truncated or not a .safetensors file: its header has " +
        Twine(length) + " bytes, the file has " + Twine(bytes.size()) +
        " after the length, and " + Twine(kMaxHeaderSize) +
        " is the most that is read");
  StringRef text = bytes.take_front(length);
  dataOffset = kLengthSize + length;
  dataSize = bytes.size() - length;
  if (getJsonNesting(text) > kMaxDepth)
    return makeError("has a header nested too deeply");
  Expected<json::Value> header = json::parse(text);
  if (!header)
    return makeError("has a malformed header: " + toString(header.takeError()));
  const json::Object *object = header->getAsObject();
  if (!object)
    return makeError("has a malformed header: it is not an object");
  if (std::optional<std::string> key = findRepeatedJsonKey(text))
    return makeError("has a malformed header: '" + escapeForMessage(*key) +
                     "' is given twice");
  if (Error error = parseEntries(*object))
    return error;
  return checkLayout();
}

/// The numbers in `array`, none of them negative.
static bool readNumbers(const json::Array *array,
                        SmallVectorImpl<int64_t> &numbers) {
  if (!array)
    return false;
  for (const json::Value &value : *array) {
    std::optional<int64_t> number = value.getAsInteger();
    if (!number || *number < 0)
      return false;
    numbers.push_back(*number);
  }
  return true;
}

/// The bytes that the data of `dtype` and `shape` takes, or nothing where they
/// are no whole number or do not fit 63 bits.
static std::optional<uint64_t> countDataBytes(unsigned bits,
                                              ArrayRef<int64_t> shape) {
  if (is_contained(shape, 0))
    return 0;
  int64_t total = bits;
  for (int64_t size : shape)
    if (MulOverflow(total, size, total))
      return std::nullopt;
  if (total % 8 != 0)
    return std::nullopt;
  return total / 8;
}

Error SafetensorsFile::parseEntries(const json::Object &header) {
  for (const auto &[key, value] : header) {
    if (StringRef(key) == kSafetensorsMetadata)
      continue;
    std::string what = "tensor '" + key.str() + "' ";
    const json::Object *object = value.getAsObject();
    if (!object)
      return makeError("has a malformed header: " + what + "is not an object");
    std::optional<StringRef> dtype = object->getString("dtype");
    if (!dtype)
      return makeError("has a malformed header: " + what + "has no dtype");
    Entry entry{key.str(), dtype->str(), {}, 0, 0};
    if (!readNumbers(object->getArray("shape"), entry.shape))
      return makeError("has a malformed header: the shape of " + what +
                       "is not a list of sizes");
    SmallVector<int64_t> offsets;
    if (!readNumbers(object->getArray("data_offsets"), offsets) ||
        offsets.size() != 2 || offsets[0] > offsets[1])
      return makeError("has a malformed header: data_offsets of " + what +
                       "are not a begin and an end");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    entries.push_back(std::move(entry));
  }
  return Error::success();
}

Error SafetensorsFile::checkLayout() {
  llvm::sort(entries, [](const Entry &a, const Entry &b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t position = 0;
  for (const Entry &entry : entries) {
    std::string what = "tensor '" + entry.name + "'";
    if (entry.end > dataSize)
      return makeError("is truncated: " + what + " ends at byte " +
                       Twine(entry.end) + " of the data, the file has " +
                       Twine(dataSize));
    if (entry.begin != position)
      return makeError("has a malformed header: " + what + " begins at byte " +
                       Twine(entry.begin) +
                       " of the data, but the one before "
                       "it ends at " +
                       Twine(position));
    position = entry.end;
    std::optional<unsigned> bits = getBits(entry.dtype);
    if (!bits)
      continue;
    std::optional<uint64_t> size = countDataBytes(*bits, entry.shape);
    if (!size || *size != entry.end - entry.begin)
      return makeError(
          "has a malformed header: the shape of " + what + " takes " +
          (size ? Twine(*size) : Twine("no possible number of")) +
          " bytes, its data_offsets span " + Twine(entry.end - entry.begin));
  }
  if (position != dataSize)
    return makeError("has " + Twine(dataSize - position) +
                     " bytes of data that belong to no tensor");
  return Error::success();
}

SmallVector<StringRef> SafetensorsFile::getNames() const {
  SmallVector<StringRef> names;
  for (const Entry &entry : entries)
    names.push_back(entry.name);
  return names;
}

const SafetensorsFile::Entry *SafetensorsFile::find(StringRef name) const {
  auto it = llvm::find_if(
      entries, [&](const Entry &entry) { return entry.name == name; });
  return it == entries.end() ? nullptr : &*it;
}

bool SafetensorsFile::contains(StringRef name) const { return find(name); }

Expected<Tensor> SafetensorsFile::getTensor(StringRef name) const {
  const Entry *entry = find(name);
  if (!entry)
    return makeError("'" + path + "' has no tensor '" + name + "'");
  std::optional<ElementType> type = getElementType(entry->dtype);
  if (!type)
    return makeError("tensor '" + name + "' of '" + path + "' has the dtype " +
                     entry->dtype +
                     ", supported are F64, F32, F16, BF16, I64, I32, I8, U8 "
                     "and BOOL");
  const char *data = buffer->getBufferStart() + dataOffset + entry->begin;
  Expected<Tensor> tensor = Tensor::copy(*type, entry->shape, data);
  if (!tensor)
    return tensor;
  if (Error error =
          checkBooleans(*tensor, "tensor '" + name + "' of '" + path + "'"))
    return error;
  return tensor;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static StringRef getDtype(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return "F64";
  case ElementType::F32:
    return "F32";
  case ElementType::F16:
    return "F16";
  case ElementType::BF16:
    return "BF16";
  case ElementType::I64:
    return "I64";
  case ElementType::I32:
    return "I32";
  case ElementType::I8:
    return "I8";
  case ElementType::I1:
    return "BOOL";
  }
  llvm_unreachable("all element types are handled");
}

/// The header for `tensors`, whose data follows in this order.
static std::string makeHeader(ArrayRef<const NamedTensor *> tensors) {
  std::string header;
  raw_string_ostream os(header);
  json::OStream json(os);
  int64_t position = 0;
  json.object([&] {
    for (const NamedTensor *named : tensors) {
      const Tensor &tensor = named->tensor;
      int64_t end = position + tensor.getNumBytes();
      json.attributeObject(named->name, [&] {
        json.attribute("dtype", getDtype(tensor.getType()));
        json.attributeArray("shape", [&] {
          for (int64_t size : tensor.getShape())
            json.value(size);
        });
        json.attribute("data_offsets", json::Array{position, end});
      });
      position = end;
    }
  });
  // The data begins at a multiple of eight.
  header.append(alignTo(header.size(), 8) - header.size(), ' ');
  return header;
}

Error writeSafetensors(StringRef path, ArrayRef<NamedTensor> tensors) {
  // Larger elements first: each tensor is then aligned to its elements.
  SmallVector<const NamedTensor *> order;
  for (unsigned size : {8, 4, 2, 1})
    for (const NamedTensor &named : tensors)
      if (getElementSize(named.tensor.getType()) == size)
        order.push_back(&named);
  std::string header = makeHeader(order);
  return writeFile(path, [&](raw_ostream &os) {
    char length[kLengthSize];
    support::endian::write64le(length, header.size());
    os << StringRef(length, kLengthSize) << header;
    for (const NamedTensor *named : order)
      os.write(named->tensor.getData(), named->tensor.getNumBytes());
  });
}

} // namespace moa

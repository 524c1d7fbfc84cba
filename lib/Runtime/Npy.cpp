//===- Npy.cpp - Tensors in .npy files ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Npy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace moa {

static_assert(sys::IsLittleEndianHost, "tensors are used as they lie in files");

static constexpr StringLiteral kMagic = "\x93NUMPY";

namespace {
/// What the header says.
struct NpyHeader {
  std::optional<std::string> descr;
  std::optional<bool> fortranOrder;
  std::optional<SmallVector<int64_t>> shape;
};

/// Reads the header, which is a Python dictionary in one fixed style.
class NpyHeaderParser {
public:
  explicit NpyHeaderParser(StringRef text) : rest(text) {}

  Error parse(NpyHeader &header) {
    if (!consume("{"))
      return makeError("the header is not a dictionary");
    while (!consume("}")) {
      std::string key;
      if (!parseString(key) || !consume(":"))
        return makeError("the header is not a dictionary");
      if (Error error = parseValue(key, header))
        return error;
      if (!consume(",") && !peek("}"))
        return makeError("the header is not a dictionary");
    }
    // The rest are the blanks that align the data.
    skipBlanks();
    if (!rest.empty())
      return makeError("the header goes on after its dictionary");
    if (!header.descr || !header.fortranOrder || !header.shape)
      return makeError("the header lacks 'descr', 'fortran_order' or 'shape'");
    return Error::success();
  }

private:
  Error parseValue(StringRef key, NpyHeader &header) {
    if ((key == "descr" && header.descr) ||
        (key == "fortran_order" && header.fortranOrder) ||
        (key == "shape" && header.shape))
      return makeError("the header has the key '" + key + "' twice");
    if (key == "descr") {
      if (peek("["))
        return makeError("structured types are not supported");
      header.descr.emplace();
      if (!parseString(*header.descr))
        return makeError("'descr' in the header is not a string");
      return Error::success();
    }
    if (key == "fortran_order") {
      header.fortranOrder = consume("True");
      if (!*header.fortranOrder && !consume("False"))
        return makeError("'fortran_order' in the header is neither True nor "
                         "False");
      return Error::success();
    }
    if (key == "shape")
      return parseShape(header.shape.emplace());
    return makeError("the header has the unknown key '" + key + "'");
  }

  Error parseShape(SmallVectorImpl<int64_t> &shape) {
    Error error = makeError("'shape' in the header is not a tuple of sizes");
    if (!consume("("))
      return error;
    while (!consume(")")) {
      skipBlanks();
      StringRef digits = rest.take_while(isDigit);
      int64_t size;
      if (digits.getAsInteger(10, size))
        return error;
      rest = rest.drop_front(digits.size());
      shape.push_back(size);
      if (!consume(",") && !peek(")"))
        return error;
    }
    consumeError(std::move(error));
    return Error::success();
  }

  bool parseString(std::string &string) {
    skipBlanks();
    if (rest.empty() || (rest.front() != '\'' && rest.front() != '"'))
      return false;
    size_t end = rest.find(rest.front(), 1);
    if (end == StringRef::npos)
      return false;
    string = rest.slice(1, end).str();
    rest = rest.drop_front(end + 1);
    return true;
  }

  void skipBlanks() { rest = rest.ltrim(" \t\n"); }

  bool peek(StringRef token) {
    skipBlanks();
    return rest.starts_with(token);
  }

  bool consume(StringRef token) {
    skipBlanks();
    return rest.consume_front(token);
  }

  StringRef rest;
};
} // namespace

/// The text of the header, which is taken off `bytes`.
static Expected<StringRef> takeHeader(StringRef &bytes) {
  if (!bytes.consume_front(kMagic))
    return makeError("is not a .npy file");
  if (bytes.size() < 2)
    return makeError("is truncated in its header");
  unsigned version = uint8_t(bytes[0]), minor = uint8_t(bytes[1]);
  if (version < 1 || version > 3 || minor != 0)
    return makeError("has version " + Twine(version) + "." + Twine(minor) +
                     " of the format, supported are 1.0, 2.0 and 3.0");
  bytes = bytes.drop_front(2);
  size_t lengthSize = version == 1 ? 2 : 4;
  if (bytes.size() < lengthSize)
    return makeError("is truncated in its header");
  uint32_t length = version == 1 ? support::endian::read16le(bytes.data())
                                 : support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(lengthSize);
  if (bytes.size() < length)
    return makeError("is truncated in its header: " + Twine(length) +
                     " bytes are announced, " + Twine(bytes.size()) +
                     " are there");
  StringRef header = bytes.take_front(length);
  bytes = bytes.drop_front(length);
  return header;
}

/// The element type that `descr` ("<f4") names.
static Expected<ElementType> parseDescr(StringRef descr) {
  StringRef name = descr;
  if (name.consume_front(">") && !name.ends_with("1"))
    return makeError("has big-endian elements (" + descr +
                     "), only little-endian ones are supported");
  if (descr.size() == name.size() && !name.consume_front("<") &&
      !name.consume_front("|"))
    name.consume_front("=");
  auto type = StringSwitch<std::optional<ElementType>>(name)
                  .Case("f8", ElementType::F64)
                  .Case("f4", ElementType::F32)
                  .Case("f2", ElementType::F16)
                  .Case("V2", ElementType::BF16)
                  .Case("i8", ElementType::I64)
                  .Case("i4", ElementType::I32)
                  .Cases({"i1", "u1"}, ElementType::I8)
                  .Cases({"b1", "?"}, ElementType::I1)
                  .Default(std::nullopt);
  if (type)
    return *type;
  if (name.starts_with("O"))
    return makeError("holds Python objects, which are not supported");
  return makeError("has elements of the type '" + descr +
                   "', supported are f8, f4, f2, V2 (as bf16), i8, i4, i1, u1 "
                   "and b1");
}

/// The array in the bytes of a file.
static Expected<Tensor>
parseNpy(const std::shared_ptr<WritableMemoryBuffer> &buffer) {
  StringRef bytes(buffer->getBufferStart(), buffer->getBufferSize());
  Expected<StringRef> text = takeHeader(bytes);
  if (!text)
    return text.takeError();
  NpyHeader header;
  if (Error error = NpyHeaderParser(*text).parse(header))
    return makeError("is not readable: " + toString(std::move(error)));
  Expected<ElementType> type = parseDescr(*header.descr);
  if (!type)
    return type.takeError();
  if (*header.fortranOrder && header.shape->size() > 1)
    return makeError("is in Fortran order, only C order is supported: save "
                     "numpy.ascontiguousarray(array)");
  std::optional<int64_t> size = countBytes(*type, *header.shape);
  if (!size || uint64_t(*size) != bytes.size())
    return makeError("holds " + Twine(bytes.size()) + " bytes of data, " +
                     formatType(*type, *header.shape) + " takes " +
                     (size ? Twine(*size) : Twine("more than any file has")));
  return Tensor::copy(*type, *header.shape, bytes.data());
}

Expected<Tensor> readNpy(StringRef path) {
  auto buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<Tensor> tensor = parseNpy(*buffer);
  if (!tensor)
    return makeError("'" + path + "' " + toString(tensor.takeError()));
  if (Error error = checkBooleans(*tensor, "'" + path + "'"))
    return std::move(error);
  return tensor;
}

Error checkNpyType(ElementType type, StringRef path) {
  if (type != ElementType::BF16)
    return Error::success();
  return makeError("cannot write bf16 to '" + path +
                   "': .npy has no name for it, write a .safetensors file");
}

static StringRef getDescr(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return "<f8";
  case ElementType::F32:
    return "<f4";
  case ElementType::F16:
    return "<f2";
  case ElementType::I64:
    return "<i8";
  case ElementType::I32:
    return "<i4";
  case ElementType::I8:
    return "|i1";
  case ElementType::I1:
    return "|b1";
  case ElementType::BF16:
    break;
  }
  llvm_unreachable("checkNpyType refuses bf16");
}

Error writeNpy(StringRef path, const Tensor &tensor) {
  if (Error error = checkNpyType(tensor.getType(), path))
    return error;
  std::string header = "{'descr': '" + getDescr(tensor.getType()).str() +
                       "', 'fortran_order': False, 'shape': (";
  for (int64_t size : tensor.getShape())
    header += std::to_string(size) + ", ";
  if (tensor.getShape().size() > 1)
    header.resize(header.size() - 2);
  header += "), }";
  // The data begins at a multiple of 64; the header ends with a line break.
  size_t prefix = kMagic.size() + 4;
  header.append(alignTo(prefix + header.size() + 1, 64) - prefix -
                    header.size() - 1,
                ' ');
  header += '\n';
  return writeFile(path, [&](raw_ostream &os) {
    os << kMagic << '\1' << '\0';
    char length[2];
    support::endian::write16le(length, header.size());
    os << StringRef(length, 2) << header;
    os.write(tensor.getData(), tensor.getNumBytes());
  });
}

} // namespace moa

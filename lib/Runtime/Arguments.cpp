//===- Arguments.cpp - Binding files and literals to names ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Arguments.h"

#include "moa/Runtime/Literal.h"
#include "moa/Runtime/Npy.h"
#include "moa/Runtime/Safetensors.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace moa {

std::string formatType(const Port &port) {
  return formatType(port.type, port.shape);
}

std::string formatPorts(ArrayRef<Port> ports) {
  std::string text;
  for (const Port &port : ports)
    text += (text.empty() ? "'" : ", '") + port.name + "' (" +
            formatType(port) + ")";
  return text.empty() ? "none" : text;
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

bool Source::isSafetensors() const {
  return StringRef(path).ends_with(".safetensors");
}

Expected<Source> parseSource(StringRef option, StringRef text) {
  Source source;
  source.text = (option + "=" + text).str();
  // A literal has one '=', so that what stands before another one, or before
  // a file, is a name.
  auto [name, value] = text.split('=');
  if (value.contains('=') || value.starts_with("@")) {
    if (!text.starts_with("@")) {
      source.name = name.str();
      text = value;
    }
  }
  if (!text.consume_front("@")) {
    source.literal = text.str();
    return source;
  }
  source.path = text.str();
  if (!source.isSafetensors() && !text.ends_with(".npy"))
    return makeError(source.text +
                     ": the file has to end in .npy or .safetensors");
  if (source.isSafetensors() && !source.name.empty())
    return makeError(source.text +
                     ": the tensors of a .safetensors file have names already");
  return source;
}

Expected<Tensor> readTensor(const Source &source) {
  if (!source.path.empty())
    return readNpy(source.path);
  Expected<Tensor> tensor = parseLiteral(source.literal);
  if (!tensor)
    return makeError(source.text + ": " + toString(tensor.takeError()));
  return tensor;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// The position of the port `name`.
static std::optional<size_t> findPort(ArrayRef<Port> ports, StringRef name) {
  const Port *port =
      llvm::find_if(ports, [&](const Port &p) { return p.name == name; });
  if (port == ports.end())
    return std::nullopt;
  return port - ports.begin();
}

/// True if a value of `shape` can be passed for one of `wanted`.
static bool fits(ArrayRef<int64_t> shape, ArrayRef<int64_t> wanted) {
  return shape.size() == wanted.size() &&
         llvm::all_of(llvm::zip_equal(shape, wanted), [](auto sizes) {
           auto [size, want] = sizes;
           return want == kAnySize || size == want;
         });
}

/// Whether a value of `type` and `shape`, which `text` gives, can be passed.
static Error checkFits(const Port &port, ElementType type,
                       ArrayRef<int64_t> shape, const std::string &text) {
  if (type == port.type && fits(shape, port.shape))
    return Error::success();
  return makeError("argument '" + port.name + "' is " + formatType(port) +
                   ", but " + text + " gives " + formatType(type, shape));
}

Error Arguments::bind(size_t index, Tensor tensor, const std::string &text) {
  const Port &port = ports[index];
  if (values[index])
    return makeError("argument '" + port.name + "' is given twice: by " +
                     boundBy[index] + " and by " + text);
  if (Error error = checkFits(port, tensor.getType(), tensor.getShape(), text))
    return error;
  values[index] = std::move(tensor);
  boundBy[index] = text;
  return Error::success();
}

Error Arguments::bindFile(StringRef path, const std::string &text,
                          bool ignoreOthers) {
  Expected<SafetensorsFile> file = SafetensorsFile::open(path);
  if (!file)
    return file.takeError();
  for (StringRef name : file->getNames()) {
    std::optional<size_t> index = findPort(ports, name);
    if (!index && ignoreOthers)
      continue;
    if (!index)
      return makeError("tensor '" + name + "' of '" + path +
                       "' names no argument; the arguments are " +
                       formatPorts(ports));
    Expected<Tensor> tensor = file->getTensor(name);
    if (!tensor)
      return tensor.takeError();
    if (Error error = bind(*index, std::move(*tensor), text))
      return error;
  }
  return Error::success();
}

Error Arguments::bindInput(const Source &source) {
  if (source.isSafetensors())
    return bindFile(source.path, source.text, /*ignoreOthers=*/false);
  std::optional<size_t> index;
  if (source.name.empty()) {
    if (nextPosition == ports.size())
      return makeError(source.text + ": too many inputs, the arguments are " +
                       formatPorts(ports));
    index = nextPosition++;
  } else {
    index = findPort(ports, source.name);
    if (!index)
      return makeError(source.text + ": no argument is named '" + source.name +
                       "'; the arguments are " + formatPorts(ports));
  }
  // A literal of another size is refused before there is memory for it.
  SmallVector<int64_t> shape;
  ElementType type;
  if (source.path.empty()) {
    Error error = parseLiteralType(source.literal, shape, type);
    if (error)
      return makeError(source.text + ": " + toString(std::move(error)));
    if (Error mismatch = checkFits(ports[*index], type, shape, source.text))
      return mismatch;
  }
  Expected<Tensor> tensor = readTensor(source);
  if (!tensor)
    return tensor.takeError();
  return bind(*index, std::move(*tensor), source.text);
}

Error Arguments::bindParameters(StringRef path) {
  return bindFile(path, ("--parameters=" + path).str(), /*ignoreOthers=*/true);
}

Expected<std::vector<Tensor>> Arguments::finish() const {
  std::vector<Tensor> tensors;
  for (auto [port, value] : llvm::zip_equal(ports, values)) {
    if (!value)
      return makeError("argument '" + port.name + "' (" + formatType(port) +
                       ") has no value: give --input=" + port.name +
                       "=TYPE=NUMBERS, --input=" + port.name +
                       "=@FILE.npy, or a .safetensors file that has it");
    tensors.push_back(*value);
  }
  return tensors;
}

} // namespace moa

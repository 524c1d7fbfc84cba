//===- Invoke.cpp - Calling a compiled function ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C interface of a lowered function: a tensor is a pointer to a descriptor
// of 64-bit words (allocated, aligned, offset, sizes, strides), a scalar a
// value. Results lie in one structure that the first argument points to; a
// single scalar is returned.
//
//===----------------------------------------------------------------------===//

#include "moa/Runtime/Engine.h"

#include "FailedCheck.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;

namespace moa {

static_assert(sizeof(void *) == sizeof(int64_t),
              "descriptors are read and written as 64-bit words");

/// The words of a descriptor before its sizes.
static constexpr size_t kSizesAt = 3;

/// The allocation that upstream writes into the descriptor of a constant, which
/// nobody may free.
static constexpr int64_t kStaticAllocation = 0xdeadbeef;

static size_t getDescriptorSize(size_t rank) {
  return (kSizesAt + 2 * rank) * sizeof(int64_t);
}

/// The descriptor of `tensor`.
static SmallVector<int64_t> makeDescriptor(const Tensor &tensor) {
  ArrayRef<int64_t> shape = tensor.getShape();
  auto address = reinterpret_cast<int64_t>(tensor.getData());
  SmallVector<int64_t> words = {address, address, 0};
  words.append(shape.begin(), shape.end());
  words.resize(kSizesAt + 2 * shape.size(), 1);
  // Unsigned, as the sizes around a zero may have a product of any size.
  uint64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
    words[kSizesAt + shape.size() + i] = stride;
  return words;
}

/// True if the elements that `words` describes lie in row-major order.
static bool isContiguous(ArrayRef<int64_t> words, size_t rank) {
  ArrayRef<int64_t> sizes = words.slice(kSizesAt, rank);
  ArrayRef<int64_t> strides = words.slice(kSizesAt + rank, rank);
  int64_t expected = 1;
  for (size_t i = rank; i-- > 0; expected *= sizes[i])
    if (sizes[i] != 1 && strides[i] != expected)
      return false;
  return true;
}

/// Copy the strided elements at `from` into `to`.
static char *copyStrided(const char *from, char *to, unsigned size,
                         ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides) {
  if (sizes.empty()) {
    std::memcpy(to, from, size);
    return to + size;
  }
  for (int64_t i = 0; i != sizes[0]; ++i)
    to = copyStrided(from + i * strides[0] * size, to, size, sizes.drop_front(),
                     strides.drop_front());
  return to;
}

namespace {
/// Where the results of a call lie.
class ResultBlock {
public:
  explicit ResultBlock(ArrayRef<Port> ports) : ports(ports) {
    for (const Port &port : ports) {
      size_t align = port.isScalar ? getElementSize(port.type) : 8;
      offsets.push_back(alignTo(size, align));
      size = offsets.back() + (port.isScalar
                                   ? getElementSize(port.type)
                                   : getDescriptorSize(port.shape.size()));
    }
    // A structure ends at a multiple of its largest alignment, at most 8.
    words.resize(divideCeil(size, 8) + 1);
  }

  void *getData() { return words.data(); }

  /// Take the results out; their allocations belong to the tensors from now on.
  /// A result that lies in one of the `arguments` shares it.
  Expected<std::vector<Tensor>> take(ArrayRef<Tensor> arguments);

private:
  Expected<Tensor> takeScalar(const Port &port, const char *data);
  Expected<Tensor> takeTensor(const Port &port, const char *data);
  const std::shared_ptr<void> &getOwner(int64_t allocation);

  ArrayRef<Port> ports;
  SmallVector<size_t> offsets;
  size_t size = 0;
  std::vector<int64_t> words;
  /// The owner of each allocation seen; two results may share one.
  DenseMap<int64_t, std::shared_ptr<void>> owners;
};
} // namespace

const std::shared_ptr<void> &ResultBlock::getOwner(int64_t allocation) {
  auto [it, isNew] = owners.try_emplace(allocation);
  if (isNew && allocation != kStaticAllocation)
    it->second =
        std::shared_ptr<void>(reinterpret_cast<void *>(allocation), std::free);
  return it->second;
}

Expected<Tensor> ResultBlock::takeScalar(const Port &port, const char *data) {
  Expected<Tensor> tensor = Tensor::allocate(port.type, {});
  if (tensor)
    std::memcpy(tensor->getData(), data, getElementSize(port.type));
  return tensor;
}

Expected<Tensor> ResultBlock::takeTensor(const Port &port, const char *data) {
  size_t rank = port.shape.size();
  SmallVector<int64_t> descriptor(kSizesAt + 2 * rank);
  std::memcpy(descriptor.data(), data, getDescriptorSize(rank));
  const std::shared_ptr<void> &owner = getOwner(descriptor[0]);
  auto shape = ArrayRef(descriptor).slice(kSizesAt, rank);
  for (int64_t size : shape)
    if (size < 0)
      return makeError("result '" + port.name + "' has a negative size (" +
                       Twine(size) + ")");
  unsigned elementSize = getElementSize(port.type);
  char *elements = reinterpret_cast<char *>(descriptor[1]) +
                   descriptor[2] * int64_t(elementSize);
  if (is_contained(shape, 0))
    return Tensor::allocate(port.type, shape);
  if (isContiguous(descriptor, rank))
    return Tensor(port.type, shape, elements, owner);
  Expected<Tensor> tensor = Tensor::allocate(port.type, shape);
  if (tensor)
    copyStrided(elements, tensor->getData(), elementSize, shape,
                ArrayRef(descriptor).slice(kSizesAt + rank, rank));
  return tensor;
}

Expected<std::vector<Tensor>> ResultBlock::take(ArrayRef<Tensor> arguments) {
  for (const Tensor &argument : arguments)
    owners[reinterpret_cast<int64_t>(argument.getData())] = argument.getOwner();
  const char *block = reinterpret_cast<const char *>(words.data());
  std::vector<Tensor> results;
  for (auto [port, offset] : zip_equal(ports, offsets)) {
    Expected<Tensor> result = port.isScalar ? takeScalar(port, block + offset)
                                            : takeTensor(port, block + offset);
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }
  return results;
}

Expected<std::vector<Tensor>> Engine::run(ArrayRef<Tensor> arguments) {
  std::vector<SmallVector<int64_t>> descriptors;
  for (const Tensor &tensor : arguments)
    descriptors.push_back(makeDescriptor(tensor));
  std::vector<void *> pointers;
  pointers.reserve(descriptors.size());
  for (SmallVector<int64_t> &descriptor : descriptors)
    pointers.push_back(descriptor.data());

  ResultBlock block(callee.results);
  void *blockPointer = block.getData();
  bool returnsValue =
      callee.results.size() == 1 && callee.results.front().isScalar;
  // Each entry points to the value of an argument.
  SmallVector<void *> packed;
  if (!callee.results.empty() && !returnsValue)
    packed.push_back(static_cast<void *>(&blockPointer));
  for (auto [i, port] : enumerate(callee.arguments)) {
    if (port.isScalar)
      packed.push_back(arguments[i].getData());
    else
      packed.push_back(static_cast<void *>(&pointers[i]));
  }
  if (returnsValue)
    packed.push_back(blockPointer);
  CallInProgress call(callee.arguments, arguments);
  function(packed.data());
  return block.take(arguments);
}

} // namespace moa

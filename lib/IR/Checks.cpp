//===- Checks.cpp - What the verifiers of several ops check ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Checks.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace moa {

int64_t getDim(Value value, unsigned dim) {
  return cast<ShapedType>(value.getType()).getDimSize(dim);
}

OpFoldResult getSize(OpBuilder &builder, Location loc, Value value,
                     unsigned dim) {
  return isa<MemRefType>(value.getType())
             ? memref::getMixedSize(builder, loc, value, dim)
             : tensor::getMixedSize(builder, loc, value, dim);
}

SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc,
                                   Value value) {
  return isa<MemRefType>(value.getType())
             ? memref::getMixedSizes(builder, loc, value)
             : tensor::getMixedSizes(builder, loc, value);
}

int64_t sizeOrDynamic(int64_t size) {
  return size < 0 ? ShapedType::kDynamic : size;
}

bool isShapedOperand(ValueRange operands, int64_t rank, bool isOptional) {
  if (operands.empty())
    return isOptional;
  auto type = dyn_cast<ShapedType>(operands.front().getType());
  return operands.size() == 1 && type && type.hasRank() &&
         type.getRank() == rank;
}

LogicalResult emitIncomplete(std::optional<Location> loc, StringRef op) {
  return emitOptionalError(loc, "'", op,
                           "' op cannot infer its types: it lacks an operand "
                           "or attribute that they depend on");
}

int64_t multiplySizes(int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return ShapedType::kDynamic;
  int64_t product;
  if (llvm::MulOverflow(a, b, product))
    return ShapedType::kDynamic;
  return sizeOrDynamic(product);
}

LogicalResult checkPositive(Operation *op, StringRef name, int64_t number) {
  if (number >= 1)
    return success();
  return op->emitOpError() << name << " (" << number << ") must be at least 1";
}

LogicalResult checkTopK(Operation *op, int64_t topK, int64_t experts) {
  if (failed(checkPositive(op, "top_k", topK)))
    return failure();
  if (ShapedType::isDynamic(experts) || topK <= experts)
    return success();
  return op->emitOpError() << "top_k (" << topK
                           << ") exceeds the number of experts (" << experts
                           << ")";
}

LogicalResult checkStatic(Operation *op, NamedValue operand, unsigned dim,
                          StringRef what) {
  if (!operand.value || !ShapedType::isDynamic(getDim(operand.value, dim)))
    return success();
  return op->emitOpError() << "'" << operand.name << "' dimension " << dim
                           << " (?) must be static: it is " << what;
}

LogicalResult checkSlots(Operation *op, NamedValue operand) {
  if (failed(checkStatic(op, operand, 1, "the number of slots of a token")))
    return failure();
  if (getDim(operand.value, 1) >= 1)
    return success();
  return op->emitOpError() << "'" << operand.name
                           << "' dimension 1 (0) must be at least 1: it is the "
                              "number of slots of a token";
}

LogicalResult checkElementTypes(Operation *op, NamedValue reference,
                                ArrayRef<NamedValue> operands) {
  Type expected = getElementTypeOrSelf(reference.value.getType());
  for (NamedValue operand : operands) {
    if (!operand.value)
      continue;
    Type type = getElementTypeOrSelf(operand.value.getType());
    if (type != expected)
      return op->emitOpError() << "'" << operand.name << "' has element type "
                               << type << ", '" << reference.name << "' has "
                               << expected << ": they must be the same";
  }
  return success();
}

LogicalResult checkElementTypeOrF32(Operation *op, NamedValue operand,
                                    NamedValue reference) {
  Type type = getElementTypeOrSelf(operand.value.getType());
  Type expected = getElementTypeOrSelf(reference.value.getType());
  if (type == expected || type.isF32())
    return success();
  return op->emitOpError() << "'" << operand.name << "' has element type "
                           << type << ", '" << reference.name << "' has "
                           << expected << ": '" << operand.name
                           << "' must have the same or f32";
}

LogicalResult checkHeadMap(Operation *op, HeadMap map, int64_t heads,
                           int64_t kvHeads) {
  if (map != HeadMap::Group || heads % kvHeads == 0)
    return success();
  return op->emitOpError() << "the number of key/value heads (" << kvHeads
                           << ") does not divide heads (" << heads
                           << "), as head_map group needs";
}

LogicalResult checkScores(Operation *op, std::optional<uint64_t> window,
                          std::optional<APFloat> scale) {
  if (window &&
      failed(checkPositive(op, "window", static_cast<int64_t>(*window))))
    return failure();
  if (!scale || scale->isFinite())
    return success();
  return op->emitOpError() << "scale (" << scale->convertToDouble()
                           << ") must be finite";
}

LogicalResult checkRotaryOperands(Operation *op, RotaryAttr rotary,
                                  std::optional<uint64_t> heads, Value length,
                                  Value position) {
  if (rotary && heads && length)
    return success();
  if (rotary)
    return op->emitOpError("needs heads and a length for its rotary positions");
  if (heads || length || position)
    return op->emitOpError("has heads, a length or a position, which only "
                           "rotary reads");
  return success();
}

} // namespace moa

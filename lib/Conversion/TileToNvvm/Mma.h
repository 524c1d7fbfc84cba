//===- Mma.h - Parts shared by the patterns for products --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_MMA_H
#define MOA_LIB_CONVERSION_TILETONVVM_MMA_H

#include "Kernel.h"
#include "SharedTile.h"

namespace moa::tile {

/// The sizes of a product.
struct Product {
  Layout layout; ///< of the result
  int64_t k;
  mlir::Type element;

  Product(MmaOp op, const Kernel &kernel)
      : layout(kernel.getLayout(op.getType())) {
    auto [shape, type] = getShape(op.getA().getType());
    k = shape[1];
    element = type;
  }

  /// Products that an instruction sums.
  int64_t getStep() const { return element.isF32() ? 8 : 16; }

  /// Shape and element type of an operand.
  static std::pair<llvm::ArrayRef<int64_t>, mlir::Type>
  getShape(mlir::Type type) {
    if (auto buffer = mlir::dyn_cast<BufferType>(type))
      return {buffer.getShape(), buffer.getElementType()};
    auto tile = mlir::cast<mlir::RankedTensorType>(type);
    return {tile.getShape(), tile.getElementType()};
  }
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_MMA_H

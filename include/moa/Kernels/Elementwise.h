//===- Elementwise.h - Kernels of element-wise computations -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_ELEMENTWISE_H
#define MOA_KERNELS_ELEMENTWISE_H

#include "moa/Kernels/TileBuilder.h"

namespace moa {

/// An operand of an element-wise kernel: iteration (i0, ..., in) reads or
/// writes element (i[dims[0]], i[dims[1]], ...).
struct ElementwiseOperand {
  /// With a column: [rows, columns]; otherwise [elements]. Of rank 0 where
  /// there are no dims.
  mlir::MemRefType memory;
  llvm::SmallVector<unsigned> dims;
};

/// What is static about an element-wise kernel.
struct ElementwiseSpec {
  /// The computation of one element: arith and math on scalars, linalg.index,
  /// tensor.extract, constants. Its arguments are the elements of the inputs,
  /// then those of the outputs.
  mlir::Block *body = nullptr;
  /// Sizes of the iteration space; dynamic ones are arguments.
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<ElementwiseOperand> inputs, outputs;
  /// Scalars and tensors from outside that the body uses, in the order of the
  /// kernel's arguments; a tensor is memory there.
  llvm::SmallVector<mlir::Value> captured;
  /// The last dimension is that of columns. Otherwise all dimensions are rows
  /// of one column, and operands are read in any order.
  bool hasColumns = false;

  /// Rows and columns of a block.
  int64_t rows = 16, columns = 128;
  WarpGrid warps = {1, 4};
};

/// Choose tiles: as many columns as there are, up to 128.
void chooseElementwiseTiles(ElementwiseSpec &spec);

/// Blocks: (tiles of rows, tiles of columns). Arguments: dynamic sizes,
/// captured values, inputs; outputs.
mlir::gpu::GPUFuncOp buildElementwiseKernel(TileBuilder &b,
                                            mlir::gpu::GPUModuleOp module,
                                            llvm::StringRef name,
                                            const ElementwiseSpec &spec);

/// An error of `op`, in the body of a computation, unless there is a form of it
/// on tiles.
llvm::LogicalResult checkElementwise(mlir::Operation *op);

/// Memory [R,C] filled with one number.
struct FillSpec {
  mlir::MemRefType memory;
  /// Null where the number is an argument.
  mlir::Attribute number;
  /// Bands of rows, as in a router, with which this can share a launch.
  int64_t rows = 64, columns = 32;
  WarpGrid warps = {4, 1};
};

/// Blocks: (tiles of rows, tiles of columns). Arguments: the number if it is
/// none of the spec; memory.
mlir::gpu::GPUFuncOp buildFillKernel(TileBuilder &b,
                                     mlir::gpu::GPUModuleOp module,
                                     llvm::StringRef name,
                                     const FillSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_ELEMENTWISE_H

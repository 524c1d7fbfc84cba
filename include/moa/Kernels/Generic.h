//===- Generic.h - Kernels of loops over elements ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_GENERIC_H
#define MOA_KERNELS_GENERIC_H

#include "moa/Kernels/TileBuilder.h"
#include <optional>

namespace moa {

/// An operand of a computation: iteration (i0, ..., in) reads or writes element
/// (i[dims[0]], i[dims[1]], ...).
struct GenericOperand {
  /// With a column: [rows, columns]; otherwise [elements]. Inputs without dims
  /// may be memory of rank 0, or a scalar.
  mlir::Type type;
  llvm::SmallVector<unsigned> dims;
};

/// What is static about the kernel of a linalg.generic, whose outputs have the
/// first dimensions of the loops in their order.
struct GenericSpec {
  /// The computation of one element: arith and math on scalars, linalg.index,
  /// tensor.extract, constants. Its arguments are the elements of the inputs,
  /// then those of the outputs.
  mlir::Block *body = nullptr;
  /// Sizes of the iteration space; dynamic ones are arguments.
  llvm::SmallVector<int64_t> sizes;
  /// How many of them, the last ones, are reduced.
  unsigned numReductions = 0;
  llvm::SmallVector<GenericOperand> inputs, outputs;
  /// For each output: what its memory is known to hold before, or null.
  llvm::SmallVector<mlir::Attribute> inits;
  /// Scalars and tensors from outside that the body uses, in the order of the
  /// kernel's arguments; a tensor is memory there.
  llvm::SmallVector<mlir::Value> captured;

  /// The dimension of a tile's columns, along which the memory of operands that
  /// have it runs: the last one, or the last that is not reduced. Without one,
  /// dimensions that are not reduced are rows of one column, and operands are
  /// read in any order.
  std::optional<unsigned> column;
  /// With a column, where dimensions are reduced: for each output the op of the
  /// body that adds an element to what was reduced before. See isAnyOrder.
  llvm::SmallVector<mlir::Operation *> combiners;

  /// Rows and columns of a block.
  int64_t rows = 16, columns = 128;
  WarpGrid warps = {1, 4};

  unsigned getRank() const { return sizes.size(); }
  unsigned getNumParallel() const { return getRank() - numReductions; }
  /// Whether tiles are reduced to one column.
  bool reducesColumns() const { return column && *column >= getNumParallel(); }
  /// Whether tiles are reduced to one row: that of the block.
  bool reducesRows() const {
    return column && numReductions > 0 && !reducesColumns();
  }
};

/// Whether elements that `combiner` adds up may be added in any order, by a
/// form of it that works across the elements of a tile.
bool isAnyOrder(mlir::Operation *combiner);

/// Choose tiles: as many columns as there are, up to 128, or up to 512 of what
/// is reduced to a single number.
void chooseGenericTiles(GenericSpec &spec);

/// Blocks: tiles of rows, or rows where tiles are reduced to one, times tiles
/// of columns that are not reduced. Arguments: dynamic sizes, captured values,
/// inputs; outputs.
mlir::gpu::GPUFuncOp buildGenericKernel(TileBuilder &b,
                                        mlir::gpu::GPUModuleOp module,
                                        llvm::StringRef name,
                                        const GenericSpec &spec);

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

/// Blocks: tiles of rows times tiles of columns. Arguments: the number if it is
/// none of the spec; memory.
mlir::gpu::GPUFuncOp buildFillKernel(TileBuilder &b,
                                     mlir::gpu::GPUModuleOp module,
                                     llvm::StringRef name,
                                     const FillSpec &spec);

} // namespace moa

#endif // MOA_KERNELS_GENERIC_H

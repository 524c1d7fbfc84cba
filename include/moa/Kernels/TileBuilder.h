//===- TileBuilder.h - Writing kernels over tiles ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A builder in which a kernel reads like its algorithm: arithmetic on tiles and
// scalars alike, with rows, columns and scalars repeated where the other
// operand is larger.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_KERNELS_TILEBUILDER_H
#define MOA_KERNELS_TILEBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "moa/Tile/IR/Tile.h"

namespace moa {

/// A kernel's grid of warps: bands of rows times bands of columns.
struct WarpGrid {
  int64_t rows = 1;
  int64_t columns = 1;
};

class TileBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  using Value = mlir::Value;
  using Type = mlir::Type;

  /// Whether kernels check what types leave open.
  bool runtimeChecks = true;

  /// A kernel `name` in `module` with these arguments; the insertion point is
  /// set to its empty body, which ends in gpu.return.
  mlir::gpu::GPUFuncOp createKernel(mlir::gpu::GPUModuleOp module,
                                    llvm::StringRef name,
                                    llvm::ArrayRef<Type> arguments,
                                    WarpGrid warps);

  //===--------------------------------------------------------------------===//
  // Scalars
  //===--------------------------------------------------------------------===//

  Value index(int64_t number);
  Value blockId(mlir::gpu::Dimension dimension);
  /// Dimension `dim` of `memory`: a constant where it is static.
  Value size(Value memory, int64_t dim);
  /// The scalar `memory[indices]`.
  Value loadScalar(Value memory, mlir::ValueRange indices);
  /// An index as an i32, and back.
  Value toI32(Value index);
  Value toIndex(Value i32);
  /// (a + b - 1) div b, for a >= 0 and b > 0.
  Value ceilDiv(Value a, int64_t b);

  //===--------------------------------------------------------------------===//
  // Tiles
  //===--------------------------------------------------------------------===//

  /// A tile that has `number` everywhere.
  Value tile(int64_t rows, int64_t columns, Type element, double number);
  /// A tile of i32: offset, offset + 1, ... along its rows or columns.
  Value positions(int64_t rows, int64_t columns, Value offset);
  Value load(Value memory, mlir::ValueRange indices, int64_t rows,
             int64_t columns);
  Value gather(Value memory, mlir::ValueRange indices, Value rowIndex,
               int64_t columns);
  /// `count` columns of a tile, from the one with the number `first` on.
  Value columns(Value tile, int64_t first, int64_t count);
  void store(Value tile, Value memory, mlir::ValueRange indices);
  void scatter(Value tile, Value memory, mlir::ValueRange indices,
               Value rowIndex, bool add = false);
  /// Count the block in: whether it is the last of `count`.
  Value arrive(Value counters, mlir::ValueRange indices, Value count);
  /// `terms`, if given: how many products each row needs.
  Value mma(Value a, Value b, Value accumulator, bool transposed = false,
            bool tf32 = false, Value terms = {});
  Value reduce(tile::ReduceKind kind, Value tile, int64_t dim);
  Value scan(Value tile, int64_t dim, bool reverse = false);
  /// Whether a condition [rows,1] holds for a row; warps answer for their own.
  Value any(Value rows);
  /// Fail the launch where one of `indices`, i32, of a slot is neither -1 nor
  /// an expert: an error of the op that is called `op`.
  void checkIndices(Value indices, Value numExperts, llvm::StringRef op);

  //===--------------------------------------------------------------------===//
  // Arithmetic on tiles and scalars: operands are brought to one shape,
  // integers are signed, and floats are those of one type. Indices are for
  // scalars only.
  //===--------------------------------------------------------------------===//

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  /// Integers are divided as unsigned numbers.
  Value div(Value a, Value b);
  Value rem(Value a, Value b);
  Value max(Value a, Value b);
  Value min(Value a, Value b);
  /// a * b + c in one rounding.
  Value fma(Value a, Value b, Value c);
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, Value b);
  Value compare(mlir::arith::CmpFPredicate predicate, Value a, Value b);
  Value both(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value exp(Value a);
  Value exp2(Value a);
  Value log2(Value a);
  /// 1 / (1 + exp(-a))
  Value sigmoid(Value a);
  /// Floats of another width.
  Value convert(Value a, Type element);

  // The same with a number for an operand.
  Value add(Value a, double b) { return add(a, like(a, b)); }
  Value sub(Value a, double b) { return sub(a, like(a, b)); }
  Value mul(Value a, double b) { return mul(a, like(a, b)); }
  Value div(Value a, double b) { return div(a, like(a, b)); }
  Value rem(Value a, double b) { return rem(a, like(a, b)); }
  Value max(Value a, double b) { return max(a, like(a, b)); }
  Value min(Value a, double b) { return min(a, like(a, b)); }
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, double b) {
    return compare(predicate, a, like(a, b));
  }
  Value compare(mlir::arith::CmpFPredicate predicate, Value a, double b) {
    return compare(predicate, a, like(a, b));
  }
  /// `number` in the type of `value`.
  Value like(Value value, double number);

  //===--------------------------------------------------------------------===//
  // Control
  //===--------------------------------------------------------------------===//

  using LoopBody = llvm::function_ref<llvm::SmallVector<Value>(
      Value index, mlir::ValueRange carried)>;
  /// An scf.for whose tiles are loaded `stages` - 1 iterations ahead.
  mlir::scf::ForOp loop(Value begin, Value end, int64_t step,
                        mlir::ValueRange carried, int64_t stages,
                        LoopBody body);
  using BranchBody = llvm::function_ref<llvm::SmallVector<Value>()>;
  /// The values of `then` where `condition` holds, otherwise `otherwise`.
  llvm::SmallVector<Value> branch(Value condition, BranchBody then,
                                  mlir::ValueRange otherwise = {});
  /// Values of `types`: those of `then` where `condition` holds, or else those
  /// of `otherwise`.
  llvm::SmallVector<Value> branch(Value condition, mlir::TypeRange types,
                                  BranchBody then, BranchBody otherwise);

private:
  std::pair<Value, Value> unify(Value a, Value b);
  Value reshape(Value value, llvm::ArrayRef<int64_t> shape);
};

} // namespace moa

#endif // MOA_KERNELS_TILEBUILDER_H

//===- ThreadBuilder.h - What one thread computes ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A builder for the scalar code of one thread. Numbers are i32, without sign
// where they are divided. Ops with constant operands are folded, equal ops may
// be built many times: what runs later merges them and hoists them out of
// loops.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_THREADBUILDER_H
#define MOA_LIB_CONVERSION_TILETONVVM_THREADBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moa::tile {

/// NVPTX's address spaces.
constexpr unsigned kGlobalSpace = 1, kSharedSpace = 3;

class ThreadBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value constant(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, constant(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return mul(a, constant(b)); }
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value xori(Value a, Value b);
  Value andi(Value a, Value b);
  /// a < b without sign: false for a negative `a`, too.
  Value below(Value a, Value b);
  Value equal(Value a, int64_t b);
  Value select(Value condition, Value a, Value b);
  /// Both hold; null is a condition that always holds.
  Value both(Value a, Value b);
  /// Widen a number with its sign.
  Value extend(Value a);
  /// The zero of a scalar type.
  Value zero(mlir::Type type);

  /// Number of the thread in its block, of the lane in its warp.
  Value thread();
  Value lane() { return rem(thread(), 32); }

  /// The address `index` elements after `pointer`.
  Value offset(Value pointer, mlir::Type element, Value index);
  Value offset(Value pointer, mlir::Type element, int64_t index);

  /// A scalar, or a vector in one access, at an address that is a multiple of
  /// its size. Memory that is read only may be read again, or earlier.
  Value load(Value address, mlir::Type type, bool readOnly = false);

  /// The members of an LLVM struct.
  llvm::SmallVector<Value> unpack(Value aggregate);
  /// A vector of scalars of one type, and the scalars of a vector: one undoes
  /// the other.
  Value toVector(mlir::ValueRange scalars);
  llvm::SmallVector<Value> toScalars(Value vector);
  Value bitcast(Value value, mlir::Type type);

  /// 2 or 4 matrices of 8 x 8 from shared memory, as words of two elements;
  /// lane l holds the address of row l mod 8 of matrix l / 8.
  llvm::SmallVector<Value> loadMatrices(Value address, int64_t count,
                                        bool transpose);

  /// The value of the lane whose number differs in the bits of `mask`, or of
  /// lane `source`.
  Value shuffleXor(Value value, int64_t mask);
  Value shuffleFrom(Value value, Value source);

  /// Whether one of `conditions` holds in some lane of the warp.
  Value anyOfWarp(mlir::ValueRange conditions);

  /// Wait for all threads of the block.
  void barrier();

  /// The same, and whether `condition` holds in one of them.
  Value anyOfBlock(Value condition);

private:
  Value shuffle(mlir::NVVM::ShflKind kind, Value value, Value argument);
};

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_THREADBUILDER_H

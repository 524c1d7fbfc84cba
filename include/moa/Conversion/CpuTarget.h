//===- CpuTarget.h - The vector registers of a CPU --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_CPUTARGET_H
#define MOA_CONVERSION_CPUTARGET_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace moa {

/// The rows and vectors of an accumulator that stays in registers.
struct TileShape {
  int64_t rows;
  int64_t vectors;
};

/// What a CPU has of vector registers. Code for more than a host has runs
/// nevertheless, slowly: LLVM splits vectors and spills.
struct CpuTarget {
  /// The bytes of one register, and how many there are.
  int64_t vectorBytes;
  int64_t registers;
  /// Whether it multiplies pairs of bf16 and adds both to a sum in f32. Code
  /// for this runs on no other CPU.
  bool dotsBf16 = false;
  /// Pieces of at least so many rows of a matrix are read side by side where
  /// memory is the limit. As measured: 2 on Zen 5, 8 on Zen 4, 4 on Zen 3.
  int64_t streams = 4;

  /// One of getNames(): "portable" has the 128-bit registers that every x86-64
  /// and AArch64 has. Nothing for another name.
  static std::optional<CpuTarget> parse(llvm::StringRef name);
  /// The names that parse takes, as a sentence lists them.
  static llvm::StringRef getNames() {
    return "host, avx512bf16, avx512, avx2 or portable";
  }

  /// The elements of `type` that fill a register.
  int64_t getLanes(mlir::Type type) const {
    return vectorBytes * 8 / type.getIntOrFloatBitWidth();
  }
  mlir::VectorType getVectorType(mlir::Type type) const {
    return mlir::VectorType::get({getLanes(type)}, type);
  }

  /// The tile for many rows: as many independent sums as hide the latency of
  /// the multiply-adds and leave registers for the operands.
  TileShape getMainTile() const { return {registers >= 32 ? 8 : 6, 2}; }
  /// The columns, in registers, that one task computes: a multiple of the
  /// columns of every tile, and enough for long runs of a row of weights.
  static constexpr int64_t kTaskVectors = 32;
};

} // namespace moa

#endif // MOA_CONVERSION_CPUTARGET_H

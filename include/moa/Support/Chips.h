//===- Chips.h - What kernels can be compiled for ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_SUPPORT_CHIPS_H
#define MOA_SUPPORT_CHIPS_H

#include "mlir/IR/Diagnostics.h"
#include <optional>

namespace moa {

/// A target of LLVM's NVPTX backend.
struct Chip {
  llvm::StringLiteral name;
  /// The earliest PTX that has what the lowerings for the chip use. Without it
  /// LLVM takes one that is too early for some chips, and aborts.
  llvm::StringLiteral features;
  /// The compute capability: 90 for 9.0.
  int capability;
  /// Bytes of shared memory that a block may have.
  int sharedMemory;
};

llvm::ArrayRef<Chip> getChips();

/// Reports what is wrong with a value that was given, and fails.
using ReportFailure =
    llvm::function_ref<llvm::LogicalResult(const llvm::Twine &)>;

/// A ReportFailure that emits an error at `loc`.
inline auto failAt(mlir::Location loc) {
  return [loc](const llvm::Twine &message) -> llvm::LogicalResult {
    return mlir::emitError(loc) << message;
  };
}

/// The chip `name`, or an error that lists the names.
llvm::FailureOr<const Chip *> findChip(llvm::StringRef name,
                                       ReportFailure fail);

/// An error unless a block may have `bytes` of shared memory: one of `chip`, or
/// of any where that is null.
llvm::LogicalResult checkSharedBytes(int64_t bytes, const Chip *chip,
                                     ReportFailure fail);

/// The chip to compile for where a device has `capability`: its own, or else
/// the last one before it whose PTX later devices run; null if there is none.
const Chip *findChipOf(int capability);

/// The version of PTX that LLVM's `features` name: 80 for "+ptx80".
std::optional<int> getPtxVersion(llvm::StringRef features);

/// A function that `ptx` calls and that nothing defines: neither it, nor the
/// driver. LLVM leaves calls of CUDA's libdevice behind where it is not found.
std::optional<llvm::StringRef> findUnresolved(llvm::StringRef ptx);

} // namespace moa

#endif // MOA_SUPPORT_CHIPS_H

//===- Kernel.h - What the patterns know of a kernel ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_LIB_CONVERSION_TILETONVVM_KERNEL_H
#define MOA_LIB_CONVERSION_TILETONVVM_KERNEL_H

#include "IndexFacts.h"
#include "Layout.h"
#include "moa/Conversion/TileToNvvm.h"
#include "moa/Tile/IR/Tile.h"

#include "mlir/Transforms/DialectConversion.h"

namespace moa::tile {

/// The kernel that is converted.
struct Kernel {
  explicit Kernel(mlir::gpu::GPUFuncOp function);

  Layout getLayout(mlir::Type tile) const {
    return Layout(mlir::cast<mlir::RankedTensorType>(tile), warps);
  }

  mlir::MLIRContext *context;
  WarpGrid warps;
  IndexFacts facts;
  /// The most registers of a thread, 0 where the target decides.
  int32_t registers = 0;
  /// Whether there are products of f16 or bf16.
  bool multiplies16Bits = false;
  /// Whether blocks read what others stored.
  bool arrives = false;
};

/// Types of the values that a thread holds: scalars for a tile (see Layout), a
/// pointer and sizes for memory (see Memory), a pointer for a buffer, i32 for
/// an index.
class ThreadTypeConverter : public mlir::TypeConverter {
public:
  explicit ThreadTypeConverter(WarpGrid warps);
};

/// Base of the patterns: they know the kernel.
template <typename OpTy>
struct KernelPattern : mlir::OpConversionPattern<OpTy> {
  KernelPattern(const mlir::TypeConverter &types, const Kernel &kernel,
                mlir::PatternBenefit benefit = 1)
      : mlir::OpConversionPattern<OpTy>(types, kernel.context, benefit),
        kernel(kernel) {}
  const Kernel &kernel;
};

/// The scalar that stands for an operand which is neither tile nor memory.
inline mlir::Value getScalar(mlir::ValueRange converted) {
  assert(converted.size() == 1 && "one value expected");
  return converted.front();
}

/// One function for each family of patterns.
void populateBufferPatterns(mlir::RewritePatternSet &patterns,
                            const mlir::TypeConverter &types,
                            const Kernel &kernel);
void populateCopyPatterns(mlir::RewritePatternSet &patterns,
                          const mlir::TypeConverter &types,
                          const Kernel &kernel);
void populateElementwisePatterns(mlir::RewritePatternSet &patterns,
                                 const mlir::TypeConverter &types,
                                 const Kernel &kernel);
void populateFunctionPatterns(mlir::RewritePatternSet &patterns,
                              const mlir::TypeConverter &types,
                              const Kernel &kernel);
void populateLoadStorePatterns(mlir::RewritePatternSet &patterns,
                               const mlir::TypeConverter &types,
                               const Kernel &kernel);
void populateMemoryPatterns(mlir::RewritePatternSet &patterns,
                            const mlir::TypeConverter &types,
                            const Kernel &kernel);
void populateMmaPatterns(mlir::RewritePatternSet &patterns,
                         const mlir::TypeConverter &types,
                         const Kernel &kernel);
void populateReductionPatterns(mlir::RewritePatternSet &patterns,
                               const mlir::TypeConverter &types,
                               const Kernel &kernel);

/// Patterns for math ops on scalars, with the target's approximations.
void populateScalarMathPatterns(mlir::RewritePatternSet &patterns);

/// Check what the patterns take for granted, with an error in words.
mlir::LogicalResult checkKernel(mlir::gpu::GPUFuncOp kernel,
                                const TileToNvvmOptions &options);

} // namespace moa::tile

#endif // MOA_LIB_CONVERSION_TILETONVVM_KERNEL_H

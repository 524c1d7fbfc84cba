//===- MoaToTile.h - Ops on tensors to kernels and launches -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function for each op: it builds the kernels that compute the op, launches
// them at the builder's insertion point, and returns the values that replace
// the op's results. What there is no kernel for is an error of the op, in
// words. `convert-moa-to-tile` calls them.
//
//===----------------------------------------------------------------------===//

#ifndef MOA_CONVERSION_MOATOTILE_H
#define MOA_CONVERSION_MOATOTILE_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "moa/IR/Moa.h"
#include "moa/Kernels/TileBuilder.h"
#include "llvm/ADT/StringMap.h"

namespace moa {

struct MoaToTileOptions {
  /// Shared memory that a block may have, in bytes.
  int64_t sharedBytes = 99 * int64_t(1024);
  /// Multiply f32 through tf32.
  bool tf32 = false;
  /// Check the indices of experts that kernels are given.
  bool runtimeChecks = true;
};

/// For every `slots` slots, how many of them go to each expert: [..,E] i32.
struct SlotCounts {
  mlir::Value memory;
  int64_t slots = 0;
};

/// The gpu.module that kernels are added to, and what launches share.
class KernelModule {
public:
  KernelModule(mlir::ModuleOp module, const MoaToTileOptions &options)
      : module(module), options(options) {}

  const MoaToTileOptions &getOptions() const { return options; }

  using Build = llvm::function_ref<mlir::gpu::GPUFuncOp(
      TileBuilder &, mlir::gpu::GPUModuleOp, llvm::StringRef)>;
  /// Launch the kernel that `build` builds under `name`; a kernel that is equal
  /// to an earlier one is that one, another one of the same name gets a number.
  /// `blocks` are the sizes of the grid, at most three; nothing is launched on
  /// a grid that is known to have no blocks.
  llvm::SmallVector<mlir::Value>
  launch(mlir::ImplicitLocOpBuilder &b, llvm::StringRef name, Build build,
         llvm::ArrayRef<mlir::OpFoldResult> blocks, mlir::ValueRange ins,
         mlir::ValueRange outs);

  /// The list of tiles of `rows` rows of the groups at `offsets`, which hold
  /// `slots` slots: that which the dispatch made, or from a kernel of its own.
  mlir::Value getTileList(mlir::ImplicitLocOpBuilder &b, mlir::Value offsets,
                          mlir::OpFoldResult slots, int64_t rows);
  /// Space for such a list.
  mlir::Value createTileList(mlir::ImplicitLocOpBuilder &b,
                             mlir::OpFoldResult slots,
                             mlir::OpFoldResult numExperts, int64_t rows);
  void setTileList(mlir::Value offsets, int64_t rows, mlir::Value list);

  /// What the router of `indices` has counted; null memory where it has not, or
  /// they are no router's.
  SlotCounts getCounts(mlir::Value indices) const;
  void setCounts(mlir::Value indices, SlotCounts value) {
    counts[indices] = value;
  }

  /// `destination` filled with zeros, which isZero knows.
  mlir::Value fillZero(mlir::ImplicitLocOpBuilder &b, mlir::Value destination);
  /// What a tensor is whose elements are known to be `number`: `destination`
  /// was filled with it. Null where they are not known.
  struct Filled {
    mlir::Attribute number;
    mlir::Value destination;
  };
  Filled getFilled(mlir::Value value) const { return filled.lookup(value); }
  void setFilled(mlir::Value value, Filled as) { filled[value] = as; }
  bool isZero(mlir::Value value) const;

  /// Erase what computes values that nobody reads, such as an init that was
  /// found to be known, and kernels that nothing launches.
  void eraseUnused();

  /// After eraseUnused.
  unsigned getNumKernels() const { return numKernels; }
  unsigned getNumLaunches() const { return numLaunches; }

private:
  mlir::SymbolRefAttr addKernel(mlir::ImplicitLocOpBuilder &b,
                                llvm::StringRef name, Build build);

  mlir::ModuleOp module;
  MoaToTileOptions options;
  mlir::gpu::GPUModuleOp kernels;
  /// By the name that was asked for.
  llvm::StringMap<llvm::SmallVector<mlir::gpu::GPUFuncOp>> byName;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> lists;
  llvm::DenseMap<mlir::Value, SlotCounts> counts;
  llvm::DenseMap<mlir::Value, Filled> filled;
  unsigned numKernels = 0, numLaunches = 0;
};

using MaybeValues = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;

MaybeValues convertRoute(mlir::ImplicitLocOpBuilder &b, RouteOp op,
                         KernelModule &kernels);
MaybeValues convertRouter(mlir::ImplicitLocOpBuilder &b, RouterOp op,
                          KernelModule &kernels);
MaybeValues convertDispatch(mlir::ImplicitLocOpBuilder &b, DispatchOp op,
                            KernelModule &kernels);
MaybeValues convertBalanceLoss(mlir::ImplicitLocOpBuilder &b, BalanceLossOp op,
                               KernelModule &kernels);
MaybeValues convertZLoss(mlir::ImplicitLocOpBuilder &b, ZLossOp op,
                         KernelModule &kernels);
MaybeValues convertMutualLoss(mlir::ImplicitLocOpBuilder &b, MutualLossOp op,
                              KernelModule &kernels);
MaybeValues convertGroupedMatmul(mlir::ImplicitLocOpBuilder &b,
                                 GroupedMatmulOp op, KernelModule &kernels);
MaybeValues convertSlotMatmul(mlir::ImplicitLocOpBuilder &b, SlotMatmulOp op,
                              KernelModule &kernels);
MaybeValues convertMatmul(mlir::ImplicitLocOpBuilder &b, MatmulOp op,
                          KernelModule &kernels);
MaybeValues convertKeyValue(mlir::ImplicitLocOpBuilder &b, KeyValueOp op,
                            KernelModule &kernels);
MaybeValues convertDenseMatmul(mlir::ImplicitLocOpBuilder &b, DenseMatmulOp op,
                               KernelModule &kernels);
MaybeValues convertCombine(mlir::ImplicitLocOpBuilder &b, CombineOp op,
                           KernelModule &kernels);
MaybeValues convertRotary(mlir::ImplicitLocOpBuilder &b, RotaryOp op,
                          KernelModule &kernels);
MaybeValues convertAttention(mlir::ImplicitLocOpBuilder &b, AttentionOp op,
                             KernelModule &kernels);
/// Whether there is a kernel for `op`: there is none for rotations in which a
/// channel and its partner are held by different threads.
bool hasKernel(RoutedAttentionOp op);
MaybeValues convertRoutedAttention(mlir::ImplicitLocOpBuilder &b,
                                   RoutedAttentionOp op, KernelModule &kernels);
/// `destination` filled with `number`, a scalar; `constant` is its value where
/// that is known, otherwise null.
mlir::Value launchFill(mlir::ImplicitLocOpBuilder &b, KernelModule &kernels,
                       mlir::Value number, mlir::Attribute constant,
                       mlir::Value destination);
/// Loops over elements: their results are stored in the order of their parallel
/// loops, or of a permutation of them, and the others are reduced.
MaybeValues convertGeneric(mlir::ImplicitLocOpBuilder &b,
                           mlir::linalg::LinalgOp op, KernelModule &kernels);
/// linalg.fill, matrix products, and what else are loops over elements.
MaybeValues convertLinalg(mlir::ImplicitLocOpBuilder &b,
                          mlir::linalg::LinalgOp op, KernelModule &kernels);

} // namespace moa

#endif // MOA_CONVERSION_MOATOTILE_H

//===- KernelModule.cpp - Kernels and their launches ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Transforms/RegionUtils.h"
#include "moa/Conversion/MoaToTile.h"
#include "moa/Kernels/Dispatch.h"

using namespace mlir;
using namespace moa;

/// Whether two kernels differ in nothing but their names.
static bool isSameKernel(gpu::GPUFuncOp a, gpu::GPUFuncOp b) {
  StringAttr name = a.getNameAttr();
  a.setName(b.getNameAttr());
  bool same = OperationEquivalence::isEquivalentTo(
      a, b, OperationEquivalence::IgnoreLocations);
  a.setName(name);
  return same;
}

SymbolRefAttr KernelModule::addKernel(ImplicitLocOpBuilder &b, StringRef name,
                                      Build build) {
  OpBuilder::InsertionGuard guard(b);
  if (!kernels) {
    b.setInsertionPointToEnd(module.getBody());
    kernels = gpu::GPUModuleOp::create(b, "kernels");
    SymbolTable(module).insert(kernels);
  }
  TileBuilder tileBuilder(b.getLoc(), b);
  tileBuilder.runtimeChecks = options.runtimeChecks;
  gpu::GPUFuncOp kernel = build(tileBuilder, kernels, name);
  SmallVector<gpu::GPUFuncOp> &others = byName[name];
  for (gpu::GPUFuncOp other : others) {
    if (!isSameKernel(kernel, other))
      continue;
    kernel.erase();
    kernel = other;
    break;
  }
  if (others.empty() || !llvm::is_contained(others, kernel)) {
    if (!others.empty())
      kernel.setName((name + "_" + Twine(others.size())).str());
    others.push_back(kernel);
  }
  return SymbolRefAttr::get(b.getContext(), kernels.getName(),
                            {FlatSymbolRefAttr::get(kernel.getNameAttr())});
}

SmallVector<Value> KernelModule::launch(ImplicitLocOpBuilder &b, StringRef name,
                                        Build build,
                                        ArrayRef<OpFoldResult> blocks,
                                        ValueRange ins, ValueRange outs) {
  // Memory without elements may have no place for a block to look at.
  if (llvm::any_of(blocks, [](OpFoldResult size) {
        return isConstantIntValue(size, 0);
      }))
    return llvm::to_vector(outs);
  SymbolRefAttr kernel = addKernel(b, name, build);
  SmallVector<OpFoldResult> grid(blocks);
  grid.resize(3, b.getIndexAttr(1));
  SmallVector<Value> sizes;
  for (OpFoldResult size : grid)
    sizes.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), size));
  return tile::LaunchOp::create(b, outs.getTypes(), kernel, sizes[0], sizes[1],
                                sizes[2], ins, outs)
      .getResults();
}

void KernelModule::eraseUnused() {
  IRRewriter rewriter(module.getContext());
  for (auto function : module.getOps<func::FuncOp>())
    (void)runRegionDCE(rewriter, function->getRegions());
  llvm::DenseSet<StringAttr> launched;
  module.walk([&](tile::LaunchOp launch) {
    launched.insert(launch.getKernel().getLeafReference());
    ++numLaunches;
  });
  for (auto &sameName : byName)
    for (gpu::GPUFuncOp kernel : sameName.second)
      if (launched.contains(kernel.getNameAttr()))
        ++numKernels;
      else
        kernel.erase();
  byName.clear();
}

/// An upper bound of the number of tiles of `rows` rows that cover groups of
/// `slots` slots: each expert that has slots may have one tile that is not
/// full.
static OpFoldResult boundTiles(ImplicitLocOpBuilder &b, OpFoldResult slots,
                               OpFoldResult numExperts, int64_t rows) {
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  OpFoldResult full = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), s0.floorDiv(rows), {slots});
  AffineMap bounds = AffineMap::get(0, 2, {s0, s1}, b.getContext());
  OpFoldResult partial = affine::makeComposedFoldedAffineMin(
      b, b.getLoc(), bounds, {numExperts, slots});
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), s0 + s1,
                                               {full, partial});
}

SlotCounts KernelModule::getCounts(Value indices) const {
  while (auto cast = indices.getDefiningOp<tensor::CastOp>())
    indices = cast.getSource();
  return counts.lookup(indices);
}

Value KernelModule::createTileList(ImplicitLocOpBuilder &b, OpFoldResult slots,
                                   OpFoldResult numExperts, int64_t rows) {
  return tensor::EmptyOp::create(
      b, {boundTiles(b, slots, numExperts, rows), b.getIndexAttr(2)},
      b.getI32Type());
}

bool KernelModule::isZero(Value value) const {
  Attribute number = getFilled(value).number;
  return number && matchPattern(number, m_AnyZeroFloat());
}

void KernelModule::setTileList(Value offsets, int64_t rows, Value list) {
  lists[{offsets, rows}] = list;
}

Value KernelModule::getTileList(ImplicitLocOpBuilder &b, Value offsets,
                                OpFoldResult slots, int64_t rows) {
  Value known = lists.lookup({offsets, rows});
  // One that was made for an op in another region may not be visible here.
  if (known &&
      known.getParentRegion()->isAncestor(b.getInsertionBlock()->getParent()))
    return known;
  OpFoldResult numExperts = affine::makeComposedFoldedAffineApply(
      b, b.getLoc(), b.getAffineSymbolExpr(0) - 1, {getSizes(b, offsets)[0]});
  Value empty = createTileList(b, slots, numExperts, rows);
  TileListSpec spec = {getOpenMemory(empty), rows};
  Value list = launch(
      b, "tile_list",
      [&](TileBuilder &b, gpu::GPUModuleOp module, StringRef name) {
        return buildTileListKernel(b, module, name, getOpenMemory(offsets),
                                   spec);
      },
      {}, {offsets, getValueOrCreateConstantIndexOp(b, b.getLoc(), numExperts)},
      empty)[0];
  setTileList(offsets, rows, list);
  return list;
}

//===- PlanWorkspace.cpp - One allocation for all buffers -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers whose lives do not overlap share a region of the workspace. What a
// function does on the device happens in the order of its ops, so a life is a
// range of ops of the function's block.
//
//===----------------------------------------------------------------------===//

#include "moa/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "moa/Transforms/HostSizes.h"

using namespace mlir;

namespace moa {
#define GEN_PASS_DEF_MOAPLANWORKSPACEPASS
#include "moa/Transforms/Passes.h.inc"
} // namespace moa

/// Where buffers begin: as memory of the driver's does, a whole number of the
/// lines that kernels load.
static constexpr int64_t kAlignment = 256;

namespace {
/// A buffer and the ops, by their position in the block, that use it.
struct Buffer {
  memref::AllocOp alloc;
  int64_t first, last;
  OpFoldResult bytes;
};

/// A part of the workspace and the buffers that lie there one after another.
struct Region {
  SmallVector<Buffer *> buffers;
  OpFoldResult offset;

  int64_t getLast() const { return buffers.back()->last; }
};

/// The buffers of one function.
class Planner {
public:
  explicit Planner(func::FuncOp function) : function(function) {}

  LogicalResult run();

private:
  LogicalResult collect();
  LogicalResult hoist(memref::AllocOp alloc);
  LogicalResult computeSizesFirst();
  void computeLives();
  void assignRegions();
  Value computeOffsets();
  void createViews(Value workspace);

  func::FuncOp function;
  Block *block = nullptr;
  SmallVector<Buffer> buffers;
  SmallVector<Region> regions;
};
} // namespace

/// Move `alloc` out of loops and branches: there it is one buffer for all
/// iterations, as they run one after another.
LogicalResult Planner::hoist(memref::AllocOp alloc) {
  Operation *outer = block->findAncestorOpInBlock(*alloc);
  if (outer == alloc)
    return success();
  for (Value size : alloc.getDynamicSizes())
    if (outer->isAncestor(size.getParentRegion()->getParentOp()))
      return alloc.emitError(
          "the size of this buffer is computed inside a loop "
          "or a branch; the workspace is planned before the "
          "function runs");
  alloc->moveBefore(outer);
  return success();
}

/// Find the buffers, and drop what frees them.
LogicalResult Planner::collect() {
  SmallVector<memref::AllocOp> allocs;
  function.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
  function.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
  for (memref::AllocOp alloc : allocs) {
    if (!alloc.getType().getLayout().isIdentity())
      return alloc.emitError("a buffer of the workspace has to be dense");
    if (failed(hoist(alloc)))
      return failure();
    if (alloc.use_empty()) {
      alloc.erase();
      continue;
    }
    buffers.push_back({alloc, 0, 0, {}});
  }
  return success();
}

/// Compute the sizes of all buffers before anything else, since where a buffer
/// begins depends on those before it in the workspace. Checks come along, for
/// they guard divisions.
LogicalResult Planner::computeSizesFirst() {
  SmallVector<Value> sizes;
  for (Buffer &buffer : buffers)
    llvm::append_range(sizes, buffer.alloc.getDynamicSizes());
  auto needed = moa::getSizeComputation(block, sizes);
  if (failed(needed))
    return failure();
  SmallVector<Operation *> inOrder;
  for (Operation &op : *block)
    if (needed->contains(&op))
      inOrder.push_back(&op);
  Operation *previous = nullptr;
  for (Operation *op : inOrder) {
    if (previous)
      op->moveAfter(previous);
    else
      op->moveBefore(block, block->begin());
    previous = op;
  }
  // Behind them: the bytes of each buffer, rounded up.
  OpBuilder b(block,
              previous ? std::next(Block::iterator(previous)) : block->begin());
  for (Buffer &buffer : buffers) {
    MemRefType type = buffer.alloc.getType();
    DataLayout layout = DataLayout::closest(buffer.alloc);
    AffineExpr bytes =
        b.getAffineConstantExpr(layout.getTypeSize(type.getElementType()));
    SmallVector<OpFoldResult> factors = buffer.alloc.getMixedSizes();
    for (unsigned i = 0; i < factors.size(); ++i)
      bytes = bytes * b.getAffineSymbolExpr(i);
    buffer.bytes = affine::makeComposedFoldedAffineApply(
        b, buffer.alloc.getLoc(), bytes.ceilDiv(kAlignment) * kAlignment,
        factors);
  }
  return success();
}

void Planner::computeLives() {
  DenseMap<Operation *, int64_t> positions;
  for (auto [position, op] : llvm::enumerate(*block))
    positions[&op] = position;
  BufferViewFlowAnalysis aliases(function);
  for (Buffer &buffer : buffers) {
    buffer.first = block->getOperations().size();
    buffer.last = 0;
    for (Value alias : aliases.resolve(buffer.alloc)) {
      for (Operation *user : alias.getUsers()) {
        int64_t position = positions[block->findAncestorOpInBlock(*user)];
        buffer.first = std::min(buffer.first, position);
        buffer.last = std::max(buffer.last, position);
      }
    }
  }
  llvm::sort(buffers, [](Buffer &a, Buffer &b) {
    return a.first != b.first ? a.first < b.first
                              : a.alloc->isBeforeInBlock(b.alloc);
  });
}

/// Give each buffer a region that is free when its life begins: one that has
/// held as many bytes, or else any, which then has the size of the larger one.
void Planner::assignRegions() {
  for (Buffer &buffer : buffers) {
    Region *chosen = nullptr;
    for (Region &region : regions) {
      if (region.getLast() >= buffer.first)
        continue;
      if (!chosen)
        chosen = &region;
      if (llvm::any_of(region.buffers, [&](Buffer *other) {
            return other->bytes == buffer.bytes;
          })) {
        chosen = &region;
        break;
      }
    }
    if (!chosen)
      chosen = &regions.emplace_back();
    chosen->buffers.push_back(&buffer);
  }
}

/// Where each region begins. Returns the bytes of all.
Value Planner::computeOffsets() {
  // Behind the sizes of all buffers.
  Operation *after = nullptr;
  for (Buffer &buffer : buffers)
    if (auto bytes = dyn_cast<Value>(buffer.bytes))
      if (Operation *op = bytes.getDefiningOp())
        if (!after || after->isBeforeInBlock(op))
          after = op;
  OpBuilder b(block,
              after ? std::next(Block::iterator(after)) : block->begin());
  Location loc = function.getLoc();
  AffineExpr s0 = b.getAffineSymbolExpr(0), s1 = b.getAffineSymbolExpr(1);
  OpFoldResult total = b.getIndexAttr(0);
  for (Region &region : regions) {
    region.offset = total;
    SmallVector<OpFoldResult> sizes;
    for (Buffer *buffer : region.buffers)
      if (!llvm::is_contained(sizes, buffer->bytes))
        sizes.push_back(buffer->bytes);
    OpFoldResult largest = sizes.front();
    if (sizes.size() > 1)
      largest = affine::makeComposedFoldedAffineMax(
          b, loc,
          AffineMap::getMultiDimIdentityMap(sizes.size(), b.getContext()),
          sizes);
    total = affine::makeComposedFoldedAffineApply(b, loc, s0 + s1,
                                                  {total, largest});
  }
  return getValueOrCreateConstantIndexOp(b, loc, total);
}

void Planner::createViews(Value workspace) {
  for (Region &region : regions) {
    for (Buffer *buffer : region.buffers) {
      memref::AllocOp alloc = buffer->alloc;
      OpBuilder b(alloc);
      Value offset =
          getValueOrCreateConstantIndexOp(b, alloc.getLoc(), region.offset);
      Value view =
          memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(), workspace,
                                 offset, alloc.getDynamicSizes());
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    }
  }
}

LogicalResult Planner::run() {
  FailureOr<Block *> body = moa::getBody(function);
  if (failed(body))
    return failure();
  block = *body;
  if (failed(collect()) || failed(computeSizesFirst()))
    return failure();
  computeLives();
  assignRegions();
  Value total = computeOffsets();

  unsigned numArguments = 0;
  while (numArguments < function.getNumArguments() &&
         !function.getArgAttr(numArguments, moa::kResultAttr))
    ++numArguments;
  if (failed(moa::outlineSizes(function,
                               moa::getWorkspaceSizeName(function.getName()),
                               numArguments, total)))
    return failure();

  OpBuilder b(function);
  auto type = MemRefType::get(ShapedType::kDynamic, b.getI8Type());
  unsigned index = function.getNumArguments();
  if (failed(function.insertArgument(index, type,
                                     b.getDictionaryAttr(b.getNamedAttr(
                                         moa::kWorkspaceAttr, b.getUnitAttr())),
                                     function.getLoc())))
    return failure();
  createViews(function.getArgument(index));
  return success();
}

namespace {
struct MoaPlanWorkspacePass
    : moa::impl::MoaPlanWorkspacePassBase<MoaPlanWorkspacePass> {
  void runOnOperation() override {
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (moa::isDeviceFunction(function) && failed(Planner(function).run()))
        return signalPassFailure();
  }
};
} // namespace

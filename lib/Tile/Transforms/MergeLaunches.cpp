//===- MergeLaunches.cpp - Two kernels in one launch ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "moa/Tile/IR/Tile.h"
#include "moa/Tile/Transforms/Passes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_MOATILEMERGELAUNCHESPASS
#include "moa/Tile/Transforms/Passes.h.inc"
} // namespace moa

static gpu::GPUFuncOp getKernel(LaunchOp launch) {
  return SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch, launch.getKernel());
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// The number of a block within its part, as coordinates of the part's grid.
static SmallVector<Value> delinearize(ImplicitLocOpBuilder &b, Value number,
                                      Value sizeX, Value sizeY) {
  Value x = arith::RemUIOp::create(b, number, sizeX);
  Value rest = arith::DivUIOp::create(b, number, sizeX);
  Value y = arith::RemUIOp::create(b, rest, sizeY);
  Value z = arith::DivUIOp::create(b, rest, sizeY);
  return {x, y, z};
}

/// `kernel`'s body at the insertion point, for arguments and a block.
static void cloneBody(ImplicitLocOpBuilder &b, gpu::GPUFuncOp kernel,
                      ValueRange arguments, ArrayRef<Value> block) {
  IRMapping mapping;
  mapping.map(kernel.getArguments(), arguments);
  for (Operation &op : kernel.getBody().front().without_terminator())
    b.clone(op, mapping);
  // The clones are in the region that the builder is in; coordinates of the
  // launch are not those of the part.
  b.getInsertionBlock()->walk([&](gpu::BlockIdOp op) {
    op.replaceAllUsesWith(block[static_cast<unsigned>(op.getDimension())]);
    op.erase();
  });
}

namespace {
/// What a launch passes to its part of the common kernel.
struct Part {
  gpu::GPUFuncOp kernel;
  LaunchOp launch;
  unsigned getNumIns() { return launch.getInputs().size(); }
  unsigned getNumOuts() { return launch.getOutputs().size(); }
};
} // namespace

/// A kernel whose first blocks are those of `first`. Its arguments are the size
/// of the first grid (blocks, x, y) and that of the second (x, y), the ins of
/// both, the outs of both.
static gpu::GPUFuncOp createKernel(OpBuilder &builder, Part first,
                                   Part second) {
  SmallVector<Type> types(5, builder.getIndexType());
  auto append = [&](Part part, bool outs) {
    ArrayRef<Type> all = part.kernel.getArgumentTypes();
    llvm::append_range(types, outs ? all.drop_front(part.getNumIns())
                                   : all.take_front(part.getNumIns()));
  };
  for (bool outs : {false, true})
    for (Part part : {first, second})
      append(part, outs);

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfter(second.kernel);
  ImplicitLocOpBuilder b(second.kernel.getLoc(), builder);
  std::string name =
      (first.kernel.getName() + "_and_" + second.kernel.getName()).str();
  auto kernel = gpu::GPUFuncOp::create(b, name, b.getFunctionType(types, {}));
  for (StringRef attribute : {StringRef(TileDialect::kWarpsAttr),
                              gpu::GPUDialect::getKernelFuncAttrName()})
    kernel->setAttr(attribute, first.kernel->getAttr(attribute));

  b.setInsertionPointToStart(&kernel.getBody().front());
  ValueRange arguments = kernel.getArguments();
  Value number = gpu::BlockIdOp::create(b, gpu::Dimension::x);
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, arguments[0]);
  auto branch = scf::IfOp::create(b, isFirst, /*withElseRegion=*/true);
  gpu::ReturnOp::create(b);
  auto getArguments = [&](unsigned in, unsigned numIns, unsigned out,
                          unsigned numOuts) {
    SmallVector<Value> values(arguments.slice(in, numIns));
    llvm::append_range(values, arguments.slice(out, numOuts));
    return values;
  };
  unsigned in = 5, out = in + first.getNumIns() + second.getNumIns();
  b.setInsertionPointToStart(branch.thenBlock());
  cloneBody(b, first.kernel,
            getArguments(in, first.getNumIns(), out, first.getNumOuts()),
            delinearize(b, number, arguments[1], arguments[2]));
  b.setInsertionPointToStart(branch.elseBlock());
  number = arith::SubIOp::create(b, number, arguments[0]);
  cloneBody(b, second.kernel,
            getArguments(in + first.getNumIns(), second.getNumIns(),
                         out + first.getNumOuts(), second.getNumOuts()),
            delinearize(b, number, arguments[3], arguments[4]));
  return kernel;
}

//===----------------------------------------------------------------------===//
// Fills
//===----------------------------------------------------------------------===//

/// Whether `launch` fills what it writes: it reads no tensor, and needs nothing
/// that another launch has computed.
static bool isFill(LaunchOp launch) {
  return llvm::none_of(launch.getInputs().getTypes(),
                       llvm::IsaPred<TensorType>) &&
         llvm::all_of(launch.getOutputs(), [](Value out) {
           while (auto view = out.getDefiningOp<tensor::CollapseShapeOp>())
             out = view.getSrc();
           return out.getDefiningOp<tensor::EmptyOp>() != nullptr;
         });
}

/// Fill `out` for its launch alone if others use the same fill: only one of
/// them could overwrite it, and the others would have a copy, which takes as
/// long. Several layers of a function have equal fills, which CSE makes one.
static void separateFill(RewriterBase &rewriter, OpOperand &out) {
  SmallVector<Operation *> path;
  bool isShared = false;
  for (Value value = out.get(); Operation *op = value.getDefiningOp();
       value = op->getOperand(0)) {
    path.push_back(op);
    isShared |= !value.hasOneUse();
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(
            op))
      break;
  }
  auto fill = path.empty() ? LaunchOp() : dyn_cast<LaunchOp>(path.back());
  Operation *launch = out.getOwner();
  if (!isShared || !fill || !isFill(fill) ||
      fill->getBlock() != launch->getBlock())
    return;
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(launch);
  IRMapping mapping;
  for (Operation *op : llvm::reverse(path))
    rewriter.clone(*op, mapping);
  rewriter.modifyOpInPlace(launch, [&] { out.set(mapping.lookup(out.get())); });
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

/// Whether one kernel can hold both: blocks of the same warps, one block of
/// code, and no memory whose order of accesses matters.
static bool fit(Part first, Part second) {
  auto isMergeable = [](Part part) {
    return part.kernel && part.kernel.getBody().hasOneBlock() &&
           !part.kernel->hasAttr(TileDialect::kSharedBytesAttr) &&
           llvm::none_of(part.launch->getOperandTypes(),
                         [](Type type) { return isa<MemRefType>(type); });
  };
  return isMergeable(first) && isMergeable(second) &&
         first.kernel->getAttr(TileDialect::kWarpsAttr) ==
             second.kernel->getAttr(TileDialect::kWarpsAttr);
}

static Value countBlocks(ImplicitLocOpBuilder &b, LaunchOp launch) {
  Value plane =
      b.createOrFold<arith::MulIOp>(launch.getGridX(), launch.getGridY());
  return b.createOrFold<arith::MulIOp>(plane, launch.getGridZ());
}

/// One launch in the place of `first` and `second`, whose operands stand before
/// `first`.
static LaunchOp merge(RewriterBase &rewriter, Part first, Part second) {
  // As it is before: the name may be that of other layers' kernel.
  SymbolTable symbols(second.kernel->getParentOp());
  gpu::GPUFuncOp kernel = createKernel(rewriter, first, second);
  symbols.insert(kernel);
  rewriter.setInsertionPoint(first.launch);
  ImplicitLocOpBuilder b(first.launch.getLoc(), rewriter);
  Value blocks = countBlocks(b, first.launch);
  Value total =
      b.createOrFold<arith::AddIOp>(blocks, countBlocks(b, second.launch));
  SmallVector<Value> ins = {blocks, first.launch.getGridX(),
                            first.launch.getGridY(), second.launch.getGridX(),
                            second.launch.getGridY()};
  llvm::append_range(ins, first.launch.getInputs());
  llvm::append_range(ins, second.launch.getInputs());
  SmallVector<Value> outs(first.launch.getOutputs());
  llvm::append_range(outs, second.launch.getOutputs());
  auto symbol =
      SymbolRefAttr::get(first.launch.getKernel().getRootReference(),
                         {FlatSymbolRefAttr::get(kernel.getNameAttr())});
  Value one = arith::ConstantIndexOp::create(b, 1);
  auto launch = LaunchOp::create(b, ValueRange(outs).getTypes(), symbol, total,
                                 one, one, ins, outs);
  ResultRange results = launch.getResults();
  unsigned numFirst = first.launch->getNumResults();
  rewriter.replaceOp(first.launch, results.take_front(numFirst));
  rewriter.replaceOp(second.launch, results.drop_front(numFirst));
  return launch;
}

/// Move the checks between two launches in front of the first, with which the
/// second one runs then: it may rely on them.
static LogicalResult moveChecks(RewriterBase &rewriter, LaunchOp first,
                                LaunchOp second, DominanceInfo &dominance) {
  // An earlier merge may have moved the second one to the front.
  if (second->isBeforeInBlock(first))
    return success();
  SmallVector<cf::AssertOp> checks;
  for (Operation *op = first->getNextNode(); op != second;
       op = op->getNextNode())
    if (auto check = dyn_cast<cf::AssertOp>(op))
      checks.push_back(check);
  for (cf::AssertOp check : checks) {
    if (failed(moveOperationDependencies(rewriter, check, first, dominance)))
      return failure();
    rewriter.moveOpBefore(check, first);
  }
  return success();
}

namespace {
struct MoaTileMergeLaunchesPass
    : moa::impl::MoaTileMergeLaunchesPassBase<MoaTileMergeLaunchesPass> {
  using MoaTileMergeLaunchesPassBase::MoaTileMergeLaunchesPassBase;

  void runOnOperation() override {
    merged.clear();
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](func::FuncOp function) {
      for (Block &block : function.getBody()) {
        // The first one keeps the fill that there is.
        SmallVector<LaunchOp> launches(block.getOps<LaunchOp>());
        for (LaunchOp launch : llvm::reverse(launches))
          for (OpOperand &out : launch.getOutputsMutable())
            separateFill(rewriter, out);
        mergeIn(rewriter, block);
      }
    });
    eraseUnusedKernels();
  }

  /// Whether a launch between those of the numbers `first` and `second` could
  /// hold the latter, which is a fill. What it fills takes memory from then on.
  static bool fitsLater(ArrayRef<LaunchOp> launches, size_t first,
                        size_t second) {
    Part fill = {getKernel(launches[second]), launches[second]};
    return isFill(fill.launch) &&
           llvm::any_of(launches.slice(first + 1, second - first - 1),
                        [&](LaunchOp launch) {
                          return fit({getKernel(launch), launch}, fill);
                        });
  }

  /// Merge each launch with the later ones that do not depend on it.
  void mergeIn(RewriterBase &rewriter, Block &block) {
    SmallVector<LaunchOp> launches(block.getOps<LaunchOp>());
    for (size_t i = 0; i < launches.size(); ++i)
      for (size_t j = i + 1; j < launches.size();) {
        Part first = {getKernel(launches[i]), launches[i]};
        Part second = {getKernel(launches[j]), launches[j]};
        DominanceInfo dominance;
        if (!fit(first, second) || fitsLater(launches, i, j) ||
            failed(
                moveChecks(rewriter, first.launch, second.launch, dominance)) ||
            failed(moveOperationDependencies(rewriter, second.launch,
                                             first.launch, dominance))) {
          ++j;
          continue;
        }
        launches[i] = merge(rewriter, first, second);
        merged.insert(first.kernel);
        merged.insert(second.kernel);
        launches.erase(launches.begin() + j);
        ++numMerged;
      }
  }

  void eraseUnusedKernels() {
    for (gpu::GPUFuncOp kernel : merged)
      if (SymbolTable::symbolKnownUseEmpty(kernel, getOperation()))
        kernel.erase();
  }

  /// Kernels of launches that were merged.
  llvm::SetVector<gpu::GPUFuncOp> merged;
};
} // namespace

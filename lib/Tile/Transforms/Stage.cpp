//===- Stage.cpp - Operands of products into buffers ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Staging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "moa/Tile/Transforms/Passes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa::tile;

namespace moa {
#define GEN_PASS_DEF_MOATILESTAGEPASS
#include "moa/Tile/Transforms/Passes.h.inc"
} // namespace moa

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// How many pieces of 16 bytes to exchange within a row. Rows a multiple of 128
/// bytes apart fall into the same banks: 8 rows are read at a time, and each
/// power of two that divides the pieces of a row halves those without conflict.
static int64_t chooseSwizzle(RankedTensorType tile) {
  constexpr int64_t kPieceBits = 128;
  int64_t rowBits =
      tile.getDimSize(1) * tile.getElementType().getIntOrFloatBitWidth();
  for (int64_t swizzle : {8, 4, 2})
    if (rowBits % (swizzle * kPieceBits) == 0)
      return swizzle;
  return 1;
}

/// A buffer of `type`, at an offset still to be chosen.
static AllocOp createBuffer(Staging &staging, BufferType type) {
  OpBuilder b(type.getContext());
  b.setInsertionPointToStart(&staging.kernel.getBody().front());
  ++staging.counts.buffers;
  return AllocOp::create(b, staging.kernel.getLoc(), type, /*offset=*/0);
}

AllocOp moa::tile::createBuffer(Staging &staging, RankedTensorType tile,
                                int64_t stages) {
  SmallVector<int64_t> shape(tile.getShape());
  if (stages > 1)
    shape.insert(shape.begin(), stages);
  return ::createBuffer(staging, BufferType::get(tile.getContext(), shape,
                                                 tile.getElementType(),
                                                 chooseSwizzle(tile)));
}

CopyOp moa::tile::createCopy(OpBuilder &b, Operation *load,
                             const IRMapping &mapping, Value buffer,
                             Value when) {
  Value source, rows;
  ValueRange indices;
  if (auto gather = dyn_cast<GatherOp>(load)) {
    source = gather.getSource();
    indices = gather.getIndices();
    rows = mapping.lookupOrDefault(gather.getRows());
  } else {
    source = cast<LoadOp>(load).getSource();
    indices = cast<LoadOp>(load).getIndices();
  }
  SmallVector<Value> mapped = llvm::map_to_vector(
      indices, [&](Value index) { return mapping.lookupOrDefault(index); });
  return CopyOp::create(b, load->getLoc(), mapping.lookupOrDefault(source),
                        mapped, rows, buffer, when);
}

/// Whether `operand` is one of the two tiles that an mma multiplies.
static bool isFactor(OpOperand &operand) {
  return isa<MmaOp>(operand.getOwner()) && operand.getOperandNumber() < 2;
}

/// Whether `use`, an operand of a product, has to be in memory when it is
/// computed.
static bool needsMemory(const Staging &staging, OpOperand &use) {
  bool isLeft = use.getOperandNumber() == 0;
  auto type = cast<RankedTensorType>(use.get().getType());
  if (!isLeft && cast<MmaOp>(use.getOwner()).hasSplatFactor())
    return false;
  return !isLeft || type.getElementType().isF32() || staging.warpColumns > 1;
}

/// Whether a left operand may stay in registers through a loop.
static bool fitsRegisters(const Staging &staging, Value tile) {
  constexpr int64_t kRegisterBits = 32, kThreads = 32;
  auto type = cast<RankedTensorType>(tile.getType());
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  return bits <= staging.options.operandRegisters * kRegisterBits * kThreads *
                     staging.warpRows;
}

/// The outermost loop around `use` that does not contain its tile.
static scf::ForOp findLoopWithout(OpOperand &use) {
  Block *block = use.get().getParentBlock();
  scf::ForOp loop;
  for (Operation *op = use.getOwner(); op->getBlock() != block;
       op = op->getParentOp())
    if (auto parent = dyn_cast<scf::ForOp>(op->getParentOp()))
      loop = parent;
  return loop;
}

/// The loop before which it pays to read the operand, to keep it.
static scf::ForOp findLoopToKeepFor(const Staging &staging, OpOperand &use) {
  if (needsMemory(staging, use) || !fitsRegisters(staging, use.get()))
    return {};
  return findLoopWithout(use);
}

/// Whether a tile that is computed goes to memory for `use`.
static bool isPut(const Staging &staging, OpOperand &use) {
  if (needsMemory(staging, use))
    return true;
  bool isLeft = use.getOperandNumber() == 0;
  return isLeft && !fitsRegisters(staging, use.get()) && findLoopWithout(use);
}

void moa::tile::replaceByBuffer(const Staging &staging, Operation *load,
                                Value buffer) {
  DenseMap<Operation *, Value> kept;
  auto read = [&](Operation *user) -> Value {
    OpBuilder b(user);
    return GetOp::create(b, load->getLoc(), load->getResult(0).getType(),
                         buffer);
  };
  for (OpOperand &use :
       llvm::make_early_inc_range(load->getResult(0).getUses())) {
    if (!isFactor(use)) {
      use.set(read(use.getOwner()));
    } else if (scf::ForOp loop = findLoopToKeepFor(staging, use)) {
      Value &tile = kept[loop];
      if (!tile)
        tile = read(loop);
      use.set(tile);
    } else {
      use.set(buffer);
    }
  }
  load->erase();
}

AllocOp moa::tile::getAlloc(Value value) {
  if (auto stage = value.getDefiningOp<StageOp>())
    value = stage.getBuffer();
  return value.getDefiningOp<AllocOp>();
}

//===----------------------------------------------------------------------===//
// Which operands go into buffers
//===----------------------------------------------------------------------===//

/// Whether `tile` is loaded in a way that moa_tile.copy has.
static bool isCopied(Value tile) {
  auto hasMatrix = [](auto load) {
    return load.getSource().getType().getRank() > 1;
  };
  if (auto load = tile.getDefiningOp<LoadOp>())
    return hasMatrix(load);
  if (auto gather = tile.getDefiningOp<GatherOp>())
    return hasMatrix(gather);
  return false;
}

/// The operands of products of `kernel`, in the order of the products.
static void forFactors(gpu::GPUFuncOp kernel,
                       function_ref<void(OpOperand &)> visit) {
  kernel.walk([&](MmaOp mma) {
    visit(mma.getAMutable());
    visit(mma.getBMutable());
  });
}

/// Loads of tiles that are multiplied.
static llvm::SetVector<Operation *> findLoads(gpu::GPUFuncOp kernel) {
  llvm::SetVector<Operation *> loads;
  forFactors(kernel, [&](OpOperand &use) {
    if (isCopied(use.get()))
      loads.insert(use.get().getDefiningOp());
  });
  return loads;
}

/// Other tiles whose product reads them from memory.
static llvm::SetVector<Value> findComputed(const Staging &staging) {
  llvm::SetVector<Value> tiles;
  forFactors(staging.kernel, [&](OpOperand &use) {
    if (isa<RankedTensorType>(use.get().getType()) && isPut(staging, use))
      tiles.insert(use.get());
  });
  return tiles;
}

/// Copy the tile of `load` where it stands.
static void copyInPlace(Staging &staging, Operation *load) {
  OpBuilder b(load);
  auto type = cast<RankedTensorType>(load->getResult(0).getType());
  Value buffer = createBuffer(staging, type, /*stages=*/1);
  createCopy(b, load, IRMapping(), buffer);
  CommitOp::create(b, load->getLoc());
  replaceByBuffer(staging, load, buffer);
}

/// Put `tile` into a buffer where it is computed.
static void putInPlace(Staging &staging, Value tile) {
  OpBuilder b(tile.getContext());
  b.setInsertionPointAfterValue(tile);
  Value buffer = createBuffer(staging, cast<RankedTensorType>(tile.getType()),
                              /*stages=*/1);
  auto put = PutOp::create(b, tile.getLoc(), tile, buffer);
  tile.replaceUsesWithIf(buffer, [&](OpOperand &use) {
    return use.getOwner() != put && isFactor(use) && isPut(staging, use);
  });
}

/// Loops whose tiles are loaded ahead, inner ones first.
static void pipelineLoops(Staging &staging,
                          llvm::SetVector<Operation *> &operands) {
  SmallVector<scf::ForOp> loops;
  staging.kernel.walk([&](scf::ForOp loop) {
    if (loop->hasAttr(TileDialect::kStagesAttr))
      loops.push_back(loop);
  });
  for (scf::ForOp loop : loops) {
    auto attr = cast<IntegerAttr>(loop->removeAttr(TileDialect::kStagesAttr));
    int64_t stages = attr.getInt();
    // With fewer iterations than stages some are never used.
    if (std::optional<APInt> count = loop.getStaticTripCount())
      stages = std::min<int64_t>(stages, count->getLimitedValue());
    if (stages < 2)
      continue;
    SmallVector<Operation *> loads;
    for (Operation *load : operands)
      if (loop->isProperAncestor(load))
        loads.push_back(load);
    for (Operation *load : pipelineLoads(staging, loop, loads, stages))
      operands.remove(load);
  }
}

//===----------------------------------------------------------------------===//
// Exchanges between warps
//===----------------------------------------------------------------------===//

/// Give reductions and scans that cross warps a buffer. Two buffers of a type
/// serve in turn: the barrier within one exchange separates the two beside it.
static void addScratch(Staging &staging) {
  int64_t warps[] = {staging.warpRows, staging.warpColumns};
  DenseMap<BufferType, SmallVector<AllocOp>> buffers;
  DenseMap<BufferType, int64_t> turns;
  auto add = [&](auto op) {
    RankedTensorType tile = op.getTile().getType();
    int64_t dim = op.getDim();
    // A dimension of size 1 is held by all warps.
    if (warps[dim] == 1 || tile.getDimSize(dim) == 1 || op.getScratch())
      return;
    auto type = BufferType::get(tile.getContext(),
                                {warps[dim], tile.getDimSize(1 - dim)},
                                tile.getElementType(), /*swizzle=*/1);
    SmallVector<AllocOp> &pair = buffers[type];
    int64_t turn = turns[type]++ % 2;
    if (pair.size() <= static_cast<size_t>(turn))
      pair.push_back(::createBuffer(staging, type));
    op.getScratchMutable().assign(pair[turn]);
  };
  staging.kernel.walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op).Case<ReduceOp, ScanOp>(add);
  });
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Loops and branches are what the plan and the waits know.
static LogicalResult checkControlFlow(gpu::GPUFuncOp kernel) {
  auto result = kernel.getBody().walk([](Operation *op) {
    if (op->getNumRegions() == 0 || isa<scf::ForOp, scf::IfOp>(op))
      return WalkResult::advance();
    op->emitOpError("is control flow other than scf.for and scf.if, which "
                    "moa-tile-stage cannot plan shared memory for");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult moa::tile::stageKernel(gpu::GPUFuncOp kernel,
                                     const StageOptions &options,
                                     StageCounts &counts) {
  if (failed(checkControlFlow(kernel)))
    return failure();
  Staging staging(kernel, options, counts);
  if (auto warps =
          kernel->getAttrOfType<DenseI64ArrayAttr>(TileDialect::kWarpsAttr)) {
    staging.warpRows = warps[0];
    staging.warpColumns = warps[1];
  }
  llvm::SetVector<Operation *> loads = findLoads(kernel);
  pipelineLoops(staging, loads);
  for (Operation *load : loads)
    copyInPlace(staging, load);
  // Not before: a tile may be the result of a loop that was pipelined.
  for (Value tile : findComputed(staging))
    putInPlace(staging, tile);
  addScratch(staging);

  int64_t bytes = planBuffers(staging);
  if (bytes > options.maxSharedBytes)
    return kernel.emitOpError()
           << "@" << kernel.getName() << " needs " << bytes
           << " bytes of shared memory, a block has " << options.maxSharedBytes
           << ": take smaller tiles or fewer stages";
  kernel->setAttr(TileDialect::kSharedBytesAttr,
                  OpBuilder(kernel).getI64IntegerAttr(bytes));
  synchronize(staging);
  splitLoops(staging);
  peelSums(staging);
  return success();
}

namespace {
struct MoaTileStagePass : moa::impl::MoaTileStagePassBase<MoaTileStagePass> {
  using MoaTileStagePassBase::MoaTileStagePassBase;

  void runOnOperation() override {
    StageOptions options;
    options.maxSharedBytes = maxSharedBytes;
    options.operandRegisters = operandRegisters;
    StageCounts counts;
    for (auto kernel : getOperation().getOps<gpu::GPUFuncOp>()) {
      if (kernel->hasAttr(TileDialect::kSharedBytesAttr))
        continue;
      if (failed(stageKernel(kernel, options, counts)))
        return signalPassFailure();
    }
    numBuffers += counts.buffers;
    numPipelined += counts.pipelined;
    numSplit += counts.split;
    numPeeled += counts.peeled;
    numRefused += counts.refused;
    numBytesSaved += counts.bytesSaved;
  }
};
} // namespace

//===- Checks.cpp - What kernels the lowering serves ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns take for granted what is checked here, so that a kernel that the
// target can't serve is one error in words and not a failed pattern.
//
//===----------------------------------------------------------------------===//

#include "Mma.h"
#include "RowIndex.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moa::tile;

static LogicalResult checkFunction(gpu::GPUFuncOp kernel,
                                   const TileToNvvmOptions &options) {
  if (!kernel.isKernel())
    return kernel.emitOpError() << "is not a kernel: only kernels are lowered";
  if (!kernel->hasAttr(TileDialect::kWarpsAttr))
    return kernel.emitOpError()
           << "has no '" << TileDialect::kWarpsAttr
           << "': how tiles are dealt to warps is not known";
  for (auto [number, type] : llvm::enumerate(kernel.getArgumentTypes())) {
    auto memory = dyn_cast<MemRefType>(type);
    bool isMemory = memory && memory.getLayout().isIdentity();
    if (!isMemory && !type.isIntOrIndexOrFloat())
      return kernel.emitOpError()
             << "has " << type << " as argument " << number
             << ", must be a number or a memref without a layout";
  }
  auto shared =
      kernel->getAttrOfType<IntegerAttr>(TileDialect::kSharedBytesAttr);
  if (shared && shared.getInt() > options.chip->sharedMemory)
    return kernel.emitOpError()
           << "@" << kernel.getName() << " needs " << shared.getInt()
           << " bytes of shared memory, a block of " << options.chip->name
           << " has " << options.chip->sharedMemory
           << ": take smaller tiles or fewer stages";
  return success();
}

static LogicalResult checkTypes(Operation *op) {
  auto check = [&](Type type) -> LogicalResult {
    if (auto tile = dyn_cast<RankedTensorType>(type)) {
      if (tile.getRank() != 2 || !tile.hasStaticShape())
        return op->emitOpError() << "has " << tile << ", which is no tile";
      return Layout::check(op, tile.getShape());
    }
    auto memory = dyn_cast<MemRefType>(type);
    if (memory && !memory.isStrided())
      return op->emitOpError()
             << "has " << memory << ", whose layout is not strided";
    return success();
  };
  for (Type type : op->getOperandTypes())
    if (failed(check(type)))
      return failure();
  for (Type type : op->getResultTypes())
    if (failed(check(type)))
      return failure();
  return success();
}

static LogicalResult checkMma(MmaOp op, WarpGrid warps) {
  auto [left, element] = Product::getShape(op.getA().getType());
  if (!isa<BufferType>(op.getB().getType()) && !op.hasSplatFactor())
    return op.emitOpError() << "has a right operand in registers: "
                               "moa-tile-stage puts it into a buffer";
  int64_t step = !element.isF32() ? 16 : 8;
  if (left[1] % step != 0)
    return op.emitOpError() << "sums over " << left[1] << " products of "
                            << element << ", must be a multiple of " << step;
  if (left[0] % Layout::kBlockRows != 0)
    return op.emitOpError() << "has " << left[0] << " rows, must be a multiple "
                            << "of " << Layout::kBlockRows;
  bool isInBuffer = isa<BufferType>(op.getA().getType());
  if (!isInBuffer && element.isF32())
    return op.emitOpError() << "has a left operand of f32 in registers: "
                               "moa-tile-stage puts it into a buffer";
  int64_t bands = Layout(left, warps).getColumnBands();
  if (!isInBuffer && bands != 1)
    return op.emitOpError()
           << "has a left operand in registers, whose rows are divided among "
           << bands << " warps: must be 1, or the operand in a buffer";
  return success();
}

static LogicalResult checkCopy(CopyOp op) {
  if (!op.getRows() || isComputable(op.getRows()))
    return success();
  return op.emitOpError()
         << "has a row index that other threads cannot compute: it must come "
            "from loads, positions, constants and arithmetic, not from a loop "
            "or a reduction";
}

template <typename OpTy>
static LogicalResult checkExchange(OpTy op, WarpGrid warps) {
  auto tile = cast<RankedTensorType>(op.getTile().getType());
  int64_t dim = op.getDim();
  Layout layout(tile, warps);
  int64_t count = dim == 1 ? layout.getColumnBands() : layout.getRowBands();
  if (count == 1)
    return success();
  if (!op.getScratch())
    return op.emitOpError()
           << "runs along a dimension that " << count
           << " warps share, without a buffer to exchange through: "
              "moa-tile-stage adds it";
  BufferType buffer = op.getScratch().getType();
  if (buffer.getRows() < count)
    return op.emitOpError()
           << "exchanges through " << buffer << ", which has "
           << buffer.getRows() << " rows for " << count << " warps";
  return success();
}

/// What the warps of a block do together cannot be in a branch that each of
/// them takes by itself.
static LogicalResult checkBranch(scf::IfOp branch) {
  if (!branch.getCondition().getDefiningOp<AnyOp>())
    return success();
  auto result = branch.walk([](Operation *op) {
    bool exchanges = false;
    TypeSwitch<Operation *>(op).Case<ReduceOp, ScanOp>(
        [&](auto op) { exchanges = static_cast<bool>(op.getScratch()); });
    if (!exchanges && !isa<CopyOp, CommitOp, WaitOp, PutOp, ArriveOp>(op))
      return WalkResult::advance();
    op->emitOpError("is in a branch on moa_tile.any, which each warp takes by "
                    "itself");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult moa::tile::checkKernel(gpu::GPUFuncOp kernel,
                                     const TileToNvvmOptions &options) {
  if (failed(checkFunction(kernel, options)))
    return failure();
  auto grid = kernel->getAttrOfType<DenseI64ArrayAttr>(TileDialect::kWarpsAttr);
  WarpGrid warps{grid[0], grid[1]};
  auto result = kernel.walk([&](Operation *op) -> WalkResult {
    if (failed(checkTypes(op)))
      return failure();
    return TypeSwitch<Operation *, LogicalResult>(op)
        .Case([&](MmaOp op) { return checkMma(op, warps); })
        .Case([](CopyOp op) { return checkCopy(op); })
        .Case([](scf::IfOp op) { return checkBranch(op); })
        .Case<ReduceOp, ScanOp>(
            [&](auto op) { return checkExchange(op, warps); })
        .Default(success());
  });
  return failure(result.wasInterrupted());
}

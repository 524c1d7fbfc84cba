//===- HostFunctions.cpp - Functions that launch --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace {
/// One function that launches or computes sizes.
class HostFunction {
public:
  HostFunction(moa::RuntimeBuilder &runtime, func::FuncOp function)
      : runtime(runtime), function(function) {}

  LogicalResult lower(bool takesStream);

private:
  LogicalResult checkOps();
  void changeType(bool takesStream);
  LogicalResult lower(gpu::LaunchFuncOp launch);
  LogicalResult lower(linalg::FillOp fill);
  void lower(memref::CopyOp copy);
  void lower(memref::GetGlobalOp constant);
  void lower(cf::AssertOp check);
  void returnUnlessZero(OpBuilder &b, Location loc, Value status);
  Value getAddress(OpBuilder &b, Value buffer);
  Value toI64(OpBuilder &b, Location loc, Value index);
  int64_t getElementSize(Operation *op, Type buffer);

  moa::RuntimeBuilder &runtime;
  func::FuncOp function;
  Value stream;
  /// Where the function ends with the status that is this block's argument.
  Block *exit = nullptr;
};
} // namespace

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

Value HostFunction::toI64(OpBuilder &b, Location loc, Value index) {
  return arith::IndexCastOp::create(b, loc, runtime.i64, index);
}

int64_t HostFunction::getElementSize(Operation *op, Type buffer) {
  return DataLayout::closest(op).getTypeSize(
      cast<MemRefType>(buffer).getElementType());
}

/// The address of the first element of `buffer`.
Value HostFunction::getAddress(OpBuilder &b, Value buffer) {
  Location loc = buffer.getLoc();
  Value aligned = toI64(
      b, loc, memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer));
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.getLayout().isIdentity()) {
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
    Value size = arith::ConstantIntOp::create(b, loc, runtime.i64,
                                              getElementSize(function, type));
    Value bytes = arith::MulIOp::create(
        b, loc, toI64(b, loc, metadata.getOffset()), size);
    aligned = arith::AddIOp::create(b, loc, aligned, bytes);
  }
  return LLVM::IntToPtrOp::create(b, loc, runtime.pointer, aligned);
}

/// End the function with `status` unless it is zero; `b` continues behind.
void HostFunction::returnUnlessZero(OpBuilder &b, Location loc, Value status) {
  Value zero = arith::ConstantIntOp::create(b, loc, runtime.i32, 0);
  Value isFine =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, status, zero);
  Block *rest = b.getBlock()->splitBlock(b.getInsertionPoint());
  b.setInsertionPointToEnd(rest->getPrevNode());
  cf::CondBranchOp::create(b, loc, isFine, rest, ValueRange(), exit, status);
  b.setInsertionPointToStart(rest);
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// Whether the host can do all that is left in the function.
LogicalResult HostFunction::checkOps() {
  WalkResult result = function.walk([&](Operation *op) {
    if (op == function || isa<func::ReturnOp, cf::AssertOp>(op))
      return WalkResult::advance();
    if (isa<gpu::LaunchFuncOp, linalg::FillOp, memref::CopyOp>(op)) {
      if (op->getParentOp() == function)
        return WalkResult::advance();
      op->emitOpError("stands in structured control flow: convert scf to cf "
                      "first");
      return WalkResult::interrupt();
    }
    if (isMemoryEffectFree(op) && !isa<linalg::LinalgOp>(op))
      return WalkResult::advance();
    if (isa<CallOpInterface>(op)) {
      op->emitOpError(
          "calls a function that cannot be inlined: on the GPU path "
          "a function is its own launches");
      return WalkResult::interrupt();
    }
    op->emitOpError("cannot run on the host, which does not see device memory: "
                    "it has to be part of a kernel");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

void HostFunction::changeType(bool takesStream) {
  OpBuilder b(function.getContext());
  Location loc = function.getLoc();
  if (takesStream) {
    (void)function.insertArgument(0, runtime.pointer, {}, loc);
    stream = function.getArgument(0);
  }
  SmallVector<Type> results = {runtime.i32};
  llvm::append_range(results, function.getResultTypes());
  function.setFunctionType(
      b.getFunctionType(function.getArgumentTypes(), results));
  function.walk([&](func::ReturnOp op) {
    b.setInsertionPoint(op);
    Value success =
        arith::ConstantIntOp::create(b, op.getLoc(), runtime.i32, 0);
    op->insertOperands(0, success);
  });
  exit = b.createBlock(&function.getBody(), function.getBody().end(),
                       runtime.i32, loc);
  SmallVector<Value> returned = {exit->getArgument(0)};
  for (Type type : llvm::drop_begin(results))
    returned.push_back(arith::ConstantOp::create(b, loc, b.getZeroAttr(type)));
  func::ReturnOp::create(b, loc, returned);
}

LogicalResult HostFunction::lower(bool takesStream) {
  if (failed(checkOps()))
    return failure();
  changeType(takesStream);
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    LogicalResult lowered =
        llvm::TypeSwitch<Operation *, LogicalResult>(op)
            .Case<gpu::LaunchFuncOp, linalg::FillOp>(
                [&](auto op) { return lower(op); })
            .Case<memref::CopyOp, memref::GetGlobalOp, cf::AssertOp>(
                [&](auto op) {
                  lower(op);
                  return success();
                })
            .Default(success());
    if (failed(lowered))
      return failure();
  }
  if (exit->hasNoPredecessors())
    exit->erase();
  return success();
}

void HostFunction::lower(cf::AssertOp check) {
  OpBuilder b(check);
  Location loc = check.getLoc();
  Block *block = b.getBlock();
  Block *rest = block->splitBlock(std::next(Block::iterator(check)));
  Block *fails = b.createBlock(exit);
  b.setInsertionPoint(check);
  cf::CondBranchOp::create(b, loc, check.getArg(), rest, fails);
  b.setInsertionPointToStart(fails);
  Value message = runtime.getAddress(b, loc, runtime.getString(check.getMsg()));
  Value status = runtime.call(b, loc, "moa_rt_fail", runtime.i32, message);
  cf::BranchOp::create(b, loc, exit, status);
  check.erase();
}

//===----------------------------------------------------------------------===//
// Copies, fills, constants
//===----------------------------------------------------------------------===//

void HostFunction::lower(memref::CopyOp copy) {
  OpBuilder b(copy);
  Location loc = copy.getLoc();
  auto type = cast<MemRefType>(copy.getTarget().getType());
  auto target =
      memref::ExtractStridedMetadataOp::create(b, loc, copy.getTarget());
  auto source =
      memref::ExtractStridedMetadataOp::create(b, loc, copy.getSource());
  auto makeArray = [&](ValueRange values) {
    Value array = runtime.createArray(b, loc, runtime.i64, values.size());
    for (auto [index, value] : llvm::enumerate(values))
      runtime.store(b, loc, toI64(b, loc, value), array, runtime.i64, index);
    return array;
  };
  auto number = [&](int64_t value) {
    return arith::ConstantIntOp::create(b, loc, runtime.i64, value);
  };
  Value status = runtime.call(
      b, loc, "moa_rt_copy", runtime.i32,
      {number(getElementSize(copy, type)), number(type.getRank()),
       makeArray(target.getSizes()), getAddress(b, copy.getTarget()),
       makeArray(target.getStrides()), getAddress(b, copy.getSource()),
       makeArray(source.getStrides()), stream});
  returnUnlessZero(b, loc, status);
  copy.erase();
}

LogicalResult HostFunction::lower(linalg::FillOp fill) {
  OpBuilder b(fill);
  Location loc = fill.getLoc();
  Value value = fill.getInputs().front(), target = fill.getOutputs().front();
  auto type = cast<MemRefType>(target.getType());
  if (!type.getLayout().isIdentity())
    return fill.emitOpError("fills a buffer that is not dense: ") << type;
  if (value.getType() != type.getElementType())
    return fill.emitOpError("fills ")
           << type.getElementType() << " with " << value.getType();
  Value count = arith::ConstantIntOp::create(b, loc, runtime.i64, 1);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    count = arith::MulIOp::create(
        b, loc, count,
        toI64(b, loc, memref::DimOp::create(b, loc, target, dim)));
  if (value.getType().isIndex())
    value = toI64(b, loc, value);
  unsigned width = value.getType().getIntOrFloatBitWidth();
  if (isa<FloatType>(value.getType()))
    value = arith::BitcastOp::create(b, loc, b.getIntegerType(width), value);
  if (width < 64)
    value = arith::ExtUIOp::create(b, loc, runtime.i64, value);
  Value size = arith::ConstantIntOp::create(b, loc, runtime.i64,
                                            getElementSize(fill, type));
  Value status =
      runtime.call(b, loc, "moa_rt_fill", runtime.i32,
                   {size, count, getAddress(b, target), value, stream});
  returnUnlessZero(b, loc, status);
  fill.erase();
  return success();
}

void HostFunction::lower(memref::GetGlobalOp constant) {
  OpBuilder b(constant);
  Location loc = constant.getLoc();
  auto module = function->getParentOfType<ModuleOp>();
  auto table = runtime.declareModule(moa::getConstantsModule(module));
  auto name = runtime.getString(moa::getDeviceConstantName(constant.getName()));
  Value address = runtime.call(
      b, loc, "moa_rt_global", runtime.pointer,
      {runtime.getAddress(b, loc, table), runtime.getAddress(b, loc, name)});
  Value isNull = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, address,
                                      runtime.getNull(b, loc));
  returnUnlessZero(b, loc, arith::ExtUIOp::create(b, loc, runtime.i32, isNull));
  constant.replaceAllUsesWith(
      runtime.createBuffer(b, loc, constant.getType(), address, {}));
  constant.erase();
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

namespace {
/// What a kernel is given: 64-bit slots, the type that the kernel reads from
/// the begin of each, and which of them are indices, of which it reads 32 bits.
struct Slots {
  SmallVector<Value> values;
  SmallVector<Type> types;
  std::string kinds;

  void add(Value value, Type type, char kind = 'v') {
    values.push_back(value);
    types.push_back(type);
    kinds += kind;
  }
};
} // namespace

/// Whether a kernel that takes `want` can be given `got`: the address of a
/// buffer serves as a pointer of any address space.
static bool fitsParameter(Type got, Type want) {
  return got == want ||
         (isa<LLVM::LLVMPointerType>(got) && isa<LLVM::LLVMPointerType>(want));
}

/// The kernel, where it is still in the module, takes what the launch gives.
static LogicalResult checkKernel(gpu::LaunchFuncOp launch,
                                 ArrayRef<Type> types) {
  Operation *kernel =
      SymbolTable::lookupNearestSymbolFrom(launch, launch.getKernelAttr());
  if (isa_and_nonnull<gpu::GPUFuncOp>(kernel))
    return launch.emitOpError("launches a gpu.func: lower kernels to llvm.func "
                              "first");
  auto function = dyn_cast_or_null<LLVM::LLVMFuncOp>(kernel);
  if (!function)
    return success();
  ArrayRef<Type> expected = function.getArgumentTypes();
  if (expected.size() != types.size())
    return launch.emitOpError("passes ")
           << types.size() << " values to " << launch.getKernelName()
           << ", which takes " << expected.size()
           << "; a buffer is an address and its dynamic sizes";
  for (auto [index, got, want] : llvm::enumerate(types, expected))
    if (!fitsParameter(got, want))
      return launch.emitOpError("passes ")
             << got << " as value #" << index << " to "
             << launch.getKernelName() << ", which takes " << want;
  return success();
}

LogicalResult HostFunction::lower(gpu::LaunchFuncOp launch) {
  if (launch.getAsyncToken() || !launch.getAsyncDependencies().empty() ||
      launch.getAsyncObject())
    return launch.emitOpError("is asynchronous: launches of the GPU path are "
                              "ordered by the stream of the call");
  if (launch.hasClusterSize())
    return launch.emitOpError("gives a cluster size: it belongs to the kernel, "
                              "as nvvm.cluster_dim");
  OpBuilder b(launch);
  Location loc = launch.getLoc();
  Slots slots;
  for (Value operand : launch.getKernelOperands()) {
    auto buffer = dyn_cast<MemRefType>(operand.getType());
    if (!buffer && !operand.getType().isIntOrIndexOrFloat())
      return launch.emitOpError("passes ")
             << operand.getType()
             << "; kernels take buffers, indices and numbers";
    if (operand.getType().isIndex()) {
      slots.add(toI64(b, loc, operand), runtime.i32, 'i');
      continue;
    }
    if (!buffer) {
      slots.add(operand, operand.getType());
      continue;
    }
    slots.add(getAddress(b, operand), runtime.pointer);
    for (int64_t dim = 0; dim < buffer.getRank(); ++dim)
      if (buffer.isDynamicDim(dim))
        slots.add(toI64(b, loc, memref::DimOp::create(b, loc, operand, dim)),
                  runtime.i32, 'i');
  }
  if (failed(checkKernel(launch, slots.types)))
    return failure();

  StringRef module = launch.getKernelModuleName().getValue();
  StringRef name = launch.getKernelName().getValue();
  auto kernel =
      runtime.createTable(("moa.kernel." + module + "." + name).str(),
                          {moa::Word::address(runtime.declareModule(module)),
                           moa::Word::address(runtime.getString(name)),
                           moa::Word::number(slots.values.size()),
                           moa::Word::address(runtime.getString(slots.kinds))});

  SmallVector<Value> operands = {runtime.getAddress(b, loc, kernel)};
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  for (Value size : {grid.x, grid.y, grid.z, block.x, block.y, block.z})
    operands.push_back(
        size.getType().isIndex() ? toI64(b, loc, size)
        : size.getType() == runtime.i64
            ? size
            : arith::ExtSIOp::create(b, loc, runtime.i64, size).getResult());
  Value shared = launch.getDynamicSharedMemorySize();
  operands.push_back(
      shared
          ? arith::ExtUIOp::create(b, loc, runtime.i64, shared).getResult()
          : arith::ConstantIntOp::create(b, loc, runtime.i64, 0).getResult());
  Value array = runtime.createArray(b, loc, runtime.i64, slots.values.size());
  for (auto [index, value] : llvm::enumerate(slots.values)) {
    // A kernel reads a byte for a boolean.
    if (value.getType().isInteger(1))
      value = arith::ExtUIOp::create(b, loc, b.getI8Type(), value);
    runtime.store(b, loc, value, array, runtime.i64, index);
  }
  llvm::append_values(operands, array, stream);
  returnUnlessZero(
      b, loc, runtime.call(b, loc, "moa_rt_launch", runtime.i32, operands));
  launch.erase();
  return success();
}

LogicalResult moa::lowerHostFunction(RuntimeBuilder &runtime,
                                     func::FuncOp function, bool takesStream) {
  return HostFunction(runtime, function).lower(takesStream);
}

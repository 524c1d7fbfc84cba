//===- Buffers.cpp - Tiles in shared memory -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "SharedTile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace moa::tile;

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

Value SharedTile::getSwizzle(ThreadBuilder &b, Value row) const {
  int64_t swizzle = type.getSwizzle();
  return b.rem(b.div(row, kSwizzlePeriod / swizzle), swizzle);
}

Value SharedTile::getPieceAddress(ThreadBuilder &b, Value row, Value piece,
                                  int64_t constant, Value byte) const {
  // Beyond a run of exchanged pieces the constant is one of the address.
  int64_t within = constant % type.getSwizzle(), beyond = constant - within;
  Value place = b.xori(b.xori(piece, getSwizzle(b, row)), b.constant(within));
  Value start = b.add(b.mul(row, getRowBytes()), b.mul(place, kPieceBytes));
  if (byte)
    start = b.add(start, byte);
  Value run = b.offset(pointer, b.getI8Type(), start);
  return b.offset(run, b.getI8Type(), beyond * kPieceBytes);
}

Value SharedTile::getAddress(ThreadBuilder &b, Value row, Value byte,
                             int64_t constant) const {
  if (type.getSwizzle() > 1)
    return getPieceAddress(b, row, b.div(byte, kPieceBytes), constant,
                           b.rem(byte, kPieceBytes));
  Value start = b.add(b.mul(row, getRowBytes()), byte);
  Value address = b.offset(pointer, b.getI8Type(), start);
  return b.offset(address, b.getI8Type(), constant * kPieceBytes);
}

Value SharedTile::getAddress(ThreadBuilder &b, Value row, const Layout &layout,
                             Element element) const {
  int64_t bytes =
              element.columnBlock * Layout::kBlockColumns * getElementBytes(),
          constant = 0;
  if (bytes % kPieceBytes == 0 && layout.hasAlignedBlocks()) {
    constant = bytes / kPieceBytes;
    element.columnBlock = 0;
  }
  Value byte = b.mul(layout.getColumn(b, element), getElementBytes());
  return getAddress(b, row, byte, constant);
}

//===----------------------------------------------------------------------===//
// Buffers and their stages
//===----------------------------------------------------------------------===//

/// The one variable in shared memory, whose size the launch chooses. Alignment
/// 1024 holds for every use of shared memory on every chip.
static LLVM::GlobalOp getSharedMemory(OpBuilder &builder, Operation *op) {
  constexpr StringLiteral kName = "moa_shared";
  auto module = op->getParentOfType<gpu::GPUModuleOp>();
  if (auto global = module.lookupSymbol<LLVM::GlobalOp>(kName))
    return global;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  return LLVM::GlobalOp::create(builder, module.getLoc(), type,
                                /*isConstant=*/false, LLVM::Linkage::External,
                                kName, /*value=*/Attribute(),
                                /*alignment=*/1024, kSharedSpace);
}

namespace {
struct ConvertAlloc : KernelPattern<AllocOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(AllocOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Value base = LLVM::AddressOfOp::create(b, getSharedMemory(rewriter, op));
    rewriter.replaceOp(op, b.offset(base, b.getI8Type(), op.getOffset()));
    return success();
  }
};

struct ConvertStage : KernelPattern<StageOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(StageOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    // A product of 64 bits of a number of 32 is one instruction.
    Value bytes = arith::ConstantOp::create(
        b, b.getI64IntegerAttr(op.getBuffer().getType().getStageBytes()));
    Value offset = b.mul(b.extend(getScalar(adaptor.getIndex())), bytes);
    rewriter.replaceOp(
        op, b.offset(getScalar(adaptor.getBuffer()), b.getI8Type(), offset));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Registers to buffers and back
//===----------------------------------------------------------------------===//

/// Call `visit` with the elements that lie at one address each: the pairs of a
/// tile, or its scalars if it has one column.
void forEachRun(ThreadBuilder &b, const Layout &layout, SharedTile shared,
                function_ref<void(int64_t number, Value address)> visit) {
  // All rows of a thread have one swizzle.
  Value row = layout.getRow(b, Element());
  for (int64_t number = 0; number < layout.size();
       number += layout.getPairs()) {
    Element element = layout.getElement(number);
    Value address = shared.getAddress(b, row, layout, element);
    visit(number, shared.moveRows(b, address, layout.getRowsBelow(element)));
  }
}

struct ConvertPut : KernelPattern<PutOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(PutOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(op.getTile().getType());
    SharedTile shared(getScalar(adaptor.getBuffer()), op.getBuffer().getType());
    ValueRange scalars = adaptor.getTile();
    auto store = [&](ThreadBuilder &b) {
      forEachRun(b, layout, shared, [&](int64_t number, Value address) {
        ValueRange run = scalars.slice(number, layout.getPairs());
        Value value = run.size() == 1 ? run.front() : b.toVector(run);
        LLVM::StoreOp::create(b, value, address,
                              run.size() * shared.getElementBytes());
      });
    };
    if (Value owner = layout.isOwner(b)) {
      auto branch = scf::IfOp::create(b, owner);
      b.setInsertionPointToStart(branch.thenBlock());
      store(b);
    } else {
      store(b);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// Whether a warp's part is pairs of blocks of elements of 16 bits, in whole
/// rows.
bool consistsOfMatrices(const Layout &layout, SharedTile shared) {
  return shared.getElementBytes() == 2 && layout.getHalves() == 2 &&
         layout.getPairs() == 2 && layout.getColumnBands() == 1 &&
         layout.getColumnBlocks() % 2 == 0;
}

/// Two blocks at a time, as the left operand of a product is loaded.
SmallVector<Value> loadMatrices(ThreadBuilder &b, const Layout &layout,
                                SharedTile shared, Type element) {
  Value row = b.add(layout.getFirstRow(b), b.rem(b.lane(), 16));
  Value piece = b.div(b.lane(), 16);
  auto pair = VectorType::get({2}, element);
  SmallVector<Value> scalars;
  for (int64_t i : llvm::seq(layout.getRowBlocks()))
    for (int64_t j = 0; j < layout.getColumnBlocks(); j += 2) {
      Value address = shared.getPieceAddress(b, row, piece, j);
      address = shared.moveRows(b, address, i * Layout::kBlockRows);
      for (Value word : b.loadMatrices(address, 4, /*transpose=*/false))
        llvm::append_range(scalars, b.toScalars(b.bitcast(word, pair)));
    }
  return scalars;
}

struct ConvertGet : KernelPattern<GetOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(GetOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(op.getType());
    BufferType buffer = op.getBuffer().getType();
    SharedTile shared(getScalar(adaptor.getBuffer()), buffer);
    SmallVector<Value> scalars;
    if (consistsOfMatrices(layout, shared)) {
      scalars = loadMatrices(b, layout, shared, buffer.getElementType());
      rewriter.replaceOpWithMultiple(op, {scalars});
      return success();
    }
    forEachRun(b, layout, shared, [&](int64_t number, Value address) {
      Type element = buffer.getElementType();
      if (layout.getPairs() == 1)
        scalars.push_back(b.load(address, element));
      else
        llvm::append_range(
            scalars,
            b.toScalars(b.load(address, VectorType::get({2}, element))));
    });
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};
} // namespace

void moa::tile::populateBufferPatterns(RewritePatternSet &patterns,
                                       const TypeConverter &types,
                                       const Kernel &kernel) {
  patterns.add<ConvertAlloc, ConvertStage, ConvertPut, ConvertGet>(types,
                                                                   kernel);
}

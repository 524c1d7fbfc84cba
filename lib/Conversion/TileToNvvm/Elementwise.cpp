//===- Elementwise.cpp - Arithmetic on the elements of tiles --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// Any op of arith or math on tiles or indices: one of the same name for each
/// scalar. An operand that is no tile serves all of them.
struct ConvertElementwise : ConversionPattern {
  ConvertElementwise(const TypeConverter &types, MLIRContext *context)
      : ConversionPattern(types, MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<ValueRange> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
        op->getNumResults() != 1 || op->getNumOperands() == 0)
      return rewriter.notifyMatchFailure(op, "is not element-wise");
    SmallVector<Type> types;
    if (failed(typeConverter->convertType(op->getResult(0).getType(), types)))
      return rewriter.notifyMatchFailure(op, "has a type without scalars");
    SmallVector<Value> results;
    for (size_t number : llvm::seq(types.size())) {
      auto scalars = llvm::map_to_vector(operands, [&](ValueRange operand) {
        return operand.size() == 1 ? operand.front() : operand[number];
      });
      Operation *scalar =
          rewriter.create(op->getLoc(), op->getName().getIdentifier(), scalars,
                          types[number], op->getAttrs());
      results.push_back(scalar->getResult(0));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct ConvertConstant : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    if (op.getType().isIndex()) {
      int64_t value = cast<IntegerAttr>(op.getValue()).getInt();
      rewriter.replaceOp(op, b.constant(value));
      return success();
    }
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    SmallVector<Type> types;
    if (!splat || failed(typeConverter->convertType(op.getType(), types)))
      return rewriter.notifyMatchFailure(op, "is not a splat");
    Value scalar =
        arith::ConstantOp::create(b, splat.getSplatValue<TypedAttr>());
    rewriter.replaceOpWithMultiple(op,
                                   {SmallVector<Value>(types.size(), scalar)});
    return success();
  }
};

struct ConvertSplat : OpConversionPattern<tensor::SplatOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tensor::SplatOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    if (failed(typeConverter->convertType(op.getType(), types)))
      return rewriter.notifyMatchFailure(op, "is not a tile");
    Value scalar = getScalar(adaptor.getInput());
    rewriter.replaceOpWithMultiple(op,
                                   {SmallVector<Value>(types.size(), scalar)});
    return success();
  }
};

/// The element of a tile of one: every thread holds it.
struct ConvertExtract : OpConversionPattern<tensor::ExtractOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(tensor::ExtractOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (adaptor.getTensor().size() != 1)
      return rewriter.notifyMatchFailure(op, "has several elements");
    rewriter.replaceOp(op, adaptor.getTensor());
    return success();
  }
};

struct ConvertIndexCast : OpConversionPattern<arith::IndexCastOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(arith::IndexCastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    if (failed(typeConverter->convertType(op.getType(), types)))
      return failure();
    ThreadBuilder b(op.getLoc(), rewriter);
    auto results = llvm::map_to_vector(adaptor.getIn(), [&](Value value) {
      unsigned from = value.getType().getIntOrFloatBitWidth();
      unsigned to = types.front().getIntOrFloatBitWidth();
      if (from == to)
        return value;
      if (from < to)
        return arith::ExtSIOp::create(b, types.front(), value).getResult();
      return arith::TruncIOp::create(b, types.front(), value).getResult();
    });
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct ConvertPosition : KernelPattern<PositionOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(PositionOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(op.getType());
    SmallVector<Value> scalars;
    for (int64_t number : llvm::seq(layout.size())) {
      Element element = layout.getElement(number);
      // One of the two is 0.
      scalars.push_back(
          b.add(layout.getRow(b, element), layout.getColumn(b, element)));
    }
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

/// The number of a column against one for each row: what a column's number owes
/// to the thread is taken from the other side, once for a row, so that
/// constants are left to compare with.
struct ConvertColumnComparison : KernelPattern<arith::CmpIOp> {
  ConvertColumnComparison(const TypeConverter &types, const Kernel &kernel)
      : KernelPattern(types, kernel, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(arith::CmpIOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto columns = op.getLhs().getDefiningOp<BroadcastOp>();
    if (!columns || !columns.getTile().getDefiningOp<PositionOp>() ||
        columns.getTile().getType().getDimSize(0) != 1)
      return rewriter.notifyMatchFailure(op, "compares no columns");
    if (op.getPredicate() != arith::CmpIPredicate::slt &&
        op.getPredicate() != arith::CmpIPredicate::sgt)
      return rewriter.notifyMatchFailure(op, "compares other than < and >");
    ThreadBuilder b(op.getLoc(), rewriter);
    Layout layout = kernel.getLayout(columns.getType());
    SmallVector<Value> scalars;
    for (int64_t number : llvm::seq(layout.size())) {
      Element element = layout.getElement(number);
      // No column is less than -1 or equal to it, which a thread's share does
      // not wrap around.
      Value bound =
          arith::MaxSIOp::create(b, adaptor.getRhs()[number], b.constant(-1));
      scalars.push_back(arith::CmpIOp::create(
          b, op.getPredicate(),
          b.constant(element.columnBlock * Layout::kBlockColumns +
                     element.pair),
          b.sub(bound, layout.getColumn(b, {}))));
    }
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

struct ConvertBroadcast : KernelPattern<BroadcastOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(BroadcastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Layout from = kernel.getLayout(op.getTile().getType());
    Layout to = kernel.getLayout(op.getType());
    SmallVector<Value> scalars;
    for (int64_t number : llvm::seq(to.size()))
      scalars.push_back(
          adaptor.getTile()[from.getBroadcastNumber(to.getElement(number))]);
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

/// Columns of a tile of which a warp has all: whole blocks are a choice of
/// scalars, and a single column is held by one lane of each four.
struct ConvertExtractSlice : KernelPattern<tensor::ExtractSliceOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(tensor::ExtractSliceOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RankedTensorType source = op.getSourceType(), type = op.getType();
    ArrayRef<int64_t> offsets = op.getStaticOffsets();
    if (!op.hasUnitStride() || type.getRank() != 2 || offsets[0] != 0 ||
        source.getDimSize(0) != type.getDimSize(0) ||
        ShapedType::isDynamic(offsets[1]))
      return rewriter.notifyMatchFailure(op, "does not slice columns");
    bool isColumn = type.getDimSize(1) == 1 && source.getDimSize(1) > 1;
    int64_t column = offsets[1] % Layout::kBlockColumns;
    if (!isColumn && column != 0)
      return rewriter.notifyMatchFailure(op, "does not slice whole blocks");
    Layout from = kernel.getLayout(source), to = kernel.getLayout(type);
    if (from.getColumnBands() != 1 || to.getColumnBands() != 1)
      return rewriter.notifyMatchFailure(op, "columns of several warps");
    ThreadBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> scalars;
    for (int64_t number : llvm::seq(to.size())) {
      Element element = to.getElement(number);
      element.columnBlock += offsets[1] / Layout::kBlockColumns;
      if (!isColumn) {
        scalars.push_back(adaptor.getSource()[from.getNumber(element)]);
        continue;
      }
      element.pair = column % 2;
      Value lane = b.add(b.mul(b.div(b.lane(), 4), 4), column / 2);
      scalars.push_back(
          b.shuffleFrom(adaptor.getSource()[from.getNumber(element)], lane));
    }
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

/// The same in the other direction: tiles side by side.
struct ConvertConcat : KernelPattern<tensor::ConcatOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(tensor::ConcatOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = op.getResultType();
    Layout to = kernel.getLayout(type);
    if (op.getDim() != 1 || to.getColumnBands() != 1)
      return rewriter.notifyMatchFailure(op, "columns of several warps");
    // The scalars of each block of columns, in the order of their numbers.
    SmallVector<Value> scalars(to.size());
    int64_t firstBlock = 0;
    for (auto [input, values] :
         llvm::zip(op.getInputs(), adaptor.getInputs())) {
      auto part = cast<RankedTensorType>(input.getType());
      if (part.getDimSize(1) % Layout::kBlockColumns != 0)
        return rewriter.notifyMatchFailure(op, "does not join whole blocks");
      Layout from = kernel.getLayout(part);
      for (auto [number, value] : llvm::enumerate(values)) {
        Element element = from.getElement(number);
        element.columnBlock += firstBlock;
        scalars[to.getNumber(element)] = value;
      }
      firstBlock += from.getColumnBlocks();
    }
    rewriter.replaceOpWithMultiple(op, {scalars});
    return success();
  }
};

/// f32 to f16 or bf16: two elements take one instruction.
struct ConvertTruncF : OpConversionPattern<arith::TruncFOp> {
  ConvertTruncF(const TypeConverter &types, MLIRContext *context)
      : OpConversionPattern(types, context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(arith::TruncFOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ValueRange scalars = adaptor.getIn();
    Type element = getElementTypeOrSelf(op.getType());
    if (scalars.size() % 2 != 0 || !scalars.front().getType().isF32() ||
        !(element.isF16() || element.isBF16()))
      return rewriter.notifyMatchFailure(op, "has no pairs");
    ThreadBuilder b(op.getLoc(), rewriter);
    auto type = VectorType::get({2}, element);
    SmallVector<Value> results;
    for (; !scalars.empty(); scalars = scalars.drop_front(2)) {
      // The instruction's first operand is the upper half.
      Value low = scalars[0], high = scalars[1];
      Value pair;
      if (element.isF16())
        pair = NVVM::ConvertF32x2ToF16x2Op::create(b, type, high, low,
                                                   /*random_bits=*/Value(),
                                                   NVVM::FPRoundingMode::RN);
      else
        pair = NVVM::ConvertF32x2ToBF16x2Op::create(b, type, high, low,
                                                    /*random_bits=*/Value(),
                                                    NVVM::FPRoundingMode::RN);
      llvm::append_range(results, b.toScalars(pair));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};
} // namespace

void moa::tile::populateElementwisePatterns(RewritePatternSet &patterns,
                                            const TypeConverter &types,
                                            const Kernel &kernel) {
  MLIRContext *context = patterns.getContext();
  patterns.add<ConvertBroadcast, ConvertConcat, ConvertExtractSlice,
               ConvertColumnComparison, ConvertPosition>(types, kernel);
  patterns.add<ConvertConstant, ConvertElementwise, ConvertExtract,
               ConvertSplat, ConvertTruncF>(types, context);
  patterns.add<ConvertIndexCast>(types, context, /*benefit=*/2);
}

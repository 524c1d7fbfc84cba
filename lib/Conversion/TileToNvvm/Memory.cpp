//===- Memory.cpp - Global memory as a thread sees it ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "Kernel.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace mlir;
using namespace moa::tile;

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

static bool passesStride(MemRefType type, int64_t stride) {
  return !type.getLayout().isIdentity() && ShapedType::isDynamic(stride);
}

void Memory::convertType(MemRefType type, SmallVectorImpl<Type> &types) {
  MLIRContext *context = type.getContext();
  types.push_back(LLVM::LLVMPointerType::get(context, kGlobalSpace));
  types.append(type.getNumDynamicDims(), IntegerType::get(context, 32));
  auto [strides, offset] = type.getStridesAndOffset();
  for (int64_t stride : strides)
    if (passesStride(type, stride))
      types.push_back(IntegerType::get(context, 64));
}

Memory::Memory(ThreadBuilder &b, MemRefType type, ValueRange converted)
    : type(type), pointer(converted.front()) {
  int64_t offset;
  std::tie(staticStrides, offset) = type.getStridesAndOffset();
  converted = converted.drop_front();
  auto takeIf = [&](bool passed) {
    Value value;
    if (passed) {
      value = converted.front();
      converted = converted.drop_front();
    }
    return value;
  };
  for (int64_t size : type.getShape())
    sizes.push_back(takeIf(ShapedType::isDynamic(size)));
  for (int64_t stride : staticStrides)
    strides.push_back(takeIf(passesStride(type, stride)));
}

Value Memory::getSize(ThreadBuilder &b, int64_t dim) const {
  return sizes[dim] ? sizes[dim] : b.constant(type.getDimSize(dim));
}

Value Memory::getStride(ThreadBuilder &b, int64_t dim) const {
  if (strides[dim])
    return strides[dim];
  if (!ShapedType::isDynamic(staticStrides[dim]))
    return arith::ConstantOp::create(b,
                                     b.getI64IntegerAttr(staticStrides[dim]));
  // The identity layout: rows follow each other.
  return b.mul(getStride(b, dim + 1), b.extend(getSize(b, dim + 1)));
}

/// Whether numbers of elements within memory of this type fit in an i32.
static bool isSmall(MemRefType type, ArrayRef<int64_t> strides) {
  if (!type.hasStaticShape())
    return false;
  int64_t last = 0;
  for (auto [size, stride] : llvm::zip(type.getShape(), strides)) {
    int64_t extent;
    if (ShapedType::isDynamic(stride) ||
        llvm::MulOverflow(size, stride, extent) ||
        llvm::AddOverflow(last, extent, last))
      return false;
  }
  return last <= std::numeric_limits<int32_t>::max();
}

Value Memory::move(ThreadBuilder &b, Value from, int64_t dim,
                   Value index) const {
  if (staticStrides[dim] == 1)
    return b.offset(from, getElementType(), index);
  if (isSmall(type, staticStrides))
    return b.offset(from, getElementType(), b.mul(index, staticStrides[dim]));
  return b.offset(from, getElementType(),
                  b.mul(b.extend(index), getStride(b, dim)));
}

Value Memory::getAddress(ThreadBuilder &b, ValueRange indices) const {
  Value address = pointer;
  for (auto [dim, index] : llvm::enumerate(indices))
    address = move(b, address, dim, index);
  return address;
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

namespace {
/// The sizes and strides that a view passes on are collected here, in the order
/// that Memory expects.
struct ViewValues {
  SmallVector<Value> values;

  ViewValues(Value pointer) { values.push_back(pointer); }

  void addSizes(ThreadBuilder &b, MemRefType type,
                function_ref<Value(int64_t)> getSize) {
    for (auto [dim, size] : llvm::enumerate(type.getShape()))
      if (ShapedType::isDynamic(size))
        values.push_back(getSize(dim));
  }
  void addStrides(ThreadBuilder &b, MemRefType type,
                  function_ref<Value(int64_t)> getStride) {
    auto [strides, offset] = type.getStridesAndOffset();
    for (auto [dim, stride] : llvm::enumerate(strides))
      if (passesStride(type, stride))
        values.push_back(getStride(dim));
  }
};

struct ConvertSubView : KernelPattern<memref::SubViewOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::SubViewOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory source(b, op.getSourceType(), adaptor.getSource());
    auto pick = [&](ArrayRef<int64_t> constants, ArrayRef<ValueRange> values,
                    int64_t dim) -> Value {
      int64_t constant = constants[dim];
      if (!ShapedType::isDynamic(constant))
        return b.constant(constant);
      return getScalar(values[llvm::count_if(constants.take_front(dim),
                                             ShapedType::isDynamic)]);
    };
    Value pointer = source.getPointer();
    for (int64_t dim : llvm::seq(op.getSourceType().getRank()))
      pointer =
          source.move(b, pointer, dim,
                      pick(op.getStaticOffsets(), adaptor.getOffsets(), dim));

    llvm::SmallBitVector dropped = op.getDroppedDims();
    SmallVector<int64_t> kept;
    for (int64_t dim : llvm::seq(op.getSourceType().getRank()))
      if (!dropped.test(dim))
        kept.push_back(dim);
    ViewValues view(pointer);
    view.addSizes(b, op.getType(), [&](int64_t dim) {
      return pick(op.getStaticSizes(), adaptor.getSizes(), kept[dim]);
    });
    view.addStrides(b, op.getType(), [&](int64_t dim) {
      Value step = pick(op.getStaticStrides(), adaptor.getStrides(), kept[dim]);
      return b.mul(source.getStride(b, kept[dim]), b.extend(step));
    });
    rewriter.replaceOpWithMultiple(op, {view.values});
    return success();
  }
};

struct ConvertCast : KernelPattern<memref::CastOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::CastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto from = dyn_cast<MemRefType>(op.getSource().getType());
    auto to = dyn_cast<MemRefType>(op.getType());
    if (!from || !to)
      return rewriter.notifyMatchFailure(op, "rank is not known");
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory source(b, from, adaptor.getSource());
    ViewValues view(source.getPointer());
    view.addSizes(b, to, [&](int64_t dim) { return source.getSize(b, dim); });
    view.addStrides(b, to,
                    [&](int64_t dim) { return source.getStride(b, dim); });
    rewriter.replaceOpWithMultiple(op, {view.values});
    return success();
  }
};

struct ConvertCollapseShape : KernelPattern<memref::CollapseShapeOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::CollapseShapeOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory source(b, op.getSrcType(), adaptor.getSrc());
    auto groups = op.getReassociationIndices();
    ViewValues view(source.getPointer());
    view.addSizes(b, op.getType(), [&](int64_t dim) {
      Value size = b.constant(1);
      for (int64_t part : groups[dim])
        size = b.mul(size, source.getSize(b, part));
      return size;
    });
    view.addStrides(b, op.getType(), [&](int64_t dim) {
      return source.getStride(b, groups[dim].back());
    });
    rewriter.replaceOpWithMultiple(op, {view.values});
    return success();
  }
};

struct ConvertExpandShape : KernelPattern<memref::ExpandShapeOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::ExpandShapeOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    MemRefType type = op.getType();
    Memory source(b, op.getSrcType(), adaptor.getSrc());
    ArrayRef<int64_t> constants = op.getStaticOutputShape();
    auto getSize = [&](int64_t dim) -> Value {
      if (!ShapedType::isDynamic(constants[dim]))
        return b.constant(constants[dim]);
      return getScalar(adaptor.getOutputShape()[llvm::count_if(
          constants.take_front(dim), ShapedType::isDynamic)]);
    };
    ViewValues view(source.getPointer());
    view.addSizes(b, type, getSize);
    view.addStrides(b, type, [&](int64_t dim) {
      // The step of the group's last part, times the sizes after this one.
      auto groups = op.getReassociationIndices();
      auto *group = llvm::find_if(groups, [&](ArrayRef<int64_t> parts) {
        return llvm::is_contained(parts, dim);
      });
      Value stride = source.getStride(b, group - groups.begin());
      for (int64_t part : *group)
        if (part > dim)
          stride = b.mul(stride, b.extend(getSize(part)));
      return stride;
    });
    rewriter.replaceOpWithMultiple(op, {view.values});
    return success();
  }
};

struct ConvertDim : KernelPattern<memref::DimOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::DimOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast<MemRefType>(op.getSource().getType());
    std::optional<int64_t> dim = op.getConstantIndex();
    if (!type || !dim || *dim >= type.getRank())
      return rewriter.notifyMatchFailure(op, "dimension is not known");
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory source(b, type, adaptor.getSource());
    rewriter.replaceOp(op, source.getSize(b, *dim));
    return success();
  }
};

/// A scalar that every thread reads.
struct ConvertScalarLoad : KernelPattern<memref::LoadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult
  matchAndRewrite(memref::LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Memory source(b, op.getMemRefType(), adaptor.getMemref());
    SmallVector<Value> indices =
        llvm::map_to_vector(adaptor.getIndices(), getScalar);
    Value address = source.getAddress(b, indices);
    auto load = LLVM::LoadOp::create(b, source.getElementType(), address);
    load.setInvariant(kernel.facts.isReadOnly(op.getMemRef()));
    rewriter.replaceOp(op, load);
    return success();
  }
};
} // namespace

void moa::tile::populateMemoryPatterns(RewritePatternSet &patterns,
                                       const TypeConverter &types,
                                       const Kernel &kernel) {
  patterns.add<ConvertSubView, ConvertCast, ConvertCollapseShape,
               ConvertExpandShape, ConvertDim, ConvertScalarLoad>(types,
                                                                  kernel);
}

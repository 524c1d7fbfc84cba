//===- ScalarMath.cpp - Functions by the target's approximations ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of f32 are the target's approximations, which take one instruction
// where correctly rounded ones take ten to seventy. Their errors, from the PTX
// manual, are far below the 1e-4 (relative to 1 + |result|) that results are
// compared with:
//
//   ex2     2 ulp                     exp x is ex2 (x log2 e): |x| / 2 more ulp
//   lg2     2^-22 near 1, else 2 ulp  log and log1p likewise
//   div     2 ulp; 0 if the divisor exceeds 2^126
//   sqrt    1 ulp, rsqrt 2 ulp
//   sin     2^-20.5 absolute within [-pi, pi], to which arguments are reduced
//           in f64, unless they are known to lie there
//
// Denormal numbers are zero. f16 and bf16 are computed as f32 and rounded.
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace moa::tile;

static Value createFloat(ThreadBuilder &b, Type type, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
}

/// An instruction of the target by its intrinsic.
static Value callIntrinsic(ThreadBuilder &b, StringRef name,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, b.getF32Type(), b.getStringAttr(name),
                                       operands)
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// f32
//===----------------------------------------------------------------------===//

static Value buildExp2(ThreadBuilder &b, ValueRange x) {
  return callIntrinsic(b, "llvm.nvvm.ex2.approx.ftz.f", x);
}

static Value buildExp(ThreadBuilder &b, ValueRange x) {
  Value log2e = createFloat(b, b.getF32Type(), llvm::numbers::log2e);
  return buildExp2(b, arith::MulFOp::create(b, x[0], log2e).getResult());
}

static Value buildLog2(ThreadBuilder &b, ValueRange x) {
  return callIntrinsic(b, "llvm.nvvm.lg2.approx.ftz.f", x);
}

static Value buildLog(ThreadBuilder &b, ValueRange x) {
  Value ln2 = createFloat(b, b.getF32Type(), llvm::numbers::ln2);
  return arith::MulFOp::create(b, buildLog2(b, x), ln2);
}

static Value buildLog1p(ThreadBuilder &b, ValueRange x) {
  Value one = createFloat(b, b.getF32Type(), 1.0);
  return buildLog(b, arith::AddFOp::create(b, x[0], one).getResult());
}

static Value buildSqrt(ThreadBuilder &b, ValueRange x) {
  return callIntrinsic(b, "llvm.nvvm.sqrt.approx.ftz.f", x);
}

static Value buildRsqrt(ThreadBuilder &b, ValueRange x) {
  return callIntrinsic(b, "llvm.nvvm.rsqrt.approx.ftz.f", x);
}

static Value buildDiv(ThreadBuilder &b, ValueRange x) {
  return callIntrinsic(b, "llvm.nvvm.div.approx.ftz.f", x);
}

namespace {
using BuildFunction = Value (*)(ThreadBuilder &, ValueRange);

/// An op on scalars of f32, or of less precision.
template <typename OpTy, BuildFunction build>
struct ConvertScalar : OpConversionPattern<OpTy> {
  ConvertScalar(MLIRContext *context)
      : OpConversionPattern<OpTy>(context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!type.isF32() && !type.isF16() && !type.isBF16())
      return rewriter.notifyMatchFailure(op, "is not an f32 scalar");
    ThreadBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> operands(adaptor.getOperands());
    if (!type.isF32())
      for (Value &operand : operands)
        operand = arith::ExtFOp::create(b, b.getF32Type(), operand);
    Value result = build(b, operands);
    if (!type.isF32())
      result = arith::TruncFOp::create(b, type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Sine and cosine, f64
//===----------------------------------------------------------------------===//

/// x less the nearest multiple of 2 pi.
static Value reduceAngle(ThreadBuilder &b, Value x) {
  Type f64 = b.getF64Type();
  // 2 pi in two parts, of 53 bits each.
  constexpr double kHigh = 6.283185307179586, kLow = 2.4492935982947064e-16;
  Value turns = math::RoundEvenOp::create(
      b, arith::MulFOp::create(b, x, createFloat(b, f64, 0.15915494309189535)));
  Value rest = math::FmaOp::create(b, turns, createFloat(b, f64, -kHigh), x);
  return math::FmaOp::create(b, turns, createFloat(b, f64, -kLow), rest);
}

/// Whether x is at most half a turn, as a fraction of 32 bits times a turn is,
/// in f32: sines and cosines of that are exact enough.
static bool isWithinHalfTurn(Value x) {
  auto product = x.getDefiningOp<arith::MulFOp>();
  if (!product || !product.getType().isF32())
    return false;
  auto number = product.getLhs().getDefiningOp<arith::SIToFPOp>();
  APFloat factor(0.0f);
  constexpr float kHalfTurn = llvm::numbers::pi;
  return number && number.getIn().getType().isInteger(32) &&
         matchPattern(product.getRhs(), m_ConstantFloat(&factor)) &&
         std::abs(factor.convertToDouble()) * std::exp2(31) <= kHalfTurn;
}

/// 2^x in f64 to 1e-15: what the frequencies of rotary positions need, whose
/// error large positions multiply.
static Value buildExp2Double(ThreadBuilder &b, Value number) {
  Type f64 = b.getF64Type(), i64 = b.getI64Type();
  // Beyond these the power is 0 or infinite.
  Value x = arith::MaxNumFOp::create(
      b, arith::MinNumFOp::create(b, number, createFloat(b, f64, 1025)),
      createFloat(b, f64, -1080));
  Value whole = math::RoundEvenOp::create(b, x);
  Value part = arith::MulFOp::create(b, arith::SubFOp::create(b, x, whole),
                                     createFloat(b, f64, llvm::numbers::ln2));
  // The exponential series, |part| <= ln 2 / 2.
  constexpr int64_t kTerms = 14;
  double coefficient = 1;
  SmallVector<double> coefficients;
  for (int64_t n = 0; n < kTerms; coefficient /= ++n)
    coefficients.push_back(coefficient);
  Value sum = createFloat(b, f64, coefficients.back());
  for (double next : llvm::drop_begin(llvm::reverse(coefficients)))
    sum = math::FmaOp::create(b, sum, part, createFloat(b, f64, next));
  // 2^whole by the exponents of two factors, as one may not be a number.
  constexpr int64_t kBias = 1023, kMantissaBits = 52;
  auto constant = [&](int64_t value) {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  };
  Value exponent = arith::FPToSIOp::create(b, i64, whole);
  Value half = arith::ShRSIOp::create(b, exponent, constant(1));
  Value rest = arith::SubIOp::create(b, exponent, half);
  for (Value factor : {half, rest}) {
    Value biased = arith::AddIOp::create(b, factor, constant(kBias));
    Value bits = arith::ShLIOp::create(b, biased, constant(kMantissaBits));
    sum = arith::MulFOp::create(b, sum, b.bitcast(bits, f64));
  }
  Value isNaN =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, number, number);
  return b.select(isNaN, number, sum);
}

namespace {
template <typename OpTy> struct ConvertAngle : OpConversionPattern<OpTy> {
  ConvertAngle(MLIRContext *context, StringRef intrinsic)
      : OpConversionPattern<OpTy>(context, /*benefit=*/2),
        intrinsic(intrinsic) {}
  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter);
    Type type = op.getType(), f32 = b.getF32Type(), f64 = b.getF64Type();
    if (!type.isF64() && !type.isF32() && !type.isF16() && !type.isBF16())
      return rewriter.notifyMatchFailure(op, "is not a scalar");
    Value angle = adaptor.getOperand();
    if (!isWithinHalfTurn(op.getOperand())) {
      if (!type.isF64())
        angle = arith::ExtFOp::create(b, f64, angle);
      angle = arith::TruncFOp::create(b, f32, reduceAngle(b, angle));
    }
    Value result = callIntrinsic(b, intrinsic, angle);
    if (type.isF64())
      result = arith::ExtFOp::create(b, type, result);
    else if (!type.isF32())
      result = arith::TruncFOp::create(b, type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
  StringRef intrinsic;
};

struct ConvertExp2Double : OpConversionPattern<math::Exp2Op> {
  ConvertExp2Double(MLIRContext *context)
      : OpConversionPattern(context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(math::Exp2Op op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getType().isF64())
      return rewriter.notifyMatchFailure(op, "is not f64");
    ThreadBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, buildExp2Double(b, adaptor.getOperand()));
    return success();
  }
};

struct ConvertExpDouble : OpConversionPattern<math::ExpOp> {
  ConvertExpDouble(MLIRContext *context)
      : OpConversionPattern(context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(math::ExpOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (!op.getType().isF64())
      return rewriter.notifyMatchFailure(op, "is not f64");
    ThreadBuilder b(op.getLoc(), rewriter);
    Value log2e = createFloat(b, b.getF64Type(), llvm::numbers::log2e);
    Value x = arith::MulFOp::create(b, adaptor.getOperand(), log2e);
    rewriter.replaceOp(op, buildExp2Double(b, x));
    return success();
  }
};
} // namespace

void moa::tile::populateScalarMathPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<ConvertScalar<math::Exp2Op, buildExp2>,
               ConvertScalar<math::ExpOp, buildExp>,
               ConvertScalar<math::Log2Op, buildLog2>,
               ConvertScalar<math::LogOp, buildLog>,
               ConvertScalar<math::Log1pOp, buildLog1p>,
               ConvertScalar<math::SqrtOp, buildSqrt>,
               ConvertScalar<math::RsqrtOp, buildRsqrt>,
               ConvertScalar<arith::DivFOp, buildDiv>, ConvertExp2Double,
               ConvertExpDouble>(context);
  patterns.add<ConvertAngle<math::SinOp>>(context,
                                          "llvm.nvvm.sin.approx.ftz.f");
  patterns.add<ConvertAngle<math::CosOp>>(context,
                                          "llvm.nvvm.cos.approx.ftz.f");
}

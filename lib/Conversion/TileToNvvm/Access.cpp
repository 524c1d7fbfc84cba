//===- Access.cpp - Conditional loads and stores --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Access.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moa::tile;

namespace {
/// How a value is passed to inline assembly: as `count` registers of `bits`.
struct Registers {
  int64_t count, bits;

  explicit Registers(Type type) {
    int64_t elements = 1;
    Type element = type;
    if (auto vector = dyn_cast<VectorType>(type)) {
      elements = vector.getNumElements();
      element = vector.getElementType();
    }
    int64_t total = elements * element.getIntOrFloatBitWidth();
    bits = std::min<int64_t>(
        total, element.isInteger(64) || element.isF64() ? 64 : 32);
    count = total / bits;
  }

  /// Whether each register holds one of the elements of `type`, a vector.
  bool holdElements(Type type) const {
    return cast<VectorType>(type).getNumElements() == count;
  }
  StringRef getConstraint() const {
    return bits == 64 ? "l" : bits == 32 ? "r" : "h";
  }
  /// ".v2.b32" and the like.
  std::string getSuffix() const {
    std::string width = bits == 8 ? ".u8" : llvm::formatv(".b{0}", bits).str();
    return count == 1 ? width : llvm::formatv(".v{0}{1}", count, width).str();
  }
  /// The operands from `first` on, as a vector if there are several.
  std::string getOperands(int64_t first) const {
    auto names = llvm::map_to_vector(
        llvm::seq(first, first + count),
        [](int64_t number) { return llvm::formatv("${0}", number).str(); });
    std::string list = llvm::join(names, ", ");
    return count == 1 ? list : "{" + list + "}";
  }
  Type getType(MLIRContext *context) const {
    // There is no 8-bit register.
    auto single = IntegerType::get(context, std::max<int64_t>(bits, 16));
    if (count == 1)
      return single;
    return LLVM::LLVMStructType::getLiteral(context,
                                            SmallVector<Type>(count, single));
  }
};
} // namespace

namespace {
/// An address as assembly says it: a register and a constant, which an
/// instruction adds for nothing. LLVM does so for its own accesses.
struct Address {
  Value base;
  int64_t bytes = 0;

  explicit Address(Value address) : base(address) {
    while (auto step = base.getDefiningOp<LLVM::GEPOp>()) {
      std::optional<int64_t> moved = getConstantStep(step);
      if (!moved || !llvm::isInt<24>(bytes + *moved))
        break;
      bytes += *moved;
      base = step.getBase();
    }
  }

  /// "[$2+64]", where the register is operand 2.
  std::string getText(int64_t operand) const {
    return llvm::formatv("[${0}{1}]", operand,
                         bytes ? "+" + std::to_string(bytes) : "");
  }

private:
  /// How many bytes `step` adds, if that is a constant.
  static std::optional<int64_t> getConstantStep(LLVM::GEPOp step) {
    Type element = step.getElemType();
    if (step.getIndices().size() != 1 || !element.isIntOrFloat())
      return std::nullopt;
    auto index = step.getIndices()[0];
    APInt number;
    if (auto constant = dyn_cast<IntegerAttr>(index))
      number = constant.getValue();
    else if (!matchPattern(cast<Value>(index), m_ConstantInt(&number)))
      return std::nullopt;
    // An i1 has a byte.
    return number.getSExtValue() *
           llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  }
};
} // namespace

static Value createAsm(ThreadBuilder &b, Type result, ValueRange operands,
                       const Twine &text, const Twine &constraints,
                       bool sideEffects) {
  auto op = LLVM::InlineAsmOp::create(
      b, result ? TypeRange(result) : TypeRange(), operands, text.str(),
      constraints.str(), sideEffects, /*is_align_stack=*/false,
      LLVM::tailcallkind::TailCallKind::None, LLVM::AsmDialectAttr(),
      /*operand_attrs=*/ArrayAttr());
  return result ? op.getRes() : Value();
}

/// Take a value from the registers that assembly returned.
static Value fromRegisters(ThreadBuilder &b, Value value, Type type,
                           Registers registers) {
  if (registers.bits == 8)
    return arith::TruncIOp::create(b, type, value);
  if (registers.count == 1)
    return b.bitcast(value, type);
  SmallVector<Value> words = b.unpack(value);
  if (!registers.holdElements(type))
    return b.bitcast(b.toVector(words), type);
  for (Value &word : words)
    word = b.bitcast(word, cast<VectorType>(type).getElementType());
  return b.toVector(words);
}

/// The words that assembly takes a value in.
static SmallVector<Value> toRegisters(ThreadBuilder &b, Value value,
                                      Registers registers) {
  Type word = b.getIntegerType(registers.bits);
  if (registers.count == 1)
    return {b.bitcast(value, word)};
  if (!registers.holdElements(value.getType()))
    return b.toScalars(
        b.bitcast(value, VectorType::get({registers.count}, word)));
  SmallVector<Value> words = b.toScalars(value);
  for (Value &scalar : words)
    scalar = b.bitcast(scalar, word);
  return words;
}

Value moa::tile::loadGlobal(ThreadBuilder &b, Value address, Type type,
                            Value condition, bool readOnly) {
  // An i1 has a byte of memory.
  if (type.isInteger(1)) {
    Value byte = loadGlobal(b, address, b.getI8Type(), condition, readOnly);
    return arith::TruncIOp::create(b, type, byte);
  }
  if (!condition)
    return b.load(address, type, readOnly);
  Registers registers(type);
  std::string zeros;
  for (int64_t i : llvm::seq(registers.count))
    zeros += llvm::formatv("mov.b{0} ${1}, 0; ",
                           std::max<int64_t>(registers.bits, 16), i);
  Address from(address);
  std::string text = llvm::formatv(
      "{0}@${1} ld.global{2}{3} {4}, {5};", zeros, registers.count + 1,
      readOnly ? ".nc" : "", registers.getSuffix(), registers.getOperands(0),
      from.getText(registers.count));
  std::string constraints;
  for ([[maybe_unused]] int64_t i : llvm::seq(registers.count))
    constraints += llvm::formatv("=&{0},", registers.getConstraint());
  constraints += readOnly ? "l,b" : "l,b,~{memory}";
  Value loaded = createAsm(b, registers.getType(b.getContext()),
                           {from.base, condition}, text, constraints,
                           /*sideEffects=*/!readOnly);
  return fromRegisters(b, loaded, type, registers);
}

void moa::tile::storeGlobal(ThreadBuilder &b, Value value, Value address,
                            Value condition) {
  if (value.getType().isInteger(1))
    value = arith::ExtUIOp::create(b, b.getI8Type(), value);
  Type type = value.getType();
  Registers registers(type);
  if (!condition) {
    LLVM::StoreOp::create(b, value, address,
                          registers.count * registers.bits / 8);
    return;
  }
  SmallVector<Value> operands;
  if (registers.bits == 8)
    operands.push_back(arith::ExtUIOp::create(b, b.getI16Type(), value));
  else
    operands = toRegisters(b, value, registers);
  Address to(address);
  operands.push_back(to.base);
  operands.push_back(condition);
  std::string text =
      llvm::formatv("@${0} st.global{1} {2}, {3};", registers.count + 1,
                    registers.getSuffix(), to.getText(registers.count),
                    registers.getOperands(0));
  std::string constraints;
  for ([[maybe_unused]] int64_t i : llvm::seq(registers.count))
    constraints += llvm::formatv("{0},", registers.getConstraint());
  createAsm(b, /*result=*/{}, operands, text, constraints + "l,b,~{memory}",
            /*sideEffects=*/true);
}

void moa::tile::addGlobal(ThreadBuilder &b, Value value, Value address,
                          Value condition) {
  if (!condition)
    condition = arith::ConstantOp::create(b, b.getBoolAttr(true));
  Address to(address);
  createAsm(b, /*result=*/{}, {value, to.base, condition},
            "@$2 red.global.add.f32 " + to.getText(1) + ", $0;",
            "f,l,b,~{memory}", /*sideEffects=*/true);
}

void moa::tile::copyAsync(ThreadBuilder &b, Value shared, Value global,
                          int64_t bytes, Value valid, Value when) {
  // Pieces of 16 bytes pass by the first-level cache, smaller ones cannot.
  auto cache = bytes == 16 ? NVVM::LoadCacheModifierKind::CG
                           : NVVM::LoadCacheModifierKind::CA;
  if (!when) {
    NVVM::CpAsyncOp::create(b, shared, global, bytes, cache, valid);
    return;
  }
  Address to(shared), from(global);
  SmallVector<Value> operands = {when, to.base, from.base};
  std::string constraints = "b,l,l,";
  if (valid) {
    operands.push_back(valid);
    constraints += "r,";
  }
  std::string text =
      llvm::formatv("@$0 cp.async.{0}.shared.global {1}, {2}, {3}{4};",
                    bytes == 16 ? "cg" : "ca", to.getText(1), from.getText(2),
                    bytes, valid ? ", $3" : "");
  createAsm(b, /*result=*/{}, operands, text, constraints + "~{memory}",
            /*sideEffects=*/true);
}

//===- MoaOpBase.td - Types and base classes of the ops ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOAOPBASE_TD
#define MOA_IR_MOAOPBASE_TD

include "moa/IR/MoaAttributes.td"
include "moa/IR/MoaDialect.td"
include "moa/IR/MoaInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"

// A tensor; or a buffer, once the op is bufferized. Results are tensors: an op on
// buffers has none.
class Moa_ShapedOf<list<Type> elements, int rank>
    : AnyTypeOf<[TensorRankOf<elements, [rank]>, MemRefRankOf<elements, [rank]>],
                "", "::mlir::ShapedType"> {
  Type tensor = TensorRankOf<elements, [rank]>;
}

// Activations and weights: f32, f16, bf16 or f64.
def Moa_Element : AnyTypeOf<[F32, F16, BF16, F64]>;
def Moa_Weights2 : Moa_ShapedOf<[Moa_Element], 2>;
def Moa_Weights3 : Moa_ShapedOf<[Moa_Element], 3>;
def Moa_Vector : Moa_ShapedOf<[Moa_Element], 1>;
def Moa_Rows : Moa_ShapedOf<[Moa_Element], 2>;
def Moa_Heads : Moa_ShapedOf<[Moa_Element], 4>;
def Moa_Sequence : Moa_ShapedOf<[Moa_Element], 3>;
def Moa_F32Scalar : Moa_ShapedOf<[F32], 0>;
def Moa_F32Vector : Moa_ShapedOf<[F32], 1>;
def Moa_F32Matrix : Moa_ShapedOf<[F32], 2>;
def Moa_F32Rows3 : Moa_ShapedOf<[F32], 3>;
def Moa_I32Vector : Moa_ShapedOf<[I32], 1>;
def Moa_I32Matrix : Moa_ShapedOf<[I32], 2>;
def Moa_I1Vector : Moa_ShapedOf<[I1], 1>;
def Moa_I1Matrix : Moa_ShapedOf<[I1], 2>;
def Moa_I1Mask : Moa_ShapedOf<[I1], 3>;

class Moa_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moa_Dialect, mnemonic, [
        DeclareOpInterfaceMethods<Moa_SizedOpInterface>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>] # traits> {
  // The operands that cannot be absent, each as {number among the operands, name}.
  list<int> operandPositions = !filter(position, !range(!size(arguments)),
      !isa<TypeConstraint>(!getdagarg<Constraint>(arguments, position)));
  list<int> requiredOperands = !filter(operand, !range(!size(operandPositions)),
      !and(!not(!isa<Optional>(
               !getdagarg<Constraint>(arguments, operandPositions[operand]))),
           !not(!isa<Variadic>(
               !getdagarg<Constraint>(arguments, operandPositions[operand])))));
  string requiredOperandList = !interleave(
      !foreach(operand, requiredOperands, "{" # operand # ", \""
          # !getdagname(arguments, operandPositions[operand]) # "\"}"), ", ");

  let extraClassDefinition = [{
    ::llvm::StringRef $cppClass::findMiscountedOperand() {
      static constexpr std::pair<unsigned, ::llvm::StringLiteral> required[] = {
          }] # requiredOperandList # [{};
      for (auto [operand, name] : required)
        if (getODSOperandIndexAndLength(operand).second != 1)
          return name;
      return "";
    }
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::MemoryEffects::EffectInstance>
            &effects) {
      ::moa::listEffects(getOperation(), effects);
    }
    ::mlir::Speculation::Speculatability $cppClass::getSpeculatability() {
      return ::moa::getSpeculatability(getOperation());
    }
  }];
}

// An op whose result types follow from its operands and attributes. On buffers
// it writes to `outs`, which there is one of for each result on tensors.
class Moa_InferredOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [Moa_BufferOpInterface, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]> {
  code inferredDeclaration = [{
    /// On buffers there are no results to compare.
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred,
                                        ::mlir::TypeRange types) {
      return types.empty() || inferred == types;
    }
  }];
  let extraClassDeclaration = inferredDeclaration;
}

// How an op is cut into tiles: see lib/IR/Slicer.h.
class Moa_Tiling<list<string> more = []>
    : DeclareOpInterfaceMethods<TilingInterface, ["getLoopIteratorTypes",
        "getIterationDomain", "getTiledImplementation",
        "getResultTilePosition"] # more>;

// An op that writes into destinations, as `linalg` ops do.
class Moa_DestinationOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [Moa_BufferOpInterface,
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]> {
  code destinationDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
  // For an op that writes every element of its destinations, whatever was there.
  code overwritesDeclaration = [{
    bool readsDestinations() { return false; }
  }];
}

#endif // MOA_IR_MOAOPBASE_TD

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
include "mlir/IR/OpBase.td"

// Activations and weights: f32, f16, bf16 or f64.
def Moa_Element : AnyTypeOf<[F32, F16, BF16, F64]>;
def Moa_Weights2 : TensorRankOf<[Moa_Element], [2]>;
def Moa_Weights3 : TensorRankOf<[Moa_Element], [3]>;
def Moa_Vector : TensorRankOf<[Moa_Element], [1]>;
def Moa_Rows : TensorRankOf<[Moa_Element], [2]>;
def Moa_Heads : TensorRankOf<[Moa_Element], [4]>;
def Moa_Sequence : TensorRankOf<[Moa_Element], [3]>;
def Moa_F32Scalar : TensorRankOf<[F32], [0]>;
def Moa_F32Vector : TensorRankOf<[F32], [1]>;
def Moa_F32Matrix : TensorRankOf<[F32], [2]>;
def Moa_F32Rows3 : TensorRankOf<[F32], [3]>;
def Moa_I32Vector : TensorRankOf<[I32], [1]>;
def Moa_I32Matrix : TensorRankOf<[I32], [2]>;
def Moa_I1Vector : TensorRankOf<[I1], [1]>;
def Moa_I1Matrix : TensorRankOf<[I1], [2]>;
def Moa_I1Mask : TensorRankOf<[I1], [3]>;

class Moa_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moa_Dialect, mnemonic, [Pure,
        DeclareOpInterfaceMethods<Moa_SizedOpInterface>] # traits>;

// An op whose result types follow from its operands and attributes.
class Moa_InferredOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]>;

// How an op is cut into tiles: see lib/IR/Slicer.h.
class Moa_Tiling<list<string> more = []>
    : DeclareOpInterfaceMethods<TilingInterface, ["getLoopIteratorTypes",
        "getIterationDomain", "getTiledImplementation",
        "getResultTilePosition"] # more>;

// An op that writes into destinations, as `linalg` ops do.
class Moa_DestinationOp<string mnemonic, list<Trait> traits = []>
    : Moa_Op<mnemonic, traits # [DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
            ["reifyResultShapes"]>]> {
  code destinationDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
  }];
}

#endif // MOA_IR_MOAOPBASE_TD

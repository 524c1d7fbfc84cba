//===- MoaInterfaces.td - Interfaces of the moa ops --------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOAINTERFACES_TD
#define MOA_IR_MOAINTERFACES_TD

include "mlir/IR/OpBase.td"

def Moa_SizedOpInterface : OpInterface<"SizedOpInterface"> {
  let cppNamespace = "::moa";
  let description = [{
    An op that can list what its operands' dimensions stand for. One list
    serves the verifier, which compares the static sizes, and the run-time
    checks, which compare the rest: both with the same words.

    The verifier of the interface is the whole verifier of a moa op: first
    `verifyOperands`, then the sizes. It is the first trait of every op, so that
    its messages come before those about the types of the results, which follow
    from the sizes.
  }];
  let methods = [
    InterfaceMethod<"Append every dimension whose size the op relies on.",
      "void", "listSizes", (ins "::moa::SizeList &":$sizes)>,
    InterfaceMethod<[{
        Verify what sizes cannot say: attributes, element types, operands that
        need or exclude each other. Attributes that `listSizes` uses as factors
        are checked here, before the sizes are listed.
      }],
      "::llvm::LogicalResult", "verifyOperands">,
    InterfaceMethod<[{
        The name of an operand that must be there once and is not; empty where
        there is none. Before this was asked, no operand may be read.
      }],
      "::llvm::StringRef", "findMiscountedOperand">
  ];
  let verify = [{ return ::moa::verifySizedOp($_op); }];
}

def Moa_BufferOpInterface : OpInterface<"BufferOpInterface"> {
  let cppNamespace = "::moa";
  let description = [{
    An op on tensors that is also an op on buffers. On tensors it has results and
    no effects. On buffers (memrefs) it has no results, reads its operands, and
    writes what would be its results to its destinations, which nothing else that
    it reads overlaps. The dialect's description says what this looks like.
  }];
  let methods = [
    InterfaceMethod<[{
        The operands that take the results: the inits of an op in destination
        style; else `outs`, of which there are none on tensors.
      }],
      "::mlir::MutableOperandRange", "getDestinationsMutable", (ins), "", [{
        if constexpr (ConcreteOp::template hasTrait<
                          ::mlir::DestinationStyleOpInterface::Trait>())
          return $_op.getDpsInitsMutable();
        else
          return $_op.getOutsMutable();
      }]>,
    InterfaceMethod<[{
        Whether a result depends on what its destination held before.
      }],
      "bool", "readsDestinations", (ins), "", [{
        return ConcreteOp::template hasTrait<
            ::mlir::DestinationStyleOpInterface::Trait>();
      }]>
  ];
}

#endif // MOA_IR_MOAINTERFACES_TD

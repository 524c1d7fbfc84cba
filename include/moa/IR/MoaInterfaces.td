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
  }];
  let methods = [
    InterfaceMethod<"Append every dimension whose size the op relies on.",
      "void", "listSizes", (ins "::moa::SizeList &":$sizes)>
  ];
  let verify = [{ return ::moa::verifySizes($_op); }];
}

#endif // MOA_IR_MOAINTERFACES_TD

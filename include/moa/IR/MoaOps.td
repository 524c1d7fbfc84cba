//===- MoaOps.td - Operations of the moa dialect -----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOAOPS_TD
#define MOA_IR_MOAOPS_TD

include "moa/IR/AttentionOps.td"
include "moa/IR/LayerOp.td"
include "moa/IR/ProductOps.td"
include "moa/IR/RoutingOps.td"

#endif // MOA_IR_MOAOPS_TD

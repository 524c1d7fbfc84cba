//===- MoaDialect.td - The moa dialect ---------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MOA_IR_MOADIALECT_TD
#define MOA_IR_MOADIALECT_TD

include "mlir/IR/OpBase.td"

def Moa_Dialect : Dialect {
  let name = "moa";
  let cppNamespace = "::moa";
  let summary = "Mixture-of-attention layers and the primitives they consist of";
  let description = [{
    A mixture-of-attention layer lets a router pick, for each token, k of E
    experts. An expert is a group of attention heads with its own query and
    output projection; keys and values are shared by all experts.

    The layer exists at two levels. `moa.layer` is the whole layer as one op:
    what frontends emit. `moa-decompose` rewrites it into primitives (`moa.route`,
    `moa.dispatch`, `moa.grouped_matmul`, `moa.attention`, `moa.combine`, ...)
    and upstream `linalg`, and `convert-moa-to-linalg` rewrites those into upstream
    dialects alone.

    Ops are on tensors, and after bufferization (`one-shot-bufferize`) on buffers:
    on memrefs an op has no results, reads its operands, and writes what would be
    its results to the buffers that `into` names. An op that has inits on tensors
    has them there; any other gets an `into` that it does not have on tensors:

    ```mlir
    %offsets, %permutation = moa.dispatch %indices experts(6)
        : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
    moa.dispatch %chosen experts(6) into(%starts, %slots)
        : (memref<66x2xi32>, memref<7xi32>, memref<132xi32>) -> ()
    ```

    What `into` names overlaps no other operand. `moa.layer` is on tensors only.

    On tensors ops have no side effects and may be moved, also to where they are
    computed though nobody needs them: what an op asks of sizes and of indices holds
    wherever it stands.

    Symbols, used by every op's documentation:

    | symbol | meaning |
    |---|---|
    | B, T, S | batch, query length, key length |
    | N | tokens, B * T |
    | D | width of the model |
    | E, k | experts, experts selected per token |
    | H, d | query heads per expert, width of a head |
    | Hkv | key/value heads, shared by all experts |
    | slot | one (token, j) pair, 0 <= j < k; its id is token * k + j |

    The attribute `moa.name`, a string, of an argument or a result of a function
    is the name by which tools find its value.

    Source: Zhang et al., *Mixture of Attention Heads: Selecting Attention Heads
    Per Token*, EMNLP 2022, arXiv:2210.05144.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

#endif // MOA_IR_MOADIALECT_TD

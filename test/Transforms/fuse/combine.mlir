// RUN: moa-opt %s --moa-fuse=unordered-combine --split-input-file --verify-diagnostics \
// RUN:   --remarks-filter-missed=moa-fuse --remark-format=emitRemark | FileCheck %s
// RUN: moa-opt %s --moa-fuse --split-input-file | FileCheck %s --check-prefix=ORDERED --implicit-check-not=unordered

// By default slots are stored and summed in their order.
// ORDERED: moa.combine

// CHECK-LABEL: func.func @zeros(
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[INIT:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%arg6 : tensor<66x48xf32>)
// CHECK: %[[Y:.*]] = moa.grouped_matmul slot(%arg0), %arg1 groups(%arg2, %arg3) top_k(2) gates(%arg4) into unordered token(%[[INIT]])
// CHECK: return %[[Y]]
func.func @zeros(%o: tensor<132x16xf32>, %wo: tensor<6x16x48xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>, %rows: tensor<132x48xf32>, %init: tensor<66x48xf32>)
    -> tensor<66x48xf32> {
  %s = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xf32>, tensor<6x16x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  %y = moa.combine %s, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// The sum starts from the residual; skipped tokens are those of the routing.
// CHECK-LABEL: func.func @residual(
// CHECK: %[[OFFSETS:.*]], %[[PERMUTATION:.*]] = moa.dispatch
// CHECK: moa.grouped_matmul slot(%arg0), %arg1 groups(%[[OFFSETS]], %[[PERMUTATION]]) top_k(2) gates(%{{.*}}) into unordered token(%arg4)
// CHECK-NOT: moa.combine
func.func @residual(%o: tensor<132x16xf32>, %wo: tensor<6x16x48xf32>,
    %logits: tensor<66x6xf32>, %skip: tensor<66xi1>, %x: tensor<66x48xf32>,
    %rows: tensor<132x48xf32>, %init: tensor<66x48xf32>) -> tensor<66x48xf32> {
  // expected-remark@below {{the logits are not computed by moa.matmul}}
  %indices, %gates = moa.route %logits skip(%skip) top_k(2)
      gate(<activation = softmax, order = activation_then_topk>)
      : (tensor<66x6xf32>, tensor<66xi1>) -> (tensor<66x2xi32>, tensor<66x2xf32>)
  %offsets, %permutation = moa.dispatch %indices experts(6)
      : (tensor<66x2xi32>) -> (tensor<7xi32>, tensor<132xi32>)
  %s = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xf32>, tensor<6x16x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  %y = moa.combine %s, %gates skip(%skip) residual(%x) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66xi1>, tensor<66x48xf32>,
         tensor<66x48xf32>) -> tensor<66x48xf32>
  return %y : tensor<66x48xf32>
}

// -----

// CHECK-LABEL: func.func @refused(
// CHECK-COUNT-7: moa.combine
func.func @refused(%o: tensor<132x16xbf16>, %wo: tensor<6x16x48xbf16>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>, %rows: tensor<132x48xf32>, %init: tensor<66x48xf32>,
    %narrow: tensor<66x48xbf16>, %bias: tensor<48xf32>, %skip: tensor<66xi1>)
    -> (tensor<66x48xf32>, tensor<66x48xf32>, tensor<66x48xf32>,
        tensor<66x48xf32>, tensor<66x48xbf16>, tensor<66x48xf32>,
        tensor<66x48xf32>) {
  // expected-remark@below {{the slots are not computed by moa.grouped_matmul in slot order}}
  %y0 = moa.combine %rows, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %s1 = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xbf16>, tensor<6x16x48xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  // expected-remark@below {{the slots are also read by others}}
  %y1 = moa.combine %s1, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  // expected-remark@below {{the slots are also read by others}}
  %y2 = moa.combine %s1, %gates bias(%bias) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %s3 = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      gates(%gates) into slot(%rows)
      : (tensor<132x16xbf16>, tensor<6x16x48xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<66x2xf32>, tensor<132x48xf32>)
      -> tensor<132x48xf32>
  // expected-remark@below {{the slots are gated or rotated before they are summed}}
  %y3 = moa.combine %s3, %gates into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %s4 = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xbf16>, tensor<6x16x48xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  // expected-remark@below {{the sum is rounded to fewer bits than it is added in}}
  %y4 = moa.combine %s4, %gates into(%narrow)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xbf16>)
      -> tensor<66x48xbf16>
  %s5 = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xbf16>, tensor<6x16x48xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  // expected-remark@below {{a bias is added to the sum}}
  %y5 = moa.combine %s5, %gates bias(%bias) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<48xf32>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  %s6 = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xbf16>, tensor<6x16x48xbf16>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  // expected-remark@below {{the skipped tokens are not known to be those of the routing}}
  %y6 = moa.combine %s6, %gates skip(%skip) into(%init)
      : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66xi1>, tensor<66x48xf32>)
      -> tensor<66x48xf32>
  return %y0, %y1, %y2, %y3, %y4, %y5, %y6
      : tensor<66x48xf32>, tensor<66x48xf32>, tensor<66x48xf32>,
        tensor<66x48xf32>, tensor<66x48xbf16>, tensor<66x48xf32>,
        tensor<66x48xf32>
}

// -----

// CHECK-LABEL: func.func @other_block(
// CHECK: scf.if
// CHECK: moa.combine
func.func @other_block(%o: tensor<132x16xf32>, %wo: tensor<6x16x48xf32>,
    %offsets: tensor<7xi32>, %permutation: tensor<132xi32>,
    %gates: tensor<66x2xf32>, %rows: tensor<132x48xf32>, %init: tensor<66x48xf32>,
    %sums: i1) -> tensor<66x48xf32> {
  %s = moa.grouped_matmul slot(%o), %wo groups(%offsets, %permutation)
      into slot(%rows)
      : (tensor<132x16xf32>, tensor<6x16x48xf32>, tensor<7xi32>,
         tensor<132xi32>, tensor<132x48xf32>) -> tensor<132x48xf32>
  %r = scf.if %sums -> tensor<66x48xf32> {
    // expected-remark@below {{the slots are computed in another block}}
    %y = moa.combine %s, %gates into(%init)
        : (tensor<132x48xf32>, tensor<66x2xf32>, tensor<66x48xf32>)
        -> tensor<66x48xf32>
    scf.yield %y : tensor<66x48xf32>
  } else {
    scf.yield %init : tensor<66x48xf32>
  }
  return %r : tensor<66x48xf32>
}

// SwitchHead (Csordas et al., arXiv:2312.07987): every attention head h has E
// experts for its value projection and E for its output projection. Queries and
// keys are dense. The two choices of a token are independent, each with a
// router of its own, and the gates do not compete: sigmoid, not normalised.
//
//   v[s,h]  = sum_j gv[s,h,j] x[s] Wv[h, ev[s,h,j]]        over the k chosen
//   o[t,h]  = softmax(q[t,h] k[s,h] / sqrt(d)) v[s,h]      causal
//   y[t]    = sum_h sum_j go[t,h,j] o[t,h] Wo[h, eo[t,h,j]]
//
// Here B = 2, T = 7, D = 16, H = 2 heads of d = 8, E = 4, k = 2. Expert e of
// head h is number h * E + e of H * E, so that one dispatch sorts the slots of
// all heads.

// From [N*H,k] experts of each head to [N,H*k] numbers among all heads'.
func.func private @across_heads(%indices: tensor<28x2xi32>) -> tensor<14x4xi32> {
  %split = tensor.expand_shape %indices [[0, 1], [2]] output_shape [14, 2, 2]
      : tensor<28x2xi32> into tensor<14x2x2xi32>
  %empty = tensor.empty() : tensor<14x2x2xi32>
  %numbers = linalg.generic {
      indexing_maps = [affine_map<(t, h, j) -> (t, h, j)>,
                       affine_map<(t, h, j) -> (t, h, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%split : tensor<14x2x2xi32>) outs(%empty : tensor<14x2x2xi32>) {
  ^bb0(%expert: i32, %unused: i32):
    %experts = arith.constant 4 : i32
    %head = linalg.index 1 : index
    %head_i32 = arith.index_cast %head : index to i32
    %first = arith.muli %head_i32, %experts : i32
    %number = arith.addi %first, %expert : i32
    linalg.yield %number : i32
  } -> tensor<14x2x2xi32>
  %joined = tensor.collapse_shape %numbers [[0], [1, 2]]
      : tensor<14x2x2xi32> into tensor<14x4xi32>
  return %joined : tensor<14x4xi32>
}

// x [N,D] times a dense matrix [D,H*d], as [B,T,H,d].
func.func private @heads(%x: tensor<14x16xf32>, %w: tensor<16x16xf32>)
    -> tensor<2x7x2x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<14x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<14x16xf32>)
      -> tensor<14x16xf32>
  %product = linalg.matmul
      ins(%x, %w : tensor<14x16xf32>, tensor<16x16xf32>)
      outs(%init : tensor<14x16xf32>) -> tensor<14x16xf32>
  %heads = tensor.expand_shape %product [[0, 1], [2, 3]]
      output_shape [2, 7, 2, 8]
      : tensor<14x16xf32> into tensor<2x7x2x8xf32>
  return %heads : tensor<2x7x2x8xf32>
}

// The experts and gates of every head of every token: [N*H,k].
func.func private @choose(%x: tensor<14x16xf32>, %router: tensor<16x8xf32>)
    -> (tensor<28x2xi32>, tensor<28x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<14x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<14x8xf32>)
      -> tensor<14x8xf32>
  %product = linalg.matmul
      ins(%x, %router : tensor<14x16xf32>, tensor<16x8xf32>)
      outs(%init : tensor<14x8xf32>) -> tensor<14x8xf32>
  %split = tensor.expand_shape %product [[0], [1, 2]] output_shape [14, 2, 4]
      : tensor<14x8xf32> into tensor<14x2x4xf32>
  %logits = tensor.collapse_shape %split [[0, 1], [2]]
      : tensor<14x2x4xf32> into tensor<28x4xf32>
  %indices, %gates = moa.route %logits top_k(2)
      gate(<activation = sigmoid, order = activation_then_topk>)
      : (tensor<28x4xf32>) -> (tensor<28x2xi32>, tensor<28x2xf32>)
  return %indices, %gates : tensor<28x2xi32>, tensor<28x2xf32>
}

func.func @switchhead(
    %x: tensor<2x7x16xf32> {moa.name = "x"},
    %value_router: tensor<16x8xf32> {moa.name = "value_router"},
    %output_router: tensor<16x8xf32> {moa.name = "output_router"},
    %wq: tensor<16x16xf32> {moa.name = "wq"},
    %wk: tensor<16x16xf32> {moa.name = "wk"},
    %wv: tensor<8x16x8xf32> {moa.name = "wv"},
    %wo: tensor<8x8x16xf32> {moa.name = "wo"})
    -> (tensor<2x7x16xf32> {moa.name = "y"}) {
  %zero = arith.constant 0.0 : f32
  %tokens = tensor.collapse_shape %x [[0, 1], [2]]
      : tensor<2x7x16xf32> into tensor<14x16xf32>

  // Values: a token has H*k = 4 slots, k of them for each head; the k of a head
  // are summed.
  %value_experts, %value_gates = func.call @choose(%tokens, %value_router)
      : (tensor<14x16xf32>, tensor<16x8xf32>)
      -> (tensor<28x2xi32>, tensor<28x2xf32>)
  %value_numbers = func.call @across_heads(%value_experts)
      : (tensor<28x2xi32>) -> tensor<14x4xi32>
  %vo, %vp = moa.dispatch %value_numbers experts(8)
      : (tensor<14x4xi32>) -> (tensor<9xi32>, tensor<56xi32>)
  %value_empty = tensor.empty() : tensor<56x8xf32>
  %value_slots = moa.grouped_matmul token(%tokens), %wv groups(%vo, %vp)
      top_k(4) into slot(%value_empty)
      : (tensor<14x16xf32>, tensor<8x16x8xf32>, tensor<9xi32>, tensor<56xi32>,
         tensor<56x8xf32>) -> tensor<56x8xf32>
  %value_init = tensor.empty() : tensor<28x8xf32>
  %value_rows = moa.combine %value_slots, %value_gates into(%value_init)
      : (tensor<56x8xf32>, tensor<28x2xf32>, tensor<28x8xf32>)
      -> tensor<28x8xf32>
  %v = tensor.expand_shape %value_rows [[0, 1, 2], [3]]
      output_shape [2, 7, 2, 8]
      : tensor<28x8xf32> into tensor<2x7x2x8xf32>

  // Queries and keys are dense; head h reads key/value head h.
  %q = func.call @heads(%tokens, %wq)
      : (tensor<14x16xf32>, tensor<16x16xf32>) -> tensor<2x7x2x8xf32>
  %k = func.call @heads(%tokens, %wk)
      : (tensor<14x16xf32>, tensor<16x16xf32>) -> tensor<2x7x2x8xf32>
  %attention_init = tensor.empty() : tensor<2x7x2x8xf32>
  %o = moa.attention %q, %k, %v heads(2) causal into(%attention_init)
      : (tensor<2x7x2x8xf32>, tensor<2x7x2x8xf32>, tensor<2x7x2x8xf32>,
         tensor<2x7x2x8xf32>) -> tensor<2x7x2x8xf32>

  // Output: row t*H + h goes to the k experts of its head; all H*k slots of a
  // token are summed.
  %output_experts, %output_gates = func.call @choose(%tokens, %output_router)
      : (tensor<14x16xf32>, tensor<16x8xf32>)
      -> (tensor<28x2xi32>, tensor<28x2xf32>)
  %output_numbers = func.call @across_heads(%output_experts)
      : (tensor<28x2xi32>) -> tensor<14x4xi32>
  %oo, %op = moa.dispatch %output_numbers experts(8)
      : (tensor<14x4xi32>) -> (tensor<9xi32>, tensor<56xi32>)
  %rows = tensor.collapse_shape %o [[0, 1, 2], [3]]
      : tensor<2x7x2x8xf32> into tensor<28x8xf32>
  %output_empty = tensor.empty() : tensor<56x16xf32>
  %output_slots = moa.grouped_matmul token(%rows), %wo groups(%oo, %op)
      top_k(2) into slot(%output_empty)
      : (tensor<28x8xf32>, tensor<8x8x16xf32>, tensor<9xi32>, tensor<56xi32>,
         tensor<56x16xf32>) -> tensor<56x16xf32>
  %gates_split = tensor.expand_shape %output_gates [[0, 1], [2]]
      output_shape [14, 2, 2] : tensor<28x2xf32> into tensor<14x2x2xf32>
  %gates = tensor.collapse_shape %gates_split [[0], [1, 2]]
      : tensor<14x2x2xf32> into tensor<14x4xf32>
  %y_init = tensor.empty() : tensor<14x16xf32>
  %y_rows = moa.combine %output_slots, %gates into(%y_init)
      : (tensor<56x16xf32>, tensor<14x4xf32>, tensor<14x16xf32>)
      -> tensor<14x16xf32>
  %y = tensor.expand_shape %y_rows [[0, 1], [2]] output_shape [2, 7, 16]
      : tensor<14x16xf32> into tensor<2x7x16xf32>
  return %y : tensor<2x7x16xf32>
}

// Attention with what hides keys, for any sizes; results are o and lse.

!heads = tensor<?x?x?x?xf32>
!rows = tensor<?x?x?xf32>

func.func private @empty(%q: !heads) -> (!heads, !rows) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %q, %c0 : !heads
  %t = tensor.dim %q, %c1 : !heads
  %h = tensor.dim %q, %c2 : !heads
  %d = tensor.dim %q, %c3 : !heads
  %o = tensor.empty(%b, %t, %h, %d) : !heads
  %lse = tensor.empty(%b, %t, %h) : !rows
  return %o, %lse : !heads, !rows
}

func.func @plain(%q: !heads {moa.name = "q"}, %k: tensor<?x?x1x?xf32> {moa.name = "k"},
                 %v: tensor<?x?x1x?xf32> {moa.name = "v"})
    -> (!heads {moa.name = "o"}, !rows {moa.name = "lse"}) {
  %init, %lse_init = call @empty(%q) : (!heads) -> (!heads, !rows)
  %o, %lse = moa.attention %q, %k, %v into(%init, %lse_init)
      : (!heads, tensor<?x?x1x?xf32>, tensor<?x?x1x?xf32>, !heads, !rows)
      -> (!heads, !rows)
  return %o, %lse : !heads, !rows
}

// Later queries see more keys; the window leaves whole tiles unseen.
func.func @causal(%q: !heads {moa.name = "q"}, %k: tensor<?x?x2x?xf32> {moa.name = "k"},
                  %v: tensor<?x?x2x?xf32> {moa.name = "v"})
    -> (!heads {moa.name = "o"}, !rows {moa.name = "lse"}) {
  %position = arith.constant 130 : index
  %init, %lse_init = call @empty(%q) : (!heads) -> (!heads, !rows)
  %o, %lse = moa.attention %q, %k, %v heads(4) position(%position) causal
      window(141) into(%init, %lse_init)
      : (!heads, tensor<?x?x2x?xf32>, tensor<?x?x2x?xf32>, index, !heads, !rows)
      -> (!heads, !rows)
  return %o, %lse : !heads, !rows
}

func.func @masks(%q: !heads {moa.name = "q"}, %k: tensor<?x?x2x?xf32> {moa.name = "k"},
                 %v: tensor<?x?x2x?xf32> {moa.name = "v"},
                 %lengths: tensor<?xi32> {moa.name = "lengths"},
                 %boolean: tensor<?x?x?xi1> {moa.name = "boolean"},
                 %additive: tensor<1x?x?xf32> {moa.name = "additive"})
    -> (!heads {moa.name = "o"}, !rows {moa.name = "lse"}) {
  %init, %lse_init = call @empty(%q) : (!heads) -> (!heads, !rows)
  %o, %lse = moa.attention %q, %k, %v heads(4) head_map(group) scale(0.5)
      lengths(%lengths) boolean_mask(%boolean) additive_mask(%additive)
      into(%init, %lse_init)
      : (!heads, tensor<?x?x2x?xf32>, tensor<?x?x2x?xf32>, tensor<?xi32>,
         tensor<?x?x?xi1>, tensor<1x?x?xf32>, !heads, !rows) -> (!heads, !rows)
  return %o, %lse : !heads, !rows
}

// Few rows: tasks have the key heads of a page, 5 here, and what is left.
func.func @pages(%q: tensor<2x1x14x200xf32> {moa.name = "q"},
                 %k: tensor<2x?x7x200xf32> {moa.name = "k"},
                 %v: tensor<2x?x7x200xf32> {moa.name = "v"},
                 %lengths: tensor<2xi32> {moa.name = "lengths"})
    -> (tensor<2x1x14x200xf32> {moa.name = "o"}) {
  %init = tensor.empty() : tensor<2x1x14x200xf32>
  %o = moa.attention %q, %k, %v heads(7) lengths(%lengths) into(%init)
      : (tensor<2x1x14x200xf32>, tensor<2x?x7x200xf32>, tensor<2x?x7x200xf32>,
         tensor<2xi32>, tensor<2x1x14x200xf32>) -> tensor<2x1x14x200xf32>
  return %o : tensor<2x1x14x200xf32>
}

// Attention to keys that are appended to a cache, for any sizes. What @whole
// returns it has side by side. To be inlined.

!heads = tensor<?x?x?x?xf32>
!keys = tensor<?x?x2x?xf32>

func.func private @append(%cache: !keys, %fresh: !keys) -> !keys {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %cache, %c0 : !keys
  %d = tensor.dim %cache, %c3 : !keys
  %front = tensor.dim %cache, %c1 : !keys
  %back = tensor.dim %fresh, %c1 : !keys
  %rows = arith.addi %front, %back : index
  %empty = tensor.empty(%b, %rows, %d) : !keys
  %0 = tensor.insert_slice %cache into %empty[0, 0, 0, 0] [%b, %front, 2, %d] [1, 1, 1, 1]
      : !keys into !keys
  %1 = tensor.insert_slice %fresh into %0[0, %front, 0, 0] [%b, %back, 2, %d] [1, 1, 1, 1]
      : !keys into !keys
  return %1 : !keys
}

func.func private @attend(%q: !heads, %k: !keys, %v: !keys, %position: index) -> !heads {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %q, %c0 : !heads
  %t = tensor.dim %q, %c1 : !heads
  %h = tensor.dim %q, %c2 : !heads
  %d = tensor.dim %q, %c3 : !heads
  %init = tensor.empty(%b, %t, %h, %d) : !heads
  %o = moa.attention %q, %k, %v heads(4) position(%position) causal into(%init)
      : (!heads, !keys, !keys, index, !heads) -> !heads
  return %o : !heads
}

func.func @parts(%q: !heads {moa.name = "q"},
                 %kc: !keys {moa.name = "kc"}, %k: !keys {moa.name = "k"},
                 %vc: !keys {moa.name = "vc"}, %v: !keys {moa.name = "v"})
    -> (!heads {moa.name = "o"}) {
  %c1 = arith.constant 1 : index
  %position = tensor.dim %kc, %c1 : !keys
  %keys = call @append(%kc, %k) : (!keys, !keys) -> !keys
  %values = call @append(%vc, %v) : (!keys, !keys) -> !keys
  %o = call @attend(%q, %keys, %values, %position) : (!heads, !keys, !keys, index) -> !heads
  return %o : !heads
}

func.func @whole(%q: !heads {moa.name = "q"},
                 %kc: !keys {moa.name = "kc"}, %k: !keys {moa.name = "k"},
                 %vc: !keys {moa.name = "vc"}, %v: !keys {moa.name = "v"})
    -> (!heads {moa.name = "o"}, !keys, !keys) {
  %c1 = arith.constant 1 : index
  %position = tensor.dim %kc, %c1 : !keys
  %keys = call @append(%kc, %k) : (!keys, !keys) -> !keys
  %values = call @append(%vc, %v) : (!keys, !keys) -> !keys
  %o = call @attend(%q, %keys, %values, %position) : (!heads, !keys, !keys, index) -> !heads
  return %o, %keys, %values : !heads, !keys, !keys
}

// Layers whose kernels ran out of registers: a prefill with rotary positions, of
// heads or of parts of them, rows of odd width, heads of an open length whose rows no
// power of two divides, all masks at once, and heads of f32 of odd widths.
// REQUIRES: ptxas
// RUN: moa-opt %s --moa-gpu-kernel-pipeline=chip=sm_80 \
// RUN:   | moa-translate --moa-to-ptx -o %t.ptx
// RUN: ptxas -v -arch=sm_80 %t.ptx -o %t.cubin 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=warning --implicit-check-not="{{[1-9][0-9]*}} bytes s"
// RUN: ptxas -v -arch=sm_86 %t.ptx -o %t.cubin 2>&1 \
// RUN:   | FileCheck %s --implicit-check-not=warning --implicit-check-not="{{[1-9][0-9]*}} bytes s"
// CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads

func.func @rotary(%x: tensor<1x512x2048xbf16>, %router: tensor<2048x8xbf16>,
                  %wq: tensor<8x2048x2048xbf16>, %wk: tensor<2048x2048xbf16>,
                  %wv: tensor<2048x2048xbf16>, %wo: tensor<8x2048x2048xbf16>)
    -> tensor<1x512x2048xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(16) kv_heads(16)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 128>) causal
      : (tensor<1x512x2048xbf16>, tensor<2048x8xbf16>, tensor<8x2048x2048xbf16>,
         tensor<2048x2048xbf16>, tensor<2048x2048xbf16>, tensor<8x2048x2048xbf16>)
      -> tensor<1x512x2048xbf16>
  return %y : tensor<1x512x2048xbf16>
}

func.func @rotary_100(%x: tensor<4x512x100xbf16>, %router: tensor<100x8xbf16>,
                      %wq: tensor<8x100x512xbf16>, %wk: tensor<100x512xbf16>,
                      %wv: tensor<100x512xbf16>, %wo: tensor<8x512x100xbf16>)
    -> tensor<4x512x100xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 128>) causal
      : (tensor<4x512x100xbf16>, tensor<100x8xbf16>, tensor<8x100x512xbf16>,
         tensor<100x512xbf16>, tensor<100x512xbf16>, tensor<8x512x100xbf16>)
      -> tensor<4x512x100xbf16>
  return %y : tensor<4x512x100xbf16>
}

// Rows of no whole number of pieces of 16 bytes.
func.func @rotary_228(%x: tensor<1x512x228xbf16>, %router: tensor<228x8xbf16>,
                      %wq: tensor<8x228x512xbf16>, %wk: tensor<228x512xbf16>,
                      %wv: tensor<228x512xbf16>, %wo: tensor<8x512x228xbf16>)
    -> tensor<1x512x228xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 128>) causal
      : (tensor<1x512x228xbf16>, tensor<228x8xbf16>, tensor<8x228x512xbf16>,
         tensor<228x512xbf16>, tensor<228x512xbf16>, tensor<8x512x228xbf16>)
      -> tensor<1x512x228xbf16>
  return %y : tensor<1x512x228xbf16>
}

// Half of each head is rotated; and an eighth, of which one of two blocks has all.
func.func @rotary_half(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                       %wq: tensor<8x512x512xbf16>, %wk: tensor<512x512xbf16>,
                       %wv: tensor<512x512xbf16>, %wo: tensor<8x512x512xbf16>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 64>) causal
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x512xbf16>, tensor<512x512xbf16>, tensor<8x512x512xbf16>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

func.func @rotary_eighth(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                         %wq: tensor<8x512x512xbf16>, %wk: tensor<512x256xbf16>,
                         %wv: tensor<512x256xbf16>, %wo: tensor<8x512x512xbf16>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(2) kv_heads(1)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 32>) causal
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x256xbf16>, tensor<512x256xbf16>, tensor<8x512x512xbf16>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

func.func @odd(%x: tensor<1x512x511xbf16>, %router: tensor<511x8xbf16>,
               %wq: tensor<8x511x512xbf16>, %wk: tensor<511x512xbf16>,
               %wv: tensor<511x512xbf16>, %wo: tensor<8x512x511xbf16>)
    -> tensor<1x512x511xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<1x512x511xbf16>, tensor<511x8xbf16>, tensor<8x511x512xbf16>,
         tensor<511x512xbf16>, tensor<511x512xbf16>, tensor<8x512x511xbf16>)
      -> tensor<1x512x511xbf16>
  return %y : tensor<1x512x511xbf16>
}

func.func @open(%x: tensor<?x?x512xbf16>, %router: tensor<512x8xbf16>,
                %wq: tensor<8x512x96xbf16>, %wk: tensor<512x96xbf16>,
                %wv: tensor<512x96xbf16>, %wo: tensor<8x96x512xbf16>)
    -> tensor<?x?x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      : (tensor<?x?x512xbf16>, tensor<512x8xbf16>, tensor<8x512x96xbf16>,
         tensor<512x96xbf16>, tensor<512x96xbf16>, tensor<8x96x512xbf16>)
      -> tensor<?x?x512xbf16>
  return %y : tensor<?x?x512xbf16>
}

// Rows of 26 and 30 pieces of 16 bytes, which divide no number of threads.
func.func @open_208(%q: tensor<?x?x2x208xf16>, %k: tensor<?x?x1x208xf16>,
                    %v: tensor<?x?x1x208xf16>, %init: tensor<?x?x2x208xf16>)
    -> tensor<?x?x2x208xf16> {
  %o = moa.attention %q, %k, %v heads(1) into(%init)
      : (tensor<?x?x2x208xf16>, tensor<?x?x1x208xf16>, tensor<?x?x1x208xf16>,
         tensor<?x?x2x208xf16>) -> tensor<?x?x2x208xf16>
  return %o : tensor<?x?x2x208xf16>
}
func.func @open_240(%q: tensor<?x?x2x240xbf16>, %k: tensor<?x?x1x240xbf16>,
                    %v: tensor<?x?x1x240xbf16>, %init: tensor<?x?x2x240xbf16>)
    -> tensor<?x?x2x240xbf16> {
  %o = moa.attention %q, %k, %v heads(1) into(%init)
      : (tensor<?x?x2x240xbf16>, tensor<?x?x1x240xbf16>, tensor<?x?x1x240xbf16>,
         tensor<?x?x2x240xbf16>) -> tensor<?x?x2x240xbf16>
  return %o : tensor<?x?x2x240xbf16>
}

func.func @masks(%x: tensor<?x?x64xf16>, %router: tensor<64x8xf16>,
                 %wq: tensor<8x64x128xf16>, %wk: tensor<64x128xf16>,
                 %wv: tensor<64x128xf16>, %wo: tensor<8x128x64xf16>,
                 %lengths: tensor<?xi32>, %mask: tensor<?x?x?xi1>,
                 %bias: tensor<?x?x?xf32>) -> tensor<?x?x64xf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) gate(<activation = softmax, order = topk_then_activation>) causal
      window(7) lengths(%lengths) boolean_mask(%mask) additive_mask(%bias)
      : (tensor<?x?x64xf16>, tensor<64x8xf16>, tensor<8x64x128xf16>,
         tensor<64x128xf16>, tensor<64x128xf16>, tensor<8x128x64xf16>,
         tensor<?xi32>, tensor<?x?x?xi1>, tensor<?x?x?xf32>)
      -> tensor<?x?x64xf16>
  return %y : tensor<?x?x64xf16>
}

// Rotated queries of all experts; heads of 192, whose halves are no power of two.
func.func @dense(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                 %wq: tensor<8x512x512xbf16>, %wk: tensor<512x512xbf16>,
                 %wv: tensor<512x512xbf16>, %wo: tensor<8x512x512xbf16>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(8) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 128>) causal
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x512xbf16>,
         tensor<512x512xbf16>, tensor<512x512xbf16>, tensor<8x512x512xbf16>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

func.func @thirds(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                  %wq: tensor<8x512x768xbf16>, %wk: tensor<512x768xbf16>,
                  %wv: tensor<512x768xbf16>, %wo: tensor<8x768x512xbf16>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      rotary(<theta = 1.0e4, dim = 192>) causal
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x768xbf16>,
         tensor<512x768xbf16>, tensor<512x768xbf16>, tensor<8x768x512xbf16>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

// Masks of both kinds, and heads that no tile divides.
func.func @stick(%x: tensor<1x512x512xbf16>, %router: tensor<512x8xbf16>,
                 %wq: tensor<8x512x400xbf16>, %wk: tensor<512x400xbf16>,
                 %wv: tensor<512x400xbf16>, %wo: tensor<8x400x512xbf16>,
                 %mask: tensor<1x512x512xi1>, %bias: tensor<1x512x512xf32>)
    -> tensor<1x512x512xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo)
      top_k(2) heads(4) kv_heads(4)
      gate(<activation = softmax, order = topk_then_activation>)
      score(stick_breaking) causal window(64) boolean_mask(%mask) additive_mask(%bias)
      : (tensor<1x512x512xbf16>, tensor<512x8xbf16>, tensor<8x512x400xbf16>,
         tensor<512x400xbf16>, tensor<512x400xbf16>, tensor<8x400x512xbf16>,
         tensor<1x512x512xi1>, tensor<1x512x512xf32>)
      -> tensor<1x512x512xbf16>
  return %y : tensor<1x512x512xbf16>
}

// Many experts of a token.
func.func @many(%x: tensor<512x512xbf16>, %w: tensor<512x128xbf16>)
    -> (tensor<512x64xi32>, tensor<512x64xf32>) {
  %logits, %indices, %gates = moa.router %x, %w top_k(64)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<512x512xbf16>, tensor<512x128xbf16>)
      -> (tensor<512x128xf32>, tensor<512x64xi32>, tensor<512x64xf32>)
  return %indices, %gates : tensor<512x64xi32>, tensor<512x64xf32>
}

func.func @wide_129(%q: tensor<2x?x4x129xf32>, %k: tensor<2x?x4x129xf32>,
                    %init: tensor<2x?x4x129xf32>) -> tensor<2x?x4x129xf32> {
  %o = moa.attention %q, %k, %k heads(4) causal window(40) into(%init)
      : (tensor<2x?x4x129xf32>, tensor<2x?x4x129xf32>, tensor<2x?x4x129xf32>,
         tensor<2x?x4x129xf32>) -> tensor<2x?x4x129xf32>
  return %o : tensor<2x?x4x129xf32>
}

func.func @wide_255(%q: tensor<2x?x4x255xf32>, %k: tensor<2x?x4x255xf32>,
                    %init: tensor<2x?x4x255xf32>) -> tensor<2x?x4x255xf32> {
  %o = moa.attention %q, %k, %k heads(4) causal window(40) into(%init)
      : (tensor<2x?x4x255xf32>, tensor<2x?x4x255xf32>, tensor<2x?x4x255xf32>,
         tensor<2x?x4x255xf32>) -> tensor<2x?x4x255xf32>
  return %o : tensor<2x?x4x255xf32>
}

// What there is no kernel for.
// RUN: moa-opt %s --convert-moa-to-tile --split-input-file --verify-diagnostics

func.func @head_width(%q: tensor<1x8x1x320xbf16>, %k: tensor<1x8x1x320xbf16>,
                      %init: tensor<1x8x1x320xbf16>) -> tensor<1x8x1x320xbf16> {
  // expected-error @below {{has heads of width 320, there are kernels for up to 256}}
  %0 = moa.attention %q, %k, %k into(%init)
      : (tensor<1x8x1x320xbf16>, tensor<1x8x1x320xbf16>, tensor<1x8x1x320xbf16>,
         tensor<1x8x1x320xbf16>) -> tensor<1x8x1x320xbf16>
  return %0 : tensor<1x8x1x320xbf16>
}

// -----

func.func @f64(%x: tensor<4x8xf64>, %w: tensor<8x8xf64>, %init: tensor<4x8xf64>)
    -> tensor<4x8xf64> {
  // expected-error @below {{multiplies 'f64', for which there is no kernel: use f32, f16 or bf16}}
  %0 = moa.matmul %x, %w into(%init)
      : (tensor<4x8xf64>, tensor<8x8xf64>, tensor<4x8xf64>) -> tensor<4x8xf64>
  return %0 : tensor<4x8xf64>
}

// -----

func.func @row_tile(%x: tensor<4x8xf32>, %w: tensor<8x8xf32>, %init: tensor<4x8xf32>)
    -> tensor<4x8xf32> {
  // expected-error @below {{'moa.row_tile' is 48 : i64, must be one of 16, 32, 64, 80, 96, 128, 160}}
  %0 = moa.matmul %x, %w into(%init) {moa.row_tile = 48}
      : (tensor<4x8xf32>, tensor<8x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// The dispatch lists the tiles of its users: the error is that of the user.
func.func @row_tile_of_groups(%x: tensor<4x8xf32>, %w: tensor<2x8x8xf32>,
                              %indices: tensor<4x1xi32>, %init: tensor<4x8xf32>)
    -> tensor<4x8xf32> {
  %offsets, %permutation = moa.dispatch %indices experts(2)
      : (tensor<4x1xi32>) -> (tensor<3xi32>, tensor<4xi32>)
  // expected-error @below {{'moa.row_tile' is 17 : i64, must be one of 16, 32, 64, 80, 96, 128, 160}}
  %0 = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation) top_k(1)
      into slot(%init) {moa.row_tile = 17}
      : (tensor<4x8xf32>, tensor<2x8x8xf32>, tensor<3xi32>, tensor<4xi32>,
         tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// Four warps take bands of 16 rows each.
func.func @row_tile_of_all(%x: tensor<200x8xf32>, %w: tensor<8x8xf32>,
                           %init: tensor<200x8xf32>) -> tensor<200x8xf32> {
  // expected-error @below {{'moa.row_tile' is 96, its kernel would take 64}}
  %0 = moa.matmul %x, %w into(%init) {moa.row_tile = 96}
      : (tensor<200x8xf32>, tensor<8x8xf32>, tensor<200x8xf32>)
      -> tensor<200x8xf32>
  return %0 : tensor<200x8xf32>
}

// -----

func.func @tiles_of_routed_attention(%x: tensor<10x8xf32>, %w: tensor<2x8x8xf32>,
    %offsets: tensor<3xi32>, %permutation: tensor<20xi32>,
    %k: tensor<2x5x1x8xf32>, %init: tensor<2x5x2x8xf32>) -> tensor<2x5x2x8xf32> {
  // expected-error @below {{has 'moa.row_tile', but tiles of its own choice alone}}
  %y = moa.routed_attention %x, %w groups(%offsets, %permutation) top_k(2),
      %k, %k into(%init) {moa.row_tile = 64}
      : (tensor<10x8xf32>, tensor<2x8x8xf32>, tensor<3xi32>, tensor<20xi32>,
         tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x2x8xf32>)
      -> tensor<2x5x2x8xf32>
  return %y : tensor<2x5x2x8xf32>
}

// -----

func.func @attention_tiles(%q: tensor<2x5x4x8xf32>, %k: tensor<2x5x1x8xf32>,
                           %init: tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32> {
  // expected-error @below {{'moa.key_tile' is 48 : i64, must be one of 16, 32, 64}}
  %y = moa.attention %q, %k, %k heads(2) into(%init) {moa.key_tile = 48}
      : (tensor<2x5x4x8xf32>, tensor<2x5x1x8xf32>, tensor<2x5x1x8xf32>,
         tensor<2x5x4x8xf32>) -> tensor<2x5x4x8xf32>
  return %y : tensor<2x5x4x8xf32>
}

// -----

func.func @attention_rows(%q: tensor<2x5x4x256xf32>, %k: tensor<2x5x1x256xf32>,
                          %init: tensor<2x5x4x256xf32>)
    -> tensor<2x5x4x256xf32> {
  // expected-error @below {{needs more than the 101376 bytes of shared memory that a block has}}
  %y = moa.attention %q, %k, %k heads(2) into(%init) {moa.row_tile = 128}
      : (tensor<2x5x4x256xf32>, tensor<2x5x1x256xf32>, tensor<2x5x1x256xf32>,
         tensor<2x5x4x256xf32>) -> tensor<2x5x4x256xf32>
  return %y : tensor<2x5x4x256xf32>
}

// -----

func.func @window(%x: tensor<4x8xf32>, %w: tensor<3xf32>, %init: tensor<4x6xf32>)
    -> tensor<4x6xf32> {
  // expected-error @below {{reads or stores elements by affine_map<(d0, d1, d2) -> (d0, d1 + d2)>, for which there is no kernel}}
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i, j, k) -> (i, j + k)>, affine_map<(i, j, k) -> (k)>,
                       affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<4x8xf32>, tensor<3xf32>) outs(%init : tensor<4x6xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %c, %product : f32
    linalg.yield %sum : f32
  } -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}

// -----

func.func @elements(%x: tensor<4xi24>) -> tensor<4xi24> {
  // expected-error @below {{has elements of 'i24', for which there is no kernel: use f16, bf16, f32, f64, i1, i8, i16, i32 or i64}}
  %0 = linalg.add ins(%x, %x : tensor<4xi24>, tensor<4xi24>) outs(%x : tensor<4xi24>)
      -> tensor<4xi24>
  return %0 : tensor<4xi24>
}

// -----

func.func @large_index(%init: tensor<4xi64>) -> tensor<4xi64> {
  // expected-error @below {{is 4294967296, which does not fit the 32 bits that kernels count with}}
  %large = arith.constant 4294967296 : index
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%init : tensor<4xi64>) {
  ^bb0(%a: i64):
    %i = linalg.index 0 : index
    %sum = arith.addi %i, %large : index
    %wide = arith.index_cast %sum : index to i64
    linalg.yield %wide : i64
  } -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// -----

func.func @results(%x: tensor<4x8xf32>, %init: tensor<4x8xf32>, %other: tensor<8x4xf32>)
    -> (tensor<4x8xf32>, tensor<8x4xf32>) {
  // expected-error @below {{stores results in different orders of its loops: there is no kernel for it}}
  %0:2 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
                       affine_map<(i, j) -> (j, i)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%init, %other : tensor<4x8xf32>, tensor<8x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    linalg.yield %a, %a : f32, f32
  } -> (tensor<4x8xf32>, tensor<8x4xf32>)
  return %0#0, %0#1 : tensor<4x8xf32>, tensor<8x4xf32>
}

// -----

func.func @layer(%x: tensor<1x4x8xf32>, %logits: tensor<4x2xf32>, %q: tensor<2x8x8xf32>,
                 %k: tensor<8x8xf32>, %o: tensor<2x8x8xf32>) -> tensor<1x4x8xf32> {
  // expected-error @below {{is not a primitive: run moa-decompose first}}
  %y = moa.layer %x logits(%logits) query(%q) key(%k) value(%k) output(%o) top_k(1)
      gate(<activation = softmax, order = topk_then_activation>)
      : (tensor<1x4x8xf32>, tensor<4x2xf32>, tensor<2x8x8xf32>, tensor<8x8xf32>,
         tensor<8x8xf32>, tensor<2x8x8xf32>) -> tensor<1x4x8xf32>
  return %y : tensor<1x4x8xf32>
}

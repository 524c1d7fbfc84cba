// Products whose sizes are no multiples of a tile, and more than one task, pass
// and block in each direction. Groups have 0, 1, 8, 9, 33 and 129 rows, which
// lie apart.
func.func @products(%x: tensor<90x530xf32> {moa.name = "x"},
                    %w: tensor<6x530x600xf32> {moa.name = "w"})
    -> (tensor<180x600xf32> {moa.name = "slots"},
        tensor<180x600xf32> {moa.name = "transposed"},
        tensor<180x600xbf16> {moa.name = "narrow"},
        tensor<90x600xf32> {moa.name = "dense"},
        tensor<90x70xf32> {moa.name = "gates"},
        tensor<60x600xf32> {moa.name = "few"},
        tensor<180x600xbf16> {moa.name = "narrow transposed"},
        tensor<90x600xf32> {moa.name = "narrow dense"},
        tensor<90x70xf32> {moa.name = "narrow gates"},
        tensor<60x600xbf16> {moa.name = "narrow few"}) {
  %offsets = arith.constant dense<[0, 0, 1, 9, 18, 51, 180]> : tensor<7xi32>
  %seven = arith.constant 7 : index
  %count = arith.constant 180 : index
  %empty = tensor.empty() : tensor<180xi32>
  %permutation = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      outs(%empty : tensor<180xi32>) {
  ^bb0(%old: i32):
    %i = linalg.index 0 : index
    %far = arith.muli %i, %seven : index
    %slot = arith.remui %far, %count : index
    %cast = arith.index_cast %slot : index to i32
    linalg.yield %cast : i32
  } -> tensor<180xi32>

  %init = tensor.empty() : tensor<180x600xf32>
  %slots = moa.grouped_matmul token(%x), %w groups(%offsets, %permutation)
      top_k(2) into slot(%init)
      : (tensor<90x530xf32>, tensor<6x530x600xf32>, tensor<7xi32>,
         tensor<180xi32>, tensor<180x600xf32>) -> tensor<180x600xf32>

  // The same numbers in another order.
  %flat = tensor.collapse_shape %w [[0, 1, 2]]
      : tensor<6x530x600xf32> into tensor<1908000xf32>
  %wt = tensor.expand_shape %flat [[0, 1, 2]] output_shape [6, 600, 530]
      : tensor<1908000xf32> into tensor<6x600x530xf32>
  %transposed = moa.grouped_matmul token(%x), %wt transposed
      groups(%offsets, %permutation) top_k(2) into slot(%init)
      : (tensor<90x530xf32>, tensor<6x600x530xf32>, tensor<7xi32>,
         tensor<180xi32>, tensor<180x600xf32>) -> tensor<180x600xf32>

  %xn = arith.truncf %x : tensor<90x530xf32> to tensor<90x530xbf16>
  %wn = arith.truncf %w : tensor<6x530x600xf32> to tensor<6x530x600xbf16>
  %narrowInit = tensor.empty() : tensor<180x600xbf16>
  %narrow = moa.grouped_matmul token(%xn), %wn groups(%offsets, %permutation)
      top_k(2) into slot(%narrowInit)
      : (tensor<90x530xbf16>, tensor<6x530x600xbf16>, tensor<7xi32>,
         tensor<180xi32>, tensor<180x600xbf16>) -> tensor<180x600xbf16>

  %w0 = tensor.extract_slice %w[0, 0, 0] [1, 530, 600] [1, 1, 1]
      : tensor<6x530x600xf32> to tensor<530x600xf32>
  %denseInit = tensor.empty() : tensor<90x600xf32>
  %dense = moa.matmul %x, %w0 into(%denseInit)
      : (tensor<90x530xf32>, tensor<530x600xf32>, tensor<90x600xf32>)
      -> tensor<90x600xf32>

  %router = tensor.extract_slice %w[1, 0, 0] [1, 530, 70] [1, 1, 1]
      : tensor<6x530x600xf32> to tensor<530x70xf32>
  %logitsInit = tensor.empty() : tensor<90x70xf32>
  %logits = moa.matmul %x, %router into(%logitsInit)
      : (tensor<90x530xf32>, tensor<530x70xf32>, tensor<90x70xf32>)
      -> tensor<90x70xf32>
  %indices, %gates = moa.route %logits top_k(70) all gate(<activation = sigmoid,
      order = activation_then_topk, normalize = false>)
      : (tensor<90x70xf32>) -> (tensor<90x70xi32>, tensor<90x70xf32>)

  // Few slots: tasks are groups of experts.
  %fewOffsets = arith.constant dense<[0, 0, 1, 9, 18, 59, 60]> : tensor<7xi32>
  %rows = tensor.extract_slice %x[0, 0] [60, 530] [1, 1]
      : tensor<90x530xf32> to tensor<60x530xf32>
  %fewInit = tensor.empty() : tensor<60x600xf32>
  %few = moa.grouped_matmul grouped(%rows), %w groups(%fewOffsets) into grouped(%fewInit)
      : (tensor<60x530xf32>, tensor<6x530x600xf32>, tensor<7xi32>,
         tensor<60x600xf32>) -> tensor<60x600xf32>

  // The same in bf16.
  %wtn = arith.truncf %wt : tensor<6x600x530xf32> to tensor<6x600x530xbf16>
  %narrowTransposed = moa.grouped_matmul token(%xn), %wtn transposed
      groups(%offsets, %permutation) top_k(2) into slot(%narrowInit)
      : (tensor<90x530xbf16>, tensor<6x600x530xbf16>, tensor<7xi32>,
         tensor<180xi32>, tensor<180x600xbf16>) -> tensor<180x600xbf16>
  %w0n = arith.truncf %w0 : tensor<530x600xf32> to tensor<530x600xbf16>
  %narrowDense = moa.matmul %xn, %w0n into(%denseInit)
      : (tensor<90x530xbf16>, tensor<530x600xbf16>, tensor<90x600xf32>)
      -> tensor<90x600xf32>
  %routern = arith.truncf %router : tensor<530x70xf32> to tensor<530x70xbf16>
  %narrowLogits = moa.matmul %xn, %routern into(%logitsInit)
      : (tensor<90x530xbf16>, tensor<530x70xbf16>, tensor<90x70xf32>)
      -> tensor<90x70xf32>
  %narrowIndices, %narrowGates = moa.route %narrowLogits top_k(70) all
      gate(<activation = sigmoid, order = activation_then_topk,
      normalize = false>)
      : (tensor<90x70xf32>) -> (tensor<90x70xi32>, tensor<90x70xf32>)
  %rowsn = arith.truncf %rows : tensor<60x530xf32> to tensor<60x530xbf16>
  %fewnInit = tensor.empty() : tensor<60x600xbf16>
  %narrowFew = moa.grouped_matmul grouped(%rowsn), %wn groups(%fewOffsets)
      into grouped(%fewnInit)
      : (tensor<60x530xbf16>, tensor<6x530x600xbf16>, tensor<7xi32>,
         tensor<60x600xbf16>) -> tensor<60x600xbf16>
  return %slots, %transposed, %narrow, %dense, %gates, %few,
         %narrowTransposed, %narrowDense, %narrowGates, %narrowFew
      : tensor<180x600xf32>, tensor<180x600xf32>, tensor<180x600xbf16>,
        tensor<90x600xf32>, tensor<90x70xf32>, tensor<60x600xf32>,
        tensor<180x600xbf16>, tensor<90x600xf32>, tensor<90x70xf32>,
        tensor<60x600xbf16>
}

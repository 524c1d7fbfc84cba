// The forms of a layer, in one module.
func.func @sparse(%x: tensor<?x?x48xbf16>, %router: tensor<48x6xbf16>, %wq: tensor<6x48x16xbf16>, %wk: tensor<48x16xbf16>, %wv: tensor<48x16xbf16>, %wo: tensor<6x16x48xbf16>, %bias: tensor<48xbf16>) -> tensor<?x?x48xbf16> {
  %y = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) bias(%bias) top_k(2) gate(<activation = softmax, order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 16>) causal
    : (tensor<?x?x48xbf16>, tensor<48x6xbf16>, tensor<6x48x16xbf16>, tensor<48x16xbf16>, tensor<48x16xbf16>, tensor<6x16x48xbf16>, tensor<48xbf16>) -> tensor<?x?x48xbf16>
  %z = arith.addf %y, %x : tensor<?x?x48xbf16>
  return %z : tensor<?x?x48xbf16>
}
func.func @decode(%x: tensor<?x1x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>, %kc: tensor<?x?x1x16xf32>, %vc: tensor<?x?x1x16xf32>, %position: index, %skip: tensor<?x1xi1>) -> (tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>) {
  %y, %k, %v = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>) skip(%skip) cache(%kc, %vc) position(%position) rotary(<theta = 1.0e4 : f64, dim = 16>) causal also<keys, values>
    : (tensor<?x1x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>, tensor<?x1xi1>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, index) -> (tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>)
  %z = arith.addf %y, %x : tensor<?x1x48xf32>
  return %z, %k, %v : tensor<?x1x48xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>
}
func.func @dense(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>) {
  %y, %g = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(6) gate(<activation = softmax, order = activation_then_topk>) rotary(<theta = 1.0e4 : f64, dim = 16>) also<gates>
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>)
  %z = arith.addf %x, %y : tensor<2x33x48xf32>
  return %z, %g : tensor<2x33x48xf32>, tensor<66x6xf32>
}
func.func @losses(%x: tensor<2x33x48xf32>, %router: tensor<48x6xf32>, %wq: tensor<6x48x16xf32>, %wk: tensor<48x16xf32>, %wv: tensor<48x16xf32>, %wo: tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<f32>, tensor<f32>) {
  %y, %l, %i = moa.layer %x router(%router) query(%wq) key(%wk) value(%wv) output(%wo) top_k(2) gate(<activation = softmax, order = activation_then_topk>) also<logits, indices>
    : (tensor<2x33x48xf32>, tensor<48x6xf32>, tensor<6x48x16xf32>, tensor<48x16xf32>, tensor<48x16xf32>, tensor<6x16x48xf32>) -> (tensor<2x33x48xf32>, tensor<66x6xf32>, tensor<66x2xi32>)
  %m = moa.mutual_loss softmax %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  %b = moa.balance_loss softmax %l, %i : (tensor<66x6xf32>, tensor<66x2xi32>) -> tensor<f32>
  return %y, %m, %b : tensor<2x33x48xf32>, tensor<f32>, tensor<f32>
}

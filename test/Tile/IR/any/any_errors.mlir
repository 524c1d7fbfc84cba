// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @any_c1(%rows: tensor<64x2xi1>) {
  // expected-error@below {{'moa_tile.any' op asks rows, which have one element each, got 'tensor<64x2xi1>'}}
  %0 = moa_tile.any %rows : tensor<64x2xi1>
  return
}

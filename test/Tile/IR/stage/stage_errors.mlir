// RUN: moa-opt %s -verify-diagnostics -split-input-file

func.func @stage_c1(%b: !moa_tile.buffer<4x4xf32>, %i: index) {
  // expected-error@below {{'moa_tile.stage' op needs a buffer of several stages, got '!moa_tile.buffer<4x4xf32>'}}
  %0 = moa_tile.stage %b[%i] : !moa_tile.buffer<4x4xf32>
  return
}

//===- peak.c - The most f32 multiply-adds that the machine does ----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every thread runs independent chains of vector multiply-adds that stay in
// registers. Prints the best rate of several rounds in GFLOP/s.
//
//===----------------------------------------------------------------------===//

#include <omp.h>
#include <stdio.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
// Enough chains to hide the latency of two units, and no more than fit the
// registers.
#define CHAINS 12
#define STEPS 20000000L

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));

static float chains(void) {
  Vector sum[CHAINS];
  Vector factor = {0}, term = {0};
  factor += 0.999f;
  term += 0.001f;
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; ++i)
    sum[i] = term * (float)i;
  for (long step = 0; step < STEPS; ++step) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; ++i)
      sum[i] = sum[i] * factor + term;
  }
  float total = 0;
  for (int i = 0; i < CHAINS; ++i)
    for (int lane = 0; lane < LANES; ++lane)
      total += sum[i][lane];
  return total;
}

int main(void) {
  double best = 0;
  volatile float sink;
  for (int round = 0; round < 5; ++round) {
    float total = 0;
    int threads = 1;
    double start = omp_get_wtime();
#pragma omp parallel reduction(+ : total)
    {
      total += chains();
#pragma omp single
      threads = omp_get_num_threads();
    }
    double seconds = omp_get_wtime() - start;
    sink = total;
    double rate = 2.0 * LANES * CHAINS * STEPS * threads / seconds * 1e-9;
    best = rate > best ? rate : best;
  }
  (void)sink;
  printf("%.1f\n", best);
  return 0;
}

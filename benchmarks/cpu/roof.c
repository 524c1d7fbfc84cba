//===- roof.c - What the machine does at most -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints two rates of the threads that OpenMP gives, the best of several
// rounds: f32 multiply-adds in GFLOP/s, of chains that stay in registers, and
// reading memory in GB/s, from a buffer in large pages that no cache holds.
//
//===----------------------------------------------------------------------===//

#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
// Enough chains to hide the latency of two units, and no more than fit the
// registers.
#define CHAINS 12
#define STEPS 4000000L
#define BYTES (1L << 30)
#define LARGE_PAGE (2L << 20)
#define ROUNDS 5

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));
typedef uint64_t Words __attribute__((vector_size(64)));

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

static double measureMultiplyAdds(void) {
  double best = 0;
  volatile float sink;
  for (int round = 0; round < ROUNDS; ++round) {
    float total = 0;
    double start = omp_get_wtime();
#pragma omp parallel reduction(+ : total)
    total += chains();
    double seconds = omp_get_wtime() - start;
    sink = total;
    double rate = 2e-9 * LANES * CHAINS * STEPS * omp_get_max_threads();
    best = rate / seconds > best ? rate / seconds : best;
  }
  (void)sink;
  return best;
}

static double measureReads(const Words *buffer) {
  double best = 0;
  volatile uint64_t sink;
  long count = BYTES / (long)sizeof(Words);
  for (int round = 0; round < ROUNDS; ++round) {
    uint64_t total = 0;
    double start = omp_get_wtime();
#pragma omp parallel reduction(+ : total)
    {
      Words sum = {0};
#pragma omp for schedule(static)
      for (long i = 0; i < count; ++i)
        sum += buffer[i];
      for (int lane = 0; lane < 8; ++lane)
        total += sum[lane];
    }
    double seconds = omp_get_wtime() - start;
    sink = total;
    double rate = 1e-9 * BYTES / seconds;
    best = rate > best ? rate : best;
  }
  (void)sink;
  return best;
}

int main(void) {
  Words *buffer = aligned_alloc(LARGE_PAGE, BYTES);
  if (!buffer) {
    fprintf(stderr, "roof: no memory for a buffer of 1 GiB\n");
    return 1;
  }
  // Where there are none, small ones do.
  madvise(buffer, BYTES, MADV_HUGEPAGE);
  for (long i = 0; i < BYTES / (long)sizeof(Words); ++i)
    buffer[i] = (Words){(uint64_t)i};
  printf("%.1f %.1f\n", measureMultiplyAdds(), measureReads(buffer));
  free(buffer);
  return 0;
}

// Memory that is handed out holds numbers below the normal ones, in whatever
// type they are read. The first thread ends the process by SIGFPE when it
// computes with one of them: it takes a CPU a hundred times as long, and no
// result needs it.

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void *fill(void *memory, size_t size) {
  for (size_t i = 0; memory && i < size / sizeof(uint32_t); ++i)
    ((uint32_t *)memory)[i] = 0x00010001;
  return memory;
}

void *malloc(size_t size) { return fill(__libc_malloc(size), size); }

void *aligned_alloc(size_t alignment, size_t size) {
  return fill(__libc_memalign(alignment, size), size);
}

__attribute__((constructor)) static void trap(void) {
  _mm_setcsr(_mm_getcsr() & ~_MM_MASK_DENORM);
}

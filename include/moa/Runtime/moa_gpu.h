/* moa_gpu.h - Calling compiled functions on device memory
 *
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A function @f that --moa-gpu-pipeline has compiled offers three functions.
 * `_mlir_ciface_f` takes and returns tensors in host memory, as the CPU path
 * does. The other two, which MOA_GPU_DECLARE(f) declares, are for programs that
 * have their data on the device:
 *
 *   int64_t f_workspace_size(arguments, results)
 *   int32_t f_enqueue(arguments, results, workspace, size, stream)
 *
 * Compiled code calls libmoa_runtime, which opens the CUDA driver when it is
 * first needed: the file that the environment variable MOA_CUDA_DRIVER names,
 * or libcuda.so.1 as the dynamic linker finds it. A process without a GPU
 * starts, and fails only where it launches. */

#ifndef MOA_RUNTIME_MOA_GPU_H
#define MOA_RUNTIME_MOA_GPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A dense row-major tensor, or the scalar argument of a function.
 *
 * data   device address of the first element, a multiple of 16; of a scalar
 *        (a number, or an index as int64_t), the host address of its value
 * sizes  one for each dimension; not read where there is none
 *
 * An element of i1 takes a byte, one of f16 or bf16 two. */
typedef struct MoaTensor {
  void *data;
  int64_t *sizes;
} MoaTensor;

/* What f_enqueue returns; moa_gpu_last_error has the reason. */
enum {
  MOA_GPU_SUCCESS = 0,
  MOA_GPU_INVALID = 1, /* an argument or a check of the function's own */
  MOA_GPU_DRIVER = 2   /* the driver, or what a kernel did */
};

/* Declares the functions that f is called through. `arguments` and `results`
 * are arrays in the order of f's type; NULL where there is none.
 *
 * f_workspace_size returns the bytes of device memory that f needs besides its
 * arguments and results, and writes the sizes of the results to the `sizes` of
 * each. It reads `data` of scalars only. It returns -1 where the arguments do
 * not fit f. It needs no device.
 *
 * f_enqueue puts f on `stream`, a CUstream or cudaStream_t of the context that
 * is current in this thread, and returns without waiting. `workspace` is device
 * memory, 256-byte aligned, of `workspace_size` bytes. Arguments, results and
 * workspace must stay valid until the stream has passed f; results must not
 * overlap arguments. It allocates no device memory and synchronises with
 * nothing, so a stream that is being captured into a CUDA graph may be given:
 * the graph then holds the sizes and addresses of this call. The kernels of f
 * are loaded by its first call in a context.
 *
 * Both may be called from several threads at a time. Calls that may run at the
 * same time need a workspace each. */
#define MOA_GPU_DECLARE(f)                                                     \
  int64_t f##_workspace_size(const MoaTensor *arguments, MoaTensor *results);  \
  int32_t f##_enqueue(const MoaTensor *arguments, const MoaTensor *results,    \
                      void *workspace, int64_t workspace_size, void *stream)

/* Why the last function that failed in this thread did: one line, which stays
 * until another one fails. */
const char *moa_gpu_last_error(void);

/* Unloads the kernels of every function from every context. Needed only before
 * the shared object that holds a function is closed; the next call loads them
 * again. No call may be in progress. */
void moa_gpu_unload(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* MOA_RUNTIME_MOA_GPU_H */

// The same cases on a real card: managed memory, and kernels made of extended lambdas. An error of the card ends the process, because a
// context does not outlive most of them; main.cc goes on with the next case in a new one.
#pragma once
#include <cuda_runtime.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>
using std::max;
using std::min;

namespace gpu {
inline void check(cudaError_t error) {
    if (error != cudaSuccess) {
        printf("FAIL: %s\n", cudaGetErrorString(error));
        fflush(stdout);
        _Exit(1);
    }
}
template <int MOST_THREADS, class F> __global__ void __launch_bounds__(MOST_THREADS) kernel(F body) { body(); }
template <int MOST_THREADS, class F> void launch(dim3 grid, dim3 block, size_t bytes, F body) {
    check(cudaFuncSetAttribute(kernel<MOST_THREADS, F>, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes));
    kernel<MOST_THREADS, F><<<grid, block, bytes>>>(body);
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
}
}  // namespace gpu

#define LAUNCH(MOST_THREADS, GRID, BLOCK, BYTES, ...) gpu::launch<MOST_THREADS>(GRID, BLOCK, BYTES, [=] __device__() { __VA_ARGS__; })
inline void* newMemory(size_t bytes) {
    void* p;
    gpu::check(cudaMallocManaged(&p, bytes));
    return p;
}
inline void freeMemory(void* p) { gpu::check(cudaFree(p)); }
// A kernel that never ends is one failed case too.
inline void beginCase() { alarm(60); }

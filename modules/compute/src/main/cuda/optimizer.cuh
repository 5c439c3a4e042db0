// Device.sum and sumOfSquares, the clip coefficient, Device.adam, and one step of AdamW over a flat vector. Vectors begin anywhere.
#pragma once
#include "common.cuh"

// The sum of a block of 256 threads, the same bits for all of them. 64 bytes of shared memory.
DEVICE double sumBlock(double sum, double* shared) {
    sum = sumLanes<WARP>(sum);
    if (threadIdx.x % WARP == 0) {
        shared[threadIdx.x / WARP] = sum;
    }
    __syncthreads();
    sum = 0;
    for (int w = 0; w < 8; w++) {
        sum += shared[w];
    }
    return sum;
}

// parts[b] = block b's share of the sum of x_i, or of x_i^2 where SQUARES. Launch: a constant number of blocks (not the card's), 256 threads,
// 64 bytes of shared memory.
template <bool SQUARES> DEVICE void sumOf(const float* x, size_t n, double* parts) {
    SHARED_MEMORY(double, shared);
    double sum = 0;
    for (size_t i = blockIdx.x * (size_t)256 + threadIdx.x; i < (n + 3) / 4; i += (size_t)gridDim.x * 256) {
        float v[4];
        readSome(x + 4 * i, n - 4 * i < 4 ? (int)(n - 4 * i) : 4, v);
#pragma unroll
        for (int e = 0; e < 4; e++) {
            sum += SQUARES ? (double)v[e] * v[e] : (double)v[e];
        }
    }
    sum = sumBlock(sum, shared);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = sum;
    }
}

// sum = the sum of the parts; clip = scale * min(1, limit / (sqrt(sum) * scale + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. Gradients are
// to be multiplied by scale in any case (1 / accumulated batches). limit <= 0 or a sum that is not a number: no clipping.
// clip may be null: then this only adds the parts. parts may be sum, with count 1. Launch: one block of 256 threads, 64 bytes.
DEVICE void clipCoefficient(const double* parts, int count, float scale, float limit, double* sum, float* clip) {
    SHARED_MEMORY(double, shared);
    double all = 0;
    for (int i = threadIdx.x; i < count; i += 256) {
        all += parts[i];
    }
    all = sumBlock(all, shared);
    if (threadIdx.x == 0) {
        const double wanted = limit > 0 ? limit / (sqrt(all) * scale + 1e-6) : 1.0;
        *sum = all;
        if (clip) {
            *clip = (float)(wanted < 1 ? wanted : 1.0) * scale;
        }
    }
}

// 32 bytes. stepSize = rate / (1 - beta1^t) and rootCorrection = 1 / sqrt(1 - beta2^t), made in double precision like the differences from 1.
struct AdamRates {
    float rate, beta1, beta2, oneMinusBeta1, oneMinusBeta2, epsilon, stepSize, rootCorrection;
};

// What is to be subtracted from a parameter; m = b1 m + (1 - b1) g and v = b2 v + (1 - b2) g^2 are updated.
DEVICE float adamStep(const AdamRates& rates, float gradient, float& m, float& v) {
    m += (gradient - m) * rates.oneMinusBeta1;
    v = rates.beta2 * v + rates.oneMinusBeta2 * gradient * gradient;
    return rates.stepSize * m / (sqrtf(v) * rates.rootCorrection + rates.epsilon);
}

// Device.adam: the gradient is replaced by the step. Launch: grid ceil(n / 4 / 256), 256 threads.
DEVICE void adam(float* gradient, float* m, float* v, u64 n, const AdamRates& rates) {
    const u64 first = (blockIdx.x * (u64)blockDim.x + threadIdx.x) * 4;
    if (first >= n) {
        return;
    }
    const int count = n - first < 4 ? (int)(n - first) : 4;
    float G[4], M[4], V[4];
    readSome(gradient + first, count, G);
    readSome(m + first, count, M);
    readSome(v + first, count, V);
#pragma unroll
    for (int e = 0; e < 4; e++) {
        G[e] = adamStep(rates, G[e], M[e], V[e]);
    }
    writeSome(gradient + first, count, G);
    writeSome(m + first, count, M);
    writeSome(v + first, count, V);
}

// PyTorch's AdamW on the parameters: p = p (1 - rate decay) - the step of the gradient times *clip. The weight decay differs by region:
// ends[r] is the end of region r (ascending, the last is n). The copy in bfloat16 that products read is written in the same pass,
// unless it is null. Launch: as adam.
DEVICE void adamW(float* p, bf16* shadow, const float* g, float* m, float* v, u64 n, const AdamRates& rates, const float* clip, const u64* ends,
                  const float* decay, int regions) {
    const u64 first = (blockIdx.x * (u64)blockDim.x + threadIdx.x) * 4;
    if (first >= n) {
        return;
    }
    int region = 0;
    for (int high = regions - 1; region < high;) {
        const int middle = (region + high) / 2;
        if (ends[middle] > first) {
            high = middle;
        } else {
            region = middle + 1;
        }
    }
    const float factor = *clip;
    const int count = n - first < 4 ? (int)(n - first) : 4;
    float P[4], G[4], M[4], V[4];
    readSome(p + first, count, P);
    readSome(g + first, count, G);
    readSome(m + first, count, M);
    readSome(v + first, count, V);
#pragma unroll
    for (int e = 0; e < 4; e++) {
        while (region < regions - 1 && ends[region] <= first + e) {
            region++;
        }
        P[e] = P[e] * (1 - rates.rate * decay[region]) - adamStep(rates, G[e] * factor, M[e], V[e]);
    }
    writeSome(p + first, count, P);
    writeSome(m + first, count, M);
    writeSome(v + first, count, V);
    if (shadow) {
        writeSome(shadow + first, count, P);
    }
}

// Device.sumOfSquares, the clip coefficient, and one step of AdamW over a flat vector.
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

// parts[b] = block b's share of the sum of x_i^2. Launch: a constant number of blocks (not the card's), 256 threads, 64 bytes of shared memory.
DEVICE void sumOfSquares(const float* x, size_t n, double* parts) {
    SHARED_MEMORY(double, shared);
    double sum = 0;
    for (size_t i = blockIdx.x * (size_t)256 + threadIdx.x; i < n / 4; i += (size_t)gridDim.x * 256) {
        const Float4 v = load4(x + 4 * i);
#pragma unroll
        for (int e = 0; e < 4; e++) {
            sum += (double)v.at[e] * v.at[e];
        }
    }
    if (blockIdx.x == 0 && threadIdx.x < n % 4) {
        const double v = x[n / 4 * 4 + threadIdx.x];
        sum += v * v;
    }
    sum = sumBlock(sum, shared);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = sum;
    }
}

// sum = the sum of the parts; clip = scale * min(1, limit / (sqrt(sum) * scale + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. Gradients are
// to be multiplied by scale in any case (1 / accumulated batches). limit <= 0: no clipping. Launch: one block of 256 threads, 64 bytes.
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
        *clip = (float)(wanted < 1 ? wanted : 1.0) * scale;
    }
}

// 32 bytes. stepSize = rate / (1 - beta1^t) and rootCorrection = 1 / sqrt(1 - beta2^t), made in double precision like the differences from 1.
struct AdamRates {
    float rate, beta1, beta2, oneMinusBeta1, oneMinusBeta2, epsilon, stepSize, rootCorrection;
};

// PyTorch's AdamW: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p (1 - rate decay) - stepSize m / (sqrt(v) rootCorrection + epsilon), with the
// gradient times *clip. The weight decay differs by region: ends[r] is the end of region r (ascending, the last is n). The copy in bfloat16
// that products read is written in the same pass. A thread has 4 elements; p, g, m and v are aligned to 16 bytes.
DEVICE void adam(float* p, bf16* shadow, const float* g, float* m, float* v, u64 n, const AdamRates& rates, const float* clip, const u64* ends,
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
    Float4 P{}, G{}, M{}, V{};
    if (count == 4) {
        P = load4(p + first);
        G = load4(g + first);
        M = load4(m + first);
        V = load4(v + first);
    } else {
        for (int e = 0; e < count; e++) {
            P.at[e] = p[first + e];
            G.at[e] = g[first + e];
            M.at[e] = m[first + e];
            V.at[e] = v[first + e];
        }
    }
#pragma unroll
    for (int e = 0; e < 4; e++) {
        while (region < regions - 1 && ends[region] <= first + e) {
            region++;
        }
        const float gradient = G.at[e] * factor;
        M.at[e] += (gradient - M.at[e]) * rates.oneMinusBeta1;
        V.at[e] = rates.beta2 * V.at[e] + rates.oneMinusBeta2 * gradient * gradient;
        P.at[e] = P.at[e] * (1 - rates.rate * decay[region]) - rates.stepSize * M.at[e] / (sqrtf(V.at[e]) * rates.rootCorrection + rates.epsilon);
    }
    if (count == 4) {
        store4(p + first, P);
        store4(m + first, M);
        store4(v + first, V);
        ((unsigned*)(shadow + first))[0] = packPair(P.at[0], P.at[1]);
        ((unsigned*)(shadow + first))[1] = packPair(P.at[2], P.at[3]);
    } else {
        for (int e = 0; e < count; e++) {
            p[first + e] = P.at[e];
            m[first + e] = M.at[e];
            v[first + e] = V.at[e];
            shadow[first + e] = toBf16(P.at[e]);
        }
    }
}

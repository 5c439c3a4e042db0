// Position vectors that meet head vectors element by element: Device.rotary, multiplyHeads, addHeads and their backward passes. Any width
// and any strides. A thread has up to 8 elements of a head of a row.
#pragma once
#include "common.cuh"

// Which row, head and elements a thread has; valid below rows * H * ceil(D / 8) threads.
struct HeadPlace {
    int row, h, d, count;  // count: elements left in the head, 0 where the thread has none
    DEVICE_MEMBER HeadPlace(int rows, int H, int D) {
        const int groups = (D + 7) / 8;
        const size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x, vector = i / groups;
        row = (int)(vector / H);
        h = (int)(vector % H);
        d = (int)(i % groups) * 8;
        count = vector < (size_t)rows * H ? D - d : 0;
    }
    template <class H> DEVICE_MEMBER auto in(const H& heads, int r) const { return vectorAt(heads, r, h, d); }
};

// Turns the pairs (2i, 2i + 1) by the angles of row r % P, given as sines and cosines [P, D / 2], or [P, H * D / 2] where `perHead`. `inverse`
// turns back. out may be x. Launch: grid ceil(rows * H * ceil(D / 8) / 256), 256 threads.
template <class T>
DEVICE void rotary(HeadsOf<T> x, int rows, int H, int D, const float* sin, const float* cos, int P, int perHead, int inverse, HeadsTo<T> out) {
    const HeadPlace place(rows, H, D);
    if (place.count <= 0) {
        return;
    }
    const size_t angle = (size_t)(place.row % P) * (perHead ? H : 1) * (D / 2) + (perHead ? place.h * (D / 2) : 0) + place.d / 2;
    float v[8], s[4], c[4];
    readSome(place.in(x, place.row), place.count, v);
    readSome(sin + angle, place.count / 2, s);
    readSome(cos + angle, place.count / 2, c);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float sine = inverse ? -s[i] : s[i], first = v[2 * i], second = v[2 * i + 1];
        v[2 * i] = first * c[i] - second * sine;
        v[2 * i + 1] = second * c[i] + first * sine;
    }
    writeSome(place.in(out, place.row), place.count, v);
}

// out = x * pe, or x + pe; row r meets row r % P of pe, and a head stride of 0 shares one vector among the heads. out may be x. The
// gradient of x of multiplyHeads is this kernel on dOut. Launch: as rotary.
template <class T, bool PRODUCT> DEVICE void combineHeads(HeadsOf<T> x, int rows, int H, int D, HeadsOf<T> pe, int P, HeadsTo<T> out) {
    const HeadPlace place(rows, H, D);
    if (place.count <= 0) {
        return;
    }
    float a[8], b[8];
    readSome(place.in(x, place.row), place.count, a);
    readSome(place.in(pe, place.row % P), place.count, b);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        a[i] = PRODUCT ? a[i] * b[i] : a[i] + b[i];
    }
    writeSome(place.in(out, place.row), place.count, a);
}

// The gradient of pe: parts[slice][p][H][D] = the sum of dOut, or of dOut * x, over `each` of the rows r with r % P = p, from the slice's first
// on. positionFold adds the slices, and the heads that share a vector, to the gradient.
// Launch: grid (ceil(P * H * ceil(D / 8) / 256), ceil(ceil(rows / P) / each)), 256 threads.
template <class T, bool PRODUCT> DEVICE void sumHeads(HeadsOf<T> dOut, HeadsOf<T> x, int rows, int H, int D, int P, int each, float* parts) {
    const HeadPlace place(P, H, D);
    if (place.count <= 0) {
        return;
    }
    float sums[8] = {};
    const size_t first = place.row + (size_t)blockIdx.y * each * P, end = first + (size_t)each * P;
#pragma unroll 2
    for (size_t row = first; row < end && row < (size_t)rows; row += P) {
        float a[8], b[8];
        readSome(place.in(dOut, (int)row), place.count, a);
        if (PRODUCT) {
            readSome(place.in(x, (int)row), place.count, b);
        }
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sums[i] += PRODUCT ? a[i] * b[i] : a[i];
        }
    }
    writeSome(parts + (((size_t)blockIdx.y * P + place.row) * H + place.h) * D + place.d, place.count, sums);
}

// Runs kernels on the processor, for tests (x86-64). A block's threads are fibers of one thread of the operating system, and barriers
// are real: warps run as far ahead of each other as barriers allow, in a random order, so that a missing barrier shows as a wrong
// result, and one that not every thread reaches as a deadlock. A cp.async lands at the wait that covers it, the latest moment at
// which the hardware may let it land. Shared memory starts as NaN and ends in a guard.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#define EMULATE 1
using std::max;
using std::min;

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct float2 {
    float x, y;
};

// Saves the registers that a callee has to keep, stores the stack pointer in *from, and goes on with the stack `to`.
extern "C" void emulationSwitch(void** from, void* to);
// Its definition, which a program or library has once.
#define EMULATION_SWITCH                                                                                                  \
    asm(".text\n.globl emulationSwitch\n.hidden emulationSwitch\nemulationSwitch:\n"                                      \
        "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\nmovq %rsp,(%rdi)\n"                      \
        "movq %rsi,%rsp\npopq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n");

namespace emulation {

enum class Wait { NOTHING, BARRIER, SHUFFLE, PRODUCT, MATRICES };
struct Copy {
    void* to;
    const void* from;
    int bytes;
    bool present;
    int group;
};
struct Fiber {
    void* stackPointer = nullptr;
    std::vector<char> stack;
    dim3 index;
    bool done = false;
    Wait waiting = Wait::NOTHING;
    void* operand = nullptr;  // what a collective operation exchanges, on the fiber's own stack
    std::vector<Copy> copies;
    int groups = 0;
};
struct Warp {
    int arrived = 0;
    Wait kind = Wait::NOTHING;
};

constexpr size_t MOST_SHARED = 227 << 10, GUARD = 4096, STACK = 64 << 10;
alignas(128) inline unsigned char sharedMemory[MOST_SHARED + GUARD];
inline dim3 grid, block, blockIndex;
inline std::vector<Fiber> fibers;
inline std::vector<Warp> warps;
inline Fiber* current;
inline void* schedulerStack;
inline const std::function<void()>* body;
inline unsigned live, atBarrier;
inline uint64_t bankConflicts, products;
inline uint32_t randomState = 1;

// What a kernel has done wrong. It ends the program of cases; a library throws it to the caller of `launch` instead.
struct Failure {
    const char* why;
};
inline bool failuresAreThrown = false;
inline const char* failureOfFiber;
[[noreturn]] inline void fail(const char* why) {
    if (failuresAreThrown) {
        throw Failure{why};
    }
    printf("FAIL: %s (block %u %u %u)\n", why, blockIndex.x, blockIndex.y, blockIndex.z);
    fflush(stdout);
    _Exit(1);
}
inline void requireAligned(const void* p, size_t bytes) {
    if ((uintptr_t)p % bytes) {
        fail("a vector access is not aligned");
    }
}
inline unsigned randomBelow(unsigned n) {
    randomState = randomState * 1664525u + 1013904223u;
    return (randomState >> 8) % n;
}
inline unsigned thread() { return current->index.x + block.x * (current->index.y + block.y * current->index.z); }
inline void pause() { emulationSwitch(&current->stackPointer, schedulerStack); }
inline void runFiber() {
    try {
        (*body)();
    } catch (const Failure& failure) {
        failureOfFiber = failure.why;  // no exception leaves the stack on which it was thrown
    }
    current->done = true;
    live--;
    pause();
}

// An operation of a whole warp. The last lane that arrives does the work for all of them.
template <class F> void collective(Wait kind, void* operand, F&& work) {
    const unsigned w = thread() / 32;
    Warp& warp = warps[w];
    if (warp.arrived && warp.kind != kind) {
        fail("lanes of one warp wait at different operations");
    }
    warp.kind = kind;
    current->operand = operand;
    if (++warp.arrived < 32) {
        current->waiting = kind;
        pause();
        return;
    }
    warp.arrived = 0;
    work(&fibers[w * 32]);
    for (int lane = 0; lane < 32; lane++) {
        fibers[w * 32 + lane].waiting = Wait::NOTHING;
    }
}

inline void startFiber(Fiber& fiber, unsigned t) {
    fiber.done = false;
    fiber.waiting = Wait::NOTHING;
    fiber.index = {t % block.x, t / block.x % block.y, t / (block.x * block.y)};
    fiber.copies.clear();
    fiber.groups = 0;
    fiber.stack.resize(STACK);
    void** top = (void**)(((uintptr_t)fiber.stack.data() + STACK) & ~(uintptr_t)15) - 2;
    top[0] = (void*)runFiber;  // where the switch returns to; the stack is then 8 modulo 16, as a function expects
    fiber.stackPointer = top - 6;
}

// The first runnable lane of a warp, or nothing.
inline bool isRunnable(unsigned w) {
    for (unsigned lane = 0; lane < 32; lane++) {
        const Fiber& fiber = fibers[w * 32 + lane];
        if (!fiber.done && fiber.waiting == Wait::NOTHING) {
            return true;
        }
    }
    return false;
}

inline void runBlock(size_t sharedBytes) {
    const unsigned threads = block.x * block.y * block.z, count = threads / 32;
    memset(sharedMemory, 0xff, sharedBytes);  // NaN as bfloat16 and as float32
    memset(sharedMemory + sharedBytes, 0xA5, GUARD);
    live = threads;
    atBarrier = 0;
    failureOfFiber = nullptr;
    for (unsigned t = 0; t < threads; t++) {
        startFiber(fibers[t], t);
    }
    const bool eager = randomBelow(2);  // let one warp run to its barrier, or mix them all
    for (unsigned w = 0;;) {
        if (!eager || randomBelow(16) == 0) {
            w = randomBelow(count);
        }
        unsigned tried = 0;
        for (; tried < count && !isRunnable(w); tried++) {
            w = (w + 1) % count;
        }
        if (tried == count) {
            if (live == 0) {
                break;
            }
            if (atBarrier != live) {
                fail("deadlock: not every thread reaches the barrier or the operation of its warp");
            }
            atBarrier = 0;
            for (unsigned t = 0; t < threads; t++) {
                fibers[t].waiting = Wait::NOTHING;
            }
            continue;
        }
        const unsigned first = randomBelow(32);
        for (unsigned i = 0; i < 32; i++) {
            Fiber& fiber = fibers[w * 32 + (first + i) % 32];
            if (!fiber.done && fiber.waiting == Wait::NOTHING) {
                current = &fiber;
                emulationSwitch(&schedulerStack, fiber.stackPointer);
                if (failureOfFiber) {
                    fail(failureOfFiber);
                }
            }
        }
    }
    for (unsigned t = 0; t < threads; t++) {
        if (!fibers[t].copies.empty()) {
            fail("nobody waited for a cp.async");
        }
    }
    for (size_t i = 0; i < GUARD; i++) {
        if (sharedMemory[sharedBytes + i] != 0xA5) {
            fail("written behind the end of shared memory");
        }
    }
}

template <class F> void launch(dim3 blocks, dim3 threads, size_t sharedBytes, F&& kernel) {
    std::function<void()> call = kernel;
    body = &call;
    grid = blocks;
    block = threads;
    const unsigned count = threads.x * threads.y * threads.z;
    if (count % 32 || count > 1024 || sharedBytes > MOST_SHARED) {
        fail("a block has at most 1024 threads in whole warps here, and 227 KB of shared memory");
    }
    if (fibers.size() < count) {
        fibers.resize(count);
    }
    warps.assign(count / 32, {});
    for (unsigned z = 0; z < blocks.z; z++) {
        for (unsigned y = 0; y < blocks.y; y++) {
            for (unsigned x = 0; x < blocks.x; x++) {
                blockIndex = {x, y, z};
                runBlock(sharedBytes);
            }
        }
    }
}

template <class T> struct Exchange {
    T in, out;
    unsigned source;
};
template <class T> T shuffle(T value, unsigned source) {
    Exchange<T> mine{value, value, source};
    collective(Wait::SHUFFLE, &mine, [](Fiber* lanes) {
        for (int lane = 0; lane < 32; lane++) {
            auto* to = (Exchange<T>*)lanes[lane].operand;
            to->out = ((Exchange<T>*)lanes[to->source].operand)->in;
        }
    });
    return mine.out;
}

inline float halfOf(uint32_t pair, int high) {
    const uint32_t bits = high ? pair & 0xffff0000u : pair << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
struct Product {
    float* sums;
    const unsigned *a, *b;
};
// mma.sync.m16n8k16 of bfloat16 with float32 sums, by its documented layout.
inline void product(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    const unsigned b[2] = {b0, b1};
    Product mine{sums, a, b};
    products++;
    collective(Wait::PRODUCT, &mine, [](Fiber* lanes) {
        float A[16][16], B[16][8];
        for (int lane = 0; lane < 32; lane++) {
            auto* o = (Product*)lanes[lane].operand;
            const int g = lane / 4, t = lane % 4;
            for (int e = 0; e < 2; e++) {
                for (int r = 0; r < 4; r++) {
                    A[g + 8 * (r % 2)][2 * t + e + 8 * (r / 2)] = halfOf(o->a[r], e);
                }
                for (int r = 0; r < 2; r++) {
                    B[2 * t + e + 8 * r][g] = halfOf(o->b[r], e);
                }
            }
        }
        for (int m = 0; m < 16; m++) {
            float row[8] = {};
            for (int k = 0; k < 16; k++) {
                for (int n = 0; n < 8; n++) {
                    row[n] += A[m][k] * B[k][n];
                }
            }
            for (int n = 0; n < 8; n++) {
                ((Product*)lanes[m % 8 * 4 + n / 2].operand)->sums[m / 8 * 2 + n % 2] += row[n];
            }
        }
    });
}

struct MatrixLoad {
    unsigned* to;
    const unsigned short* row;
};
// ldmatrix.x4, with or without .trans: lanes 8i to 8i + 7 name the rows of matrix i.
inline void loadMatrices(unsigned (&to)[4], const unsigned short* row, bool transposed) {
    MatrixLoad mine{to, row};
    requireAligned(row, 16);
    collective(Wait::MATRICES, &mine, [transposed](Fiber* lanes) {
        for (int i = 0; i < 4; i++) {
            const unsigned short* rows[8];
            unsigned banks = 0;
            for (int r = 0; r < 8; r++) {
                rows[r] = ((MatrixLoad*)lanes[8 * i + r].operand)->row;
                banks |= 1u << ((uintptr_t)rows[r] / 16 % 8);
            }
            bankConflicts += 8 - __builtin_popcount(banks);
            for (int lane = 0; lane < 32; lane++) {
                const int g = lane / 4, t = lane % 4;
                const unsigned low = transposed ? rows[2 * t][g] : rows[g][2 * t];
                const unsigned high = transposed ? rows[2 * t + 1][g] : rows[g][2 * t + 1];
                ((MatrixLoad*)lanes[lane].operand)->to[i] = low | high << 16;
            }
        }
    });
}

inline void copyAsync(void* to, const void* from, int bytes, bool present) {
    requireAligned(to, bytes);
    requireAligned(from, bytes);
    current->copies.push_back({to, from, bytes, present, current->groups});
}
inline void commitCopies() { current->groups++; }
inline void awaitCopies(int pending) {
    auto& all = current->copies;
    size_t kept = 0;
    for (Copy& copy : all) {
        if (copy.group >= current->groups - pending) {
            all[kept++] = copy;
        } else if (copy.present) {
            memcpy(copy.to, copy.from, copy.bytes);
        } else {
            memset(copy.to, 0, copy.bytes);
        }
    }
    all.resize(kept);
}

}  // namespace emulation

#define threadIdx (emulation::current->index)
#define blockIdx (emulation::blockIndex)
#define blockDim (emulation::block)
#define gridDim (emulation::grid)
inline void __syncthreads() {
    emulation::atBarrier++;
    emulation::current->waiting = emulation::Wait::BARRIER;
    emulation::pause();
}
template <class T> T __shfl_xor_sync(unsigned, T value, int mask) { return emulation::shuffle(value, emulation::thread() % 32 ^ mask); }

// What cases use on the processor and on a card.
#define LAUNCH(MOST_THREADS, GRID, BLOCK, BYTES, ...) emulation::launch(GRID, BLOCK, BYTES, [&] { __VA_ARGS__; })
inline void* newMemory(size_t bytes) { return aligned_alloc(128, bytes); }
inline void freeMemory(void* p) { free(p); }
inline void beginCase() {}

// Stands in for cuBLASLt (libcublasLt.so.13) in tests on machines without a GPU, on top of the emulated driver: products of float32 and
// bfloat16 matrices with the epilogues that this project uses. What cuBLASLt refuses, or computes only by luck, is refused here:
// pointers less aligned than was promised, an algorithm of another problem, too little workspace. Matrices are column-major.
//
// The signatures and numbers are those of cublasLt.h (CUDA 12 and 13), with plain integers for its enumerations.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <set>
#include <vector>
#include "emulated_driver.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

extern "C" int cuCtxGetCurrent(void** context);

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum Type { FLOAT32 = 0, BFLOAT16 = 14 };
enum ComputeType { COMPUTE_32F = 68, COMPUTE_32F_FAST_TF32 = 77 };
enum Transposition { AS_IS = 0, TRANSPOSED = 1 };
enum EpiloguePart { BIAS = 4, GELU = 32, AUX = 128, DGELU = 64, BGRAD = 16, BGRADA = 256, BGRADB = 512 };
enum Epilogue {
    DEFAULT = 1,
    DGELU_ALONE = DGELU | AUX,
    DGELU_BGRAD = DGELU | AUX | BGRAD,
};
enum DescAttribute {
    DESC_COMPUTE_TYPE = 0,
    DESC_SCALE_TYPE = 1,
    DESC_POINTER_MODE = 2,
    DESC_TRANSA = 3,
    DESC_TRANSB = 4,
    DESC_EPILOGUE = 7,
    DESC_BIAS_POINTER = 8,
    DESC_EPILOGUE_AUX_POINTER = 11,
    DESC_EPILOGUE_AUX_LD = 12,
    DESC_BIAS_DATA_TYPE = 26
};
enum LayoutAttribute {
    LAYOUT_TYPE = 0,
    LAYOUT_ORDER = 1,
    LAYOUT_ROWS = 2,
    LAYOUT_COLS = 3,
    LAYOUT_LD = 4,
    LAYOUT_BATCH_COUNT = 5,
    LAYOUT_STRIDED_BATCH_OFFSET = 6
};
enum PreferenceAttribute { MAX_WORKSPACE_BYTES = 1, REDUCTION_SCHEME_MASK = 3, MIN_ALIGNMENT_A_BYTES = 5, MIN_ALIGNMENT_D_BYTES = 8 };
constexpr int COLUMN_MAJOR = 0, POINTERS_TO_HOST = 0;
constexpr int ILLEGAL_ADDRESS = 700;  // of the driver
constexpr unsigned DEFAULT_ALIGNMENT = 256, WORKSPACE_ALIGNMENT = 16, AUX_LD_MULTIPLE = 8;

struct MatmulDesc {
    int computeType, scaleType;
    int pointerMode = POINTERS_TO_HOST, transposeA = AS_IS, transposeB = AS_IS;
    uint32_t epilogue = DEFAULT;
    uint64_t bias = 0, aux = 0;
    int64_t auxLd = 0;
    int biasType = -1;  // that of D
};
struct Layout {
    uint32_t type;
    int order = COLUMN_MAJOR;
    uint64_t rows, cols;
    int64_t ld;
    int batch = 1;
    int64_t stride = 0;
};
struct Preference {
    uint64_t workspaceBytes = 0;
    uint32_t reductionSchemes = 0xffffffffu;
    uint32_t alignment[4] = {DEFAULT_ALIGNMENT, DEFAULT_ALIGNMENT, DEFAULT_ALIGNMENT, DEFAULT_ALIGNMENT};  // of A, B, C, D
};
struct Handle {};

// What cublasLtMatmulAlgo_t holds here; it has 64 bytes that mean nothing to the caller.
struct Algorithm {
    uint64_t kind, problem, workspaceBytes;
    uint32_t alignment[4];
    uint64_t unused[3];
};
struct HeuristicResult {
    Algorithm algorithm;
    size_t workspaceBytes;
    int state;
    float waves;
    int reserved[4];
};
static_assert(sizeof(Algorithm) == 64 && sizeof(HeuristicResult) == 96, "layout");
constexpr uint64_t ALGORITHM = 0x656d756c61746564ull;

// The objects that the caller has, of one kind.
template <class T> class Objects {
public:
    int add(T** to, T object) {
        if (!to) {
            return INVALID_VALUE;
        }
        std::lock_guard<std::mutex> guard(lock);
        *to = new T(object);
        live.insert(*to);
        return SUCCESS;
    }
    int remove(T* object) {
        std::lock_guard<std::mutex> guard(lock);
        if (!live.erase(object)) {
            return INVALID_VALUE;
        }
        delete object;
        return SUCCESS;
    }
    bool has(const T* object) {
        std::lock_guard<std::mutex> guard(lock);
        return live.count(const_cast<T*>(object));
    }

private:
    std::mutex lock;
    std::set<T*> live;
};
// Never destroyed: threads of the program may still call when it ends.
template <class T> Objects<T>& objects() {
    static Objects<T>& all = *new Objects<T>;
    return all;
}

template <class T> int assign(T& to, const void* from, size_t bytes) {
    if (!from || bytes != sizeof to) {
        return INVALID_VALUE;
    }
    memcpy(&to, from, bytes);
    return SUCCESS;
}

// ---------------------------------------------------------------- problems

size_t bytesOf(uint32_t type) { return type == FLOAT32 ? 4 : 2; }

struct Problem {
    MatmulDesc desc;
    Layout A, B, C, D;
    uint64_t m, n, k;

    bool hasBias() const { return desc.epilogue & BIAS; }
    bool hasBiasGradient() const { return desc.epilogue & (BGRAD | BGRADA | BGRADB); }
    bool hasAux() const { return desc.epilogue & AUX; }
    uint64_t biasLength() const { return desc.epilogue == BGRADB ? n : m; }
    uint32_t biasType() const { return desc.biasType < 0 ? D.type : (uint32_t)desc.biasType; }
};

bool isEpilogue(uint32_t epilogue) {
    static const std::set<uint32_t> all = {DEFAULT, BIAS, GELU, GELU | AUX, GELU | BIAS, GELU | AUX | BIAS, DGELU_ALONE, DGELU_BGRAD, BGRADA, BGRADB};
    return all.count(epilogue);
}
bool isTransposition(int t) { return t == AS_IS || t == TRANSPOSED; }
bool isLayoutValid(const Layout& l) {
    return l.rows > 0 && l.cols > 0 && l.ld >= (int64_t)l.rows && l.batch >= 1 && l.stride >= 0;
}
bool haveSameShape(const Layout& a, const Layout& b) { return a.type == b.type && a.rows == b.rows && a.cols == b.cols && a.batch == b.batch; }

// Whether cuBLASLt multiplies such types, with sums of float32.
bool areTypesCombined(const Problem& p) {
    if (p.desc.scaleType != FLOAT32 || p.A.type != p.B.type) {
        return false;
    }
    if (p.desc.computeType == COMPUTE_32F_FAST_TF32) {
        return p.A.type == FLOAT32 && p.D.type == FLOAT32;
    }
    return p.desc.computeType == COMPUTE_32F && (p.A.type == BFLOAT16 || p.D.type == FLOAT32);
}
bool isBiasTypeSupported(const Problem& p) {
    return p.biasType() == p.D.type || (p.D.type == BFLOAT16 && p.biasType() == FLOAT32);
}

int problemOf(const MatmulDesc* desc, const Layout* A, const Layout* B, const Layout* C, const Layout* D, Problem& p) {
    if (!objects<MatmulDesc>().has(desc)) {
        return INVALID_VALUE;
    }
    for (const Layout* layout : {A, B, C, D}) {
        if (!objects<Layout>().has(layout) || !isLayoutValid(*layout)) {
            return INVALID_VALUE;
        }
    }
    if (!isTransposition(desc->transposeA) || !isTransposition(desc->transposeB)) {
        return INVALID_VALUE;
    }
    const bool across = desc->transposeA == TRANSPOSED, down = desc->transposeB == TRANSPOSED;
    p = {*desc, *A, *B, *C, *D, across ? A->cols : A->rows, down ? B->rows : B->cols, across ? A->rows : A->cols};
    const uint64_t inner = down ? B->cols : B->rows;
    if (p.k != inner || D->rows != p.m || D->cols != p.n || !haveSameShape(*C, *D) || A->batch != D->batch || B->batch != D->batch) {
        return INVALID_VALUE;
    }
    for (const Layout* layout : {A, B, C, D}) {
        if (layout->order != COLUMN_MAJOR) {
            return NOT_SUPPORTED;
        }
    }
    if (D->batch > 1 && D->stride < (int64_t)D->rows) {
        return NOT_SUPPORTED;  // results on top of each other
    }
    if (p.hasAux() && (desc->auxLd < (int64_t)p.m || desc->auxLd % AUX_LD_MULTIPLE)) {
        return INVALID_VALUE;
    }
    const bool isBatchSupported = D->batch == 1 || desc->epilogue == DEFAULT;
    const bool isBiasSupported = !(p.hasBias() || p.hasBiasGradient()) || isBiasTypeSupported(p);
    return isEpilogue(desc->epilogue) && desc->pointerMode == POINTERS_TO_HOST && areTypesCombined(p) && isBatchSupported && isBiasSupported ? SUCCESS : NOT_SUPPORTED;
}

// Tells problems apart for which an algorithm would have to be chosen again.
uint64_t hashOf(const Problem& p) {
    uint64_t hash = 14695981039346656037ull;
    const auto add = [&](uint64_t x) { hash = (hash ^ x) * 1099511628211ull; };
    for (uint64_t x : {(uint64_t)p.desc.computeType, (uint64_t)p.desc.transposeA, (uint64_t)p.desc.transposeB, (uint64_t)p.desc.epilogue, (uint64_t)p.desc.auxLd,
                       (uint64_t)p.biasType()}) {
        add(x);
    }
    for (const Layout* l : {&p.A, &p.B, &p.C, &p.D}) {
        for (uint64_t x : {(uint64_t)l->type, l->rows, l->cols, (uint64_t)l->ld, (uint64_t)l->batch, (uint64_t)l->stride}) {
            add(x);
        }
    }
    return hash;
}

// ---------------------------------------------------------------- products

float readNumber(uint64_t base, uint32_t type, size_t i) {
    if (type == FLOAT32) {
        return ((const float*)base)[i];
    }
    const uint32_t bits = (uint32_t)((const uint16_t*)base)[i] << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
void writeNumber(uint64_t base, uint32_t type, size_t i, float value) {
    if (type == FLOAT32) {
        ((float*)base)[i] = value;
        return;
    }
    uint32_t bits;
    memcpy(&bits, &value, 4);
    const bool isNan = (bits & 0x7fffffffu) > 0x7f800000u;
    ((uint16_t*)base)[i] = isNan ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Vectors of length k, as panels of WIDTH of them side by side, with zeros behind the last one. Element i of vector v is at
// base + v * vectorStep + i * step.
template <int WIDTH> std::vector<float> panelsOf(uint64_t base, uint32_t type, size_t vectors, size_t k, size_t vectorStep, size_t step) {
    const size_t panels = (vectors + WIDTH - 1) / WIDTH;
    std::vector<float> packed(panels * WIDTH * k);
    for (size_t v = 0; v < vectors; v++) {
        float* to = packed.data() + v / WIDTH * WIDTH * k + v % WIDTH;
        for (size_t i = 0; i < k; i++) {
            to[i * WIDTH] = readNumber(base, type, v * vectorStep + i * step);
        }
    }
    return packed;
}

constexpr int TALL = 32, WIDE = 4;
// sums[c][r] = the sum over k of a[k][r] * b[k][c].
__attribute__((optimize("O3"))) void multiplyPanels(const float* a, const float* b, size_t k, float (&sums)[WIDE][TALL]) {
    float local[WIDE][TALL] = {};
    for (size_t i = 0; i < k; i++, a += TALL, b += WIDE) {
        for (int c = 0; c < WIDE; c++) {
            for (int r = 0; r < TALL; r++) {
                local[c][r] += a[r] * b[c];
            }
        }
    }
    memcpy(sums, local, sizeof sums);
}

constexpr float GELU_SCALE = 0.7978845608028654f, GELU_CUBE = 0.044715f;
float geluOf(float x) { return 0.5f * x * (1 + std::tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x))); }
float geluSlopeOf(float x) {
    const float t = std::tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBE * x * x);
}

// One cublasLtMatmul, queued.
struct Product {
    Problem problem;
    float alpha, beta;
    uint64_t A, B, C, D, workspace, workspaceBytes;

    static bool isInside(uint64_t base, const Layout& l) {
        const uint64_t elements = (uint64_t)l.stride * (l.batch - 1) + (uint64_t)l.ld * (l.cols - 1) + l.rows;
        return emulatedCudaIsInside(base, elements * bytesOf(l.type));
    }
    bool isBiasInside() const { return emulatedCudaIsInside(problem.desc.bias, problem.biasLength() * bytesOf(problem.biasType())); }
    bool isAuxInside() const {
        return emulatedCudaIsInside(problem.desc.aux, ((uint64_t)problem.desc.auxLd * (problem.n - 1) + problem.m) * bytesOf(problem.D.type));
    }
    bool areRangesInside() const {
        return isInside(A, problem.A) && isInside(B, problem.B) && isInside(D, problem.D) && (beta == 0 || isInside(C, problem.C)) &&
               (!(problem.hasBias() || problem.hasBiasGradient()) || isBiasInside()) && (!problem.hasAux() || isAuxInside()) &&
               (workspaceBytes == 0 || emulatedCudaIsInside(workspace, workspaceBytes));
    }

    void run() const {
        if (!areRangesInside()) {
            emulatedCudaFault(ILLEGAL_ADDRESS, "a matrix of a product is not inside an allocation");
            return;
        }
        if (workspaceBytes) {
            memset((void*)workspace, 0xFF, workspaceBytes);
        }
        for (int i = 0; i < problem.D.batch; i++) {
            runBatch(i);
        }
    }

    void runBatch(int i) const {
        const Problem& p = problem;
        const auto baseOf = [i](uint64_t base, const Layout& l) { return base + (uint64_t)i * l.stride * bytesOf(l.type); };
        const bool across = p.desc.transposeA == TRANSPOSED, down = p.desc.transposeB == TRANSPOSED;
        const auto a = panelsOf<TALL>(baseOf(A, p.A), p.A.type, p.m, p.k, across ? p.A.ld : 1, across ? 1 : p.A.ld);
        const auto b = panelsOf<WIDE>(baseOf(B, p.B), p.B.type, p.n, p.k, down ? 1 : p.B.ld, down ? p.B.ld : 1);
        std::vector<float> rowSums(p.m);
        for (size_t column = 0; column < p.n; column += WIDE) {
            for (size_t row = 0; row < p.m; row += TALL) {
                float sums[WIDE][TALL];
                multiplyPanels(a.data() + row * p.k, b.data() + column * p.k, p.k, sums);
                for (size_t c = column; c < std::min(p.n, column + WIDE); c++) {
                    for (size_t r = row; r < std::min(p.m, row + TALL); r++) {
                        const float value = finish(sums[c - column][r - row], baseOf(C, p.C), r, c);
                        writeNumber(baseOf(D, p.D), p.D.type, r + c * p.D.ld, value);
                        rowSums[r] += value;
                    }
                }
            }
        }
        if (p.desc.epilogue == DGELU_BGRAD) {
            writeBias(rowSums);
        } else if (p.desc.epilogue == BGRADA) {
            writeBias(sumsOf<TALL>(a, p.m));
        } else if (p.desc.epilogue == BGRADB) {
            writeBias(sumsOf<WIDE>(b, p.n));
        }
    }

    // An element of D from the sum of products: alpha, beta and the epilogue.
    float finish(float sum, uint64_t c, size_t row, size_t column) const {
        const Problem& p = problem;
        const size_t atAux = row + column * p.desc.auxLd;
        float x = alpha * sum;
        if (beta != 0) {
            x += beta * readNumber(c, p.C.type, row + column * p.C.ld);
        }
        if (p.hasBias()) {
            x += readNumber(p.desc.bias, p.biasType(), row);
        }
        if (p.desc.epilogue & DGELU) {
            return x * geluSlopeOf(readNumber(p.desc.aux, p.D.type, atAux));
        }
        if (p.hasAux()) {
            writeNumber(p.desc.aux, p.D.type, atAux, x);
        }
        return p.desc.epilogue & GELU ? geluOf(x) : x;
    }

    template <int WIDTH> std::vector<float> sumsOf(const std::vector<float>& panels, size_t vectors) const {
        std::vector<float> sums(vectors);
        for (size_t v = 0; v < vectors; v++) {
            const float* from = panels.data() + v / WIDTH * WIDTH * problem.k + v % WIDTH;
            for (size_t i = 0; i < problem.k; i++) {
                sums[v] += from[i * WIDTH];
            }
        }
        return sums;
    }
    void writeBias(const std::vector<float>& sums) const {
        for (size_t i = 0; i < sums.size(); i++) {
            writeNumber(problem.desc.bias, problem.biasType(), i, sums[i]);
        }
    }
};

bool isAligned(uint64_t address, uint64_t bytes) { return address % bytes == 0; }

// Algorithms for a problem, best first: one that keeps partial sums in the workspace, where there may be one, and one without.
std::vector<Algorithm> algorithmsFor(const Problem& p, const Preference& preference) {
    std::vector<Algorithm> found;
    const uint64_t partialSums = (p.m * p.n * sizeof(float) + 255) / 256 * 256;
    for (uint64_t workspaceBytes : {partialSums, (uint64_t)0}) {
        if (workspaceBytes <= preference.workspaceBytes && (workspaceBytes == 0 || preference.reductionSchemes)) {
            Algorithm algorithm{ALGORITHM, hashOf(p), workspaceBytes, {}, {}};
            std::copy(std::begin(preference.alignment), std::end(preference.alignment), algorithm.alignment);
            found.push_back(algorithm);
        }
    }
    return found;
}

}  // namespace

// ---------------------------------------------------------------- handles and descriptions

EXPORT size_t cublasLtGetVersion() { return 130000; }
EXPORT const char* cublasLtGetStatusName(int status) {
    switch (status) {
        case SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "unknown status";
    }
}
EXPORT const char* cublasLtGetStatusString(int status) {
    switch (status) {
        case SUCCESS: return "success";
        case NOT_INITIALIZED: return "the library was not initialized";
        case INVALID_VALUE: return "an unsupported value or parameter was passed to the function";
        case EXECUTION_FAILED: return "the GPU program failed to execute";
        case NOT_SUPPORTED: return "the functionality requested is not supported";
        default: return "unknown status";
    }
}

EXPORT int cublasLtCreate(Handle** handle) {
    void* context = nullptr;
    return cuCtxGetCurrent(&context) || !context ? NOT_INITIALIZED : objects<Handle>().add(handle, {});
}
EXPORT int cublasLtDestroy(Handle* handle) { return objects<Handle>().remove(handle) ? NOT_INITIALIZED : SUCCESS; }

EXPORT int cublasLtMatmulDescCreate(MatmulDesc** desc, int computeType, int scaleType) {
    MatmulDesc made{};
    made.computeType = computeType;
    made.scaleType = scaleType;
    return objects<MatmulDesc>().add(desc, made);
}
EXPORT int cublasLtMatmulDescDestroy(MatmulDesc* desc) { return objects<MatmulDesc>().remove(desc); }
EXPORT int cublasLtMatmulDescSetAttribute(MatmulDesc* desc, int attribute, const void* value, size_t bytes) {
    if (!objects<MatmulDesc>().has(desc)) {
        return INVALID_VALUE;
    }
    switch (attribute) {
        case DESC_COMPUTE_TYPE: return assign(desc->computeType, value, bytes);
        case DESC_SCALE_TYPE: return assign(desc->scaleType, value, bytes);
        case DESC_POINTER_MODE: return assign(desc->pointerMode, value, bytes);
        case DESC_TRANSA: return assign(desc->transposeA, value, bytes);
        case DESC_TRANSB: return assign(desc->transposeB, value, bytes);
        case DESC_EPILOGUE: return assign(desc->epilogue, value, bytes);
        case DESC_BIAS_POINTER: return assign(desc->bias, value, bytes);
        case DESC_EPILOGUE_AUX_POINTER: return assign(desc->aux, value, bytes);
        case DESC_EPILOGUE_AUX_LD: return assign(desc->auxLd, value, bytes);
        case DESC_BIAS_DATA_TYPE: return assign(desc->biasType, value, bytes);
        default: return INVALID_VALUE;
    }
}

EXPORT int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t cols, int64_t ld) {
    Layout made{};
    made.type = (uint32_t)type;
    made.rows = rows;
    made.cols = cols;
    made.ld = ld;
    return type == FLOAT32 || type == BFLOAT16 ? objects<Layout>().add(layout, made) : INVALID_VALUE;
}
EXPORT int cublasLtMatrixLayoutDestroy(Layout* layout) { return objects<Layout>().remove(layout); }
EXPORT int cublasLtMatrixLayoutSetAttribute(Layout* layout, int attribute, const void* value, size_t bytes) {
    if (!objects<Layout>().has(layout)) {
        return INVALID_VALUE;
    }
    switch (attribute) {
        case LAYOUT_TYPE: return assign(layout->type, value, bytes);
        case LAYOUT_ORDER: return assign(layout->order, value, bytes);
        case LAYOUT_ROWS: return assign(layout->rows, value, bytes);
        case LAYOUT_COLS: return assign(layout->cols, value, bytes);
        case LAYOUT_LD: return assign(layout->ld, value, bytes);
        case LAYOUT_BATCH_COUNT: return assign(layout->batch, value, bytes);
        case LAYOUT_STRIDED_BATCH_OFFSET: return assign(layout->stride, value, bytes);
        default: return INVALID_VALUE;
    }
}

EXPORT int cublasLtMatmulPreferenceCreate(Preference** preference) { return objects<Preference>().add(preference, {}); }
EXPORT int cublasLtMatmulPreferenceDestroy(Preference* preference) { return objects<Preference>().remove(preference); }
EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference* preference, int attribute, const void* value, size_t bytes) {
    if (!objects<Preference>().has(preference)) {
        return INVALID_VALUE;
    }
    if (attribute == MAX_WORKSPACE_BYTES) {
        return assign(preference->workspaceBytes, value, bytes);
    }
    if (attribute == REDUCTION_SCHEME_MASK) {
        return assign(preference->reductionSchemes, value, bytes);
    }
    if (attribute < MIN_ALIGNMENT_A_BYTES || attribute > MIN_ALIGNMENT_D_BYTES) {
        return INVALID_VALUE;
    }
    uint32_t alignment = 0;
    if (assign(alignment, value, bytes) || alignment == 0 || (alignment & (alignment - 1))) {
        return INVALID_VALUE;
    }
    preference->alignment[attribute - MIN_ALIGNMENT_A_BYTES] = alignment;
    return SUCCESS;
}

// ---------------------------------------------------------------- products

EXPORT int cublasLtMatmulAlgoGetHeuristic(Handle* handle, MatmulDesc* desc, Layout* A, Layout* B, Layout* C, Layout* D, Preference* preference, int requested,
                                          HeuristicResult* results, int* returned) {
    if (!objects<Handle>().has(handle)) {
        return NOT_INITIALIZED;
    }
    if (!objects<Preference>().has(preference) || requested <= 0 || !results || !returned) {
        return INVALID_VALUE;
    }
    *returned = 0;
    Problem problem;
    if (const int status = problemOf(desc, A, B, C, D, problem)) {
        return status;
    }
    for (const Algorithm& algorithm : algorithmsFor(problem, *preference)) {
        if (*returned < requested) {
            results[(*returned)++] = {algorithm, (size_t)algorithm.workspaceBytes, SUCCESS, 1.f, {}};
        }
    }
    return SUCCESS;
}

EXPORT int cublasLtMatmul(Handle* handle, MatmulDesc* desc, const void* alpha, uint64_t A, Layout* layoutA, uint64_t B, Layout* layoutB, const void* beta,
                          uint64_t C, Layout* layoutC, uint64_t D, Layout* layoutD, const Algorithm* chosen, uint64_t workspace, size_t workspaceBytes,
                          void* stream) {
    if (!objects<Handle>().has(handle)) {
        return NOT_INITIALIZED;
    }
    Problem problem;
    if (const int status = problemOf(desc, layoutA, layoutB, layoutC, layoutD, problem)) {
        return status;
    }
    if (!alpha || !beta || !A || !B || !D) {
        return INVALID_VALUE;
    }
    const float scale = *(const float*)alpha, old = *(const float*)beta;
    const bool isInPlace = C == D;
    const bool lacksBias = (problem.hasBias() || problem.hasBiasGradient()) && !desc->bias;
    if ((old != 0 && !C) || lacksBias || (problem.hasAux() && !desc->aux) ||
        (isInPlace && (layoutC->ld != layoutD->ld || layoutC->stride != layoutD->stride))) {
        return INVALID_VALUE;
    }
    Algorithm algorithm{ALGORITHM, hashOf(problem), 0, {1, 1, 1, 1}, {}};
    if (chosen) {
        algorithm = *chosen;
    }
    if (algorithm.kind != ALGORITHM || algorithm.problem != hashOf(problem)) {
        return NOT_SUPPORTED;
    }
    const uint64_t bases[4] = {A, B, C, D};
    const Layout* layouts[4] = {layoutA, layoutB, layoutC, layoutD};
    for (int i = 0; i < 4; i++) {
        if (!isAligned(bases[i], std::max<uint64_t>(algorithm.alignment[i], bytesOf(layouts[i]->type)))) {
            return NOT_SUPPORTED;
        }
    }
    if (workspaceBytes < algorithm.workspaceBytes || (algorithm.workspaceBytes && !workspace)) {
        return INVALID_VALUE;
    }
    if (!isAligned(workspace, WORKSPACE_ALIGNMENT)) {
        return NOT_SUPPORTED;
    }
    auto* product = new Product{problem, scale, old, A, B, C, D, workspace, algorithm.workspaceBytes};
    const auto run = [](void* state) {
        ((const Product*)state)->run();
        delete (Product*)state;
    };
    const auto drop = [](void* state) { delete (Product*)state; };
    if (emulatedCudaEnqueue(stream, run, drop, product)) {
        return EXECUTION_FAILED;
    }
    return SUCCESS;
}

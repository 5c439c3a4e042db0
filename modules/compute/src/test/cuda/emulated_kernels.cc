// Compiles exports.cu for the processor and finds its kernels by name. kernels.inc is made by build.sh from exports.cu: one
// KERNEL_ENTRY(most threads of a block, name) for each kernel.
#include "emulated_kernels.h"
#include <map>
#include <string>
#include <utility>
#include "emulation.h"
#define LAUNCH_BOUNDS(threads)
#include "exports.cu"

EMULATION_SWITCH

namespace {

template <class T> const T& argumentAt(const char* arguments, const EmulatedKernel::Parameter& parameter) {
    return *(const T*)(arguments + parameter.offset);
}

// Parameters follow each other, each aligned as its type is.
template <class... A> std::vector<EmulatedKernel::Parameter> layoutOf() {
    const size_t bytes[] = {sizeof(A)...}, alignments[] = {alignof(A)...};
    std::vector<EmulatedKernel::Parameter> parameters;
    size_t end = 0;
    for (size_t i = 0; i < sizeof...(A); i++) {
        const size_t offset = (end + alignments[i] - 1) / alignments[i] * alignments[i];
        parameters.push_back({offset, bytes[i]});
        end = offset + bytes[i];
    }
    return parameters;
}

template <class... A, size_t... I> std::function<void(const char*)> bodyOf(void (*function)(A...), std::index_sequence<I...>) {
    return [function, parameters = layoutOf<A...>()](const char* arguments) { function(argumentAt<A>(arguments, parameters[I])...); };
}

template <class... A> EmulatedKernel kernelOf(const char* name, unsigned mostThreads, void (*function)(A...)) {
    return {name, mostThreads, layoutOf<A...>(), bodyOf(function, std::index_sequence_for<A...>())};
}

std::map<std::string, EmulatedKernel> allKernels() {
    std::map<std::string, EmulatedKernel> all;
#define KERNEL_ENTRY(THREADS, NAME) all.emplace(#NAME, kernelOf(#NAME, THREADS, NAME));
#include "kernels.inc"
    return all;
}

}  // namespace

const EmulatedKernel* emulatedKernel(const char* name) {
    static const auto& all = *new std::map<std::string, EmulatedKernel>(allKernels());  // threads may outlive destructors at exit
    const auto found = all.find(name);
    return found == all.end() ? nullptr : &found->second;
}

const char* runEmulatedKernel(const EmulatedKernel& kernel, const unsigned (&grid)[3], const unsigned (&block)[3], size_t sharedBytes, const char* arguments) {
    emulation::failuresAreThrown = true;
    try {
        emulation::launch(dim3(grid[0], grid[1], grid[2]), dim3(block[0], block[1], block[2]), sharedBytes, [&] { kernel.body(arguments); });
        return nullptr;
    } catch (const emulation::Failure& failure) {
        return failure.why;
    }
}

// The kernels of exports.cu, compiled for the processor, for the emulated driver.
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

struct EmulatedKernel {
    struct Parameter {
        size_t offset, bytes;
    };
    const char* name;
    unsigned mostThreads;
    std::vector<Parameter> parameters;
    std::function<void(const char* arguments)> body;  // of one thread

    size_t argumentBytes() const { return parameters.empty() ? 0 : parameters.back().offset + parameters.back().bytes; }
};

// Null where there is no kernel of that name.
const EmulatedKernel* emulatedKernel(const char* name);
// Null, or what the kernel did wrong. `grid` and `block` are x, y, z; arguments lie at the offsets of the parameters.
const char* runEmulatedKernel(const EmulatedKernel& kernel, const unsigned (&grid)[3], const unsigned (&block)[3], size_t sharedBytes, const char* arguments);

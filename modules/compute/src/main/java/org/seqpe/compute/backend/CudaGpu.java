package org.seqpe.compute.backend;

/**
 * A GPU that NVIDIA's driver shows to this process.
 *
 * @param number from 0, in the driver's order
 * @param major the compute capability's first number
 * @param minor its second
 */
record CudaGpu(int number, String name, int major, int minor) {
    @Override
    public String toString() {
        return "GPU " + number + ", " + name + ", compute capability " + major + "." + minor;
    }
}

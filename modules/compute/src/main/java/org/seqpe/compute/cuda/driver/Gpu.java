package org.seqpe.compute.cuda.driver;

/**
 * A GPU that NVIDIA's driver shows to this process.
 *
 * @param number from 0, in the driver's order, after CUDA_VISIBLE_DEVICES
 * @param handle by which the driver's functions know it (CUdevice)
 * @param uuid such as "GPU-5c89bd43-..."; a slice of a card (MIG) has one of its own
 * @param bus its place, such as "0000:17:00.0"
 * @param capability compute capability, as 10 * major + minor
 * @param memory bytes
 * @param sharedMemory most bytes of shared memory that a block can have
 * @param pools whether the driver has a memory pool for it
 */
public record Gpu(
        int number,
        int handle,
        String name,
        String uuid,
        String bus,
        int capability,
        long memory,
        int sharedMemory,
        boolean pools) {
    @Override
    public String toString() {
        return "GPU " + number + " (" + name + ", compute capability " + capability / 10 + "." + capability % 10 + ")";
    }
}

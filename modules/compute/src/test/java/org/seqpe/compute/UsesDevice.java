package org.seqpe.compute;

/** The device under test, for the themes of {@link DeviceContract}. */
public interface UsesDevice {
    /** One device for all tests of a class. */
    Device device();

    /** Another one, which the caller closes. */
    Device newDevice(int threads);

    /** Rows and columns that fit no vector register: one, a few, many. */
    default int[][] matrixShapes() {
        return new int[][] {{1, 1}, {1, 61}, {7, 8}, {7, 20}, {513, 1}, {513, 20}, {33, 64}, {833, 61}, {2, 1027}};
    }
}

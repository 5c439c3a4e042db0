package org.seqpe.compute.cpu;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.seqpe.compute.Device;
import org.seqpe.compute.ElementwiseContract;
import org.seqpe.compute.OptimizerContract;

/** The kernels that take a model's parameters part by part, with parts that the tests' arrays exceed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CpuDevicePartsTest implements ElementwiseContract, OptimizerContract {
    private final Device device = newDevice(2);

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Device newDevice(int threads) {
        return new CpuDevice(threads, 20_000);
    }

    @AfterAll
    void close() {
        device.close();
    }
}

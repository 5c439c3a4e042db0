package org.seqpe.compute;

import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What {@link Device} promises, for one device: each kernel against the double-precision {@link Loops}, each backward
 * against finite differences of them. A subclass names the device; the themes are the interfaces.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DeviceContract
        implements StorageContract,
                ElementwiseContract,
                MatrixContract,
                RowsContract,
                HeadsContract,
                AttentionContract,
                CachedAttentionContract,
                ListAttentionContract,
                LossContract,
                OptimizerContract,
                RepeatabilityContract {
    private final IntFunction<Device> factory;
    private final Device device;

    /**
     * @param threads of the device that most tests share
     * @param factory makes a device that computes with a number of threads
     */
    public DeviceContract(int threads, IntFunction<Device> factory) {
        this.factory = factory;
        this.device = factory.apply(threads);
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Device newDevice(int threads) {
        return factory.apply(threads);
    }

    @AfterAll
    void close() {
        device.close();
    }
}

package org.seqpe.compute.cuda;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIf;
import org.seqpe.compute.DeviceContract;

/** What every device promises, on an emulated GPU. */
@EnabledIf("org.seqpe.compute.cuda.EmulatedCuda#isAvailable")
class CudaDeviceTest extends DeviceContract {
    CudaDeviceTest() {
        super(1, threads -> EmulatedCuda.newDevice());
    }

    @AfterAll
    static void stop() {
        EmulatedCuda.stop();
    }
}

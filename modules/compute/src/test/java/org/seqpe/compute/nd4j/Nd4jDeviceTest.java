package org.seqpe.compute.nd4j;

import org.seqpe.compute.DeviceContract;

class Nd4jDeviceTest extends DeviceContract {
    Nd4jDeviceTest() {
        super(1, Nd4jDevice::new);
    }
}

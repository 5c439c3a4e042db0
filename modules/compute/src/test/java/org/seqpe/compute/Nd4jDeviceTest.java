package org.seqpe.compute;

class Nd4jDeviceTest extends DeviceContract {
    Nd4jDeviceTest() {
        super(1, Nd4jDevice::new);
    }
}

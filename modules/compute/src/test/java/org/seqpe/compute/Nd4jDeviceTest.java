package org.seqpe.compute;

class Nd4jDeviceTest extends DeviceContract {
    Nd4jDeviceTest() {
        super(Nd4jDevice::new);
    }
}

package org.seqpe.compute;

class Nd4jDeviceTest extends DeviceContract {
    Nd4jDeviceTest() {
        super(threads -> new Nd4jDevice());
    }
}

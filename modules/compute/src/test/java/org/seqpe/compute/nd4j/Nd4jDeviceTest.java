package org.seqpe.compute.nd4j;

import org.seqpe.compute.DeviceContract;
import org.seqpe.compute.SharingContract;

class Nd4jDeviceTest extends DeviceContract implements SharingContract {
    Nd4jDeviceTest() {
        super(1, Nd4jDevice::new);
    }
}

package org.seqpe.compute.cpu;

import org.seqpe.compute.DeviceContract;

class CpuDeviceTest extends DeviceContract {
    CpuDeviceTest() {
        super(2, CpuDevice::new);
    }
}

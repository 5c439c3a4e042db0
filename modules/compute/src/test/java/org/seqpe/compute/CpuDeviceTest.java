package org.seqpe.compute;

class CpuDeviceTest extends DeviceContract {
    CpuDeviceTest() {
        super(2, CpuDevice::new);
    }
}

package org.seqpe.compute;

class CpuDeviceTest extends DeviceContract {
    CpuDeviceTest() {
        super(CpuDevice::new);
    }
}

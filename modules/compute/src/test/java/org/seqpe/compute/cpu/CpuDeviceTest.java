package org.seqpe.compute.cpu;

import org.seqpe.compute.DeviceContract;
import org.seqpe.compute.SharingContract;

class CpuDeviceTest extends DeviceContract implements SharingContract {
    CpuDeviceTest() {
        super(2, CpuDevice::new);
    }
}

package org.seqpe.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceContract;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** What every device promises, on an emulated GPU. */
@EnabledIf("org.seqpe.compute.cuda.EmulatedCuda#isAvailable")
class CudaDeviceTest extends DeviceContract {
    private static final int COLUMNS = 7;
    private static final int ROWS = 300_000;

    CudaDeviceTest() {
        super(1, threads -> EmulatedCuda.newDevice());
    }

    /** Nothing was written beside memory, and nothing of it is left. */
    @AfterAll
    static void stop() {
        assertThat(EmulatedCuda.get("violations")).isZero();
        EmulatedCuda.set("seed", 1);
        EmulatedCuda.stop();
    }

    /**
     * Work runs when something waits, or at once, or at some moment between: results are the same. The uploads are
     * larger than all memory through which they go, and their sources change at once.
     */
    @Test
    void resultsDoNotDependOnWhenWorkRuns() {
        List<float[]> results = new ArrayList<>();
        for (int seed : new int[] {0, 1, 2, 3}) {
            EmulatedCuda.set("seed", seed);
            try (Device device = EmulatedCuda.newDevice()) {
                results.add(someWork(device));
            }
        }
        for (float[] result : results) {
            assertThat(result).isEqualTo(results.get(0));
        }
        assertThat(results.get(0)[0]).isEqualTo(2 * 4 * sumOfIds(ROWS));
    }

    private static float[] someWork(Device device) {
        int[] ids = new int[ROWS];
        float[] values = new float[ROWS * COLUMNS];
        Ints numbers = device.allocateInts(ROWS);
        Tensor rows = device.allocate(ROWS, COLUMNS);
        Tensor table = device.allocate(1, COLUMNS);
        Tensor gathered = device.allocate(ROWS, COLUMNS);
        Tensor source = device.allocate(ROWS, COLUMNS);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < ROWS; i++) {
                ids[i] = (i + round) % ROWS;
                Arrays.fill(values, i * COLUMNS, (i + 1) * COLUMNS, i % 3);
            }
            numbers.upload(ids);
            source.upload(values);
            Arrays.fill(ids, -1);
            Arrays.fill(values, Float.NaN);
            device.gather(numbers, source, gathered, false);
            device.axpy(4, gathered, rows);
            Tensor scratch = device.allocate(ROWS, COLUMNS);
            device.fill(scratch, Float.NaN);
            device.free(scratch);
        }
        device.sumRows(rows, table);
        Doubles sum = device.allocateDoubles(1);
        device.sum(rows, sum, 0);
        float[] first = table.toArray();
        float[] all = Arrays.copyOf(first, COLUMNS + 1);
        all[COLUMNS] = (float) sum.toArray()[0];
        return all;
    }

    private static float sumOfIds(int rows) {
        float sum = 0;
        for (int i = 0; i < rows; i++) {
            sum += i % 3;
        }
        return sum;
    }
}

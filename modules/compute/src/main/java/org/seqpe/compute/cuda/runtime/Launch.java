package org.seqpe.compute.cuda.runtime;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.cuda.driver.DriverApi;

/**
 * One launch of a kernel, written as its arguments in order and then {@link #run}. There is one object a device, which
 * {@link CudaRuntime#kernel} starts anew: the driver copies the arguments at the call.
 *
 * <p>Arguments lie in memory as a C compiler would lay out a struct of them: each at a multiple of its own size, and
 * structs between two {@link #align}s.
 */
public final class Launch {
    private static final int MOST_BYTES = 4096;
    private static final int POINTER = 8;
    /** CU_LAUNCH_PARAM_BUFFER_POINTER, _SIZE and _END: how a launch is told of arguments in one buffer. */
    private static final long BUFFER_POINTER = 1;

    private static final long BUFFER_SIZE = 2;
    private static final long END = 0;
    private static final int MOST_GRID_Y = 65_535;

    private final CudaContext context;
    private final Operands operands;
    private final Memory memory = new Memory(MOST_BYTES);
    private final ByteBuffer arguments = memory.getByteBuffer(0, MOST_BYTES).order(ByteOrder.nativeOrder());
    private final Memory size = new Memory(Long.BYTES);
    private final Memory extra = new Memory(5 * Long.BYTES);
    private Kernels.Kernel kernel;

    Launch(CudaContext context, Operands operands) {
        this.context = context;
        this.operands = operands;
        extra.setLong(0, BUFFER_POINTER);
        extra.setLong(8, Pointer.nativeValue(memory));
        extra.setLong(16, BUFFER_SIZE);
        extra.setLong(24, Pointer.nativeValue(size));
        extra.setLong(32, END);
    }

    Launch of(Kernels.Kernel next) {
        kernel = next;
        arguments.clear();
        return this;
    }

    /** Begins or ends a struct whose fields need this alignment. */
    public Launch align(int bytes) {
        arguments.position((arguments.position() + bytes - 1) & -bytes);
        return this;
    }

    public Launch address(long value) {
        align(POINTER);
        arguments.putLong(value);
        return this;
    }

    /** A size_t. */
    public Launch count(long value) {
        return address(value);
    }

    public Launch number(int value) {
        align(Integer.BYTES);
        arguments.putInt(value);
        return this;
    }

    public Launch flag(boolean value) {
        return number(value ? 1 : 0);
    }

    public Launch real(float value) {
        align(Float.BYTES);
        arguments.putFloat(value);
        return this;
    }

    /** A struct HeadsOf or HeadsTo; address 0 for none. */
    public Launch heads(long address, int rowStride, int headStride) {
        return address(address).number(rowStride).number(headStride);
    }

    /** A struct Dropout; a rate of 0 for none. */
    public Launch dropout(float rate, long key) {
        return address(key).number(Dropout.threshold(rate)).real(Dropout.keepScale(rate));
    }

    /** No dropout. */
    public Launch noDropout() {
        return dropout(0, 0);
    }

    /** A struct Pieces or Splits. */
    public Launch lists(long start, long target, int count) {
        return address(start).address(target).number(count).number(0);
    }

    /** Launches blocks in one row. */
    public void run(long blocks, int threads, int sharedBytes) {
        run(blocks, 1, 1, threads, 1, sharedBytes);
    }

    /**
     * Asks for the kernel, which runs later. A grid without blocks is nothing to do.
     *
     * @throws CudaFailure if the driver refuses it
     */
    public void run(long gridX, long gridY, long gridZ, int blockX, int blockY, int sharedBytes) {
        if (gridX == 0 || gridY == 0 || gridZ == 0) {
            operands.release();
            return;
        }
        if (gridX > Integer.MAX_VALUE || gridY > MOST_GRID_Y || gridZ > MOST_GRID_Y) {
            throw new IllegalArgumentException("Cannot run " + kernel.name() + ": expected a grid of at most 2^31 - 1, "
                    + MOST_GRID_Y + " and " + MOST_GRID_Y + " blocks, found " + gridX + ", " + gridY + " and " + gridZ);
        }
        size.setLong(0, arguments.position());
        int status = DriverApi.cuLaunchKernel(
                kernel.function(sharedBytes),
                (int) gridX,
                (int) gridY,
                (int) gridZ,
                blockX,
                blockY,
                1,
                sharedBytes,
                context.stream(),
                0,
                Pointer.nativeValue(extra));
        operands.release();
        context.check("launching " + kernel.name(), status);
        context.launched(kernel.name());
    }
}

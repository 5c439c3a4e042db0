package org.seqpe.spark.train;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoSerializable;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A flat float32 vector that Kryo writes as raw bytes straight from its memory, in pieces that stay in the processor's cache. On the
 * driver it is a view, not a copy: the network it was made of may not change while tasks read it.
 */
public final class ParameterVector implements KryoSerializable {
    private static final int BUFFER_BYTES = 1 << 18;
    private INDArray values;

    /** For Kryo. */
    ParameterVector() {
    }

    ParameterVector(INDArray values) {
        this.values = values;
    }

    /** Copies the whole vector into another of the same length. */
    void copyTo(INDArray target) {
        if (target.length() != values.length()) {
            throw new IllegalStateException("Cannot start a round: expected " + target.length() + " parameters, found " + values.length()
                    + " in the broadcast");
        }
        FloatMemory from = new FloatMemory(values);
        FloatMemory to = new FloatMemory(target);
        from.copyTo(to);
    }

    @Override
    public void write(Kryo kryo, Output output) {
        FloatMemory memory = new FloatMemory(values);
        output.writeLong(memory.length());
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = memory.length() * Float.BYTES;
        for (long done = 0; done < bytes; done += BUFFER_BYTES) {
            int count = (int) Math.min(BUFFER_BYTES, bytes - done);
            memory.readBytes(done / Float.BYTES, buffer, count);
            output.writeBytes(buffer, 0, count);
        }
    }

    @Override
    public void read(Kryo kryo, Input input) {
        values = Nd4j.createUninitialized(DataType.FLOAT, 1, input.readLong());
        FloatMemory memory = new FloatMemory(values);
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = memory.length() * Float.BYTES;
        for (long done = 0; done < bytes; done += BUFFER_BYTES) {
            int count = (int) Math.min(BUFFER_BYTES, bytes - done);
            input.readBytes(buffer, 0, count);
            memory.writeBytes(done / Float.BYTES, buffer, 0, count);
        }
    }
}

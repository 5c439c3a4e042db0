package org.seqpe.compute.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A place in host memory, to be looked at through the faces of JavaCPP and of Java's buffers. */
public final class Address extends BytePointer {
    /** Nowhere, until it is {@link #at} a place. */
    public Address() {
        super((Pointer) null);
    }

    /** Moves to a place. */
    public Address at(long place) {
        address = place;
        position = 0;
        return this;
    }

    /** The bytes from here on, in the processor's byte order; the memory must outlive the buffer. */
    public ByteBuffer bytes(long count) {
        limit = count;
        capacity = count;
        return asByteBuffer().order(ByteOrder.nativeOrder());
    }
}

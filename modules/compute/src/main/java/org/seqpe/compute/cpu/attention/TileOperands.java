package org.seqpe.compute.cpu.attention;

import java.nio.ByteBuffer;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.Rounding;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Gemm;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.host.HostTensor;

/**
 * What attention's products read. On a device of float32 these are the arrays themselves. On one of bfloat16 they are
 * copies: of whole tensors, made once a call, and of tiles. Position terms are no part of this: they are of float32
 * everywhere, because small gradients of position vectors are differences of large ones, and samples share the
 * products.
 */
final class TileOperands {
    private final CpuContext context;
    private final Elementwise elementwise;
    private final boolean rounds;
    /** Whose copies the context's scratch holds in this call. */
    private final HostTensor[] copied;

    private int copies;

    TileOperands(CpuContext context, Elementwise elementwise) {
        this.context = context;
        this.elementwise = elementwise;
        rounds = context.bfloat16 != null;
        copied = new HostTensor[context.roundedHeads.length];
    }

    /** A new call: nothing has been copied. */
    void begin() {
        copies = 0;
    }

    /** What multiplies on a worker. */
    Gemm products(int worker) {
        return rounds ? context.bfloat16[worker] : context.blas[worker];
    }

    /** Makes head vectors operands. */
    void set(HeadView view, Heads heads) {
        view.set(heads);
        if (rounds) {
            view.setOperands(copyOf(HostTensor.of(heads.tensor())));
        }
    }

    private long copyOf(HostTensor tensor) {
        for (int i = 0; i < copies; i++) {
            if (copied[i].address() == tensor.address() && copied[i].size() == tensor.size()) {
                return context.roundedHeads[i].address();
            }
        }
        Scratch copy = context.roundedHeads[copies];
        copy.reserve((tensor.size() + 1) / 2);
        elementwise.convert(tensor, copy.bytes(), Precision.BFLOAT16);
        copied[copies++] = tensor;
        return copy.address();
    }

    /** Makes room for the copies of so many tiles a worker. */
    void reserveTiles(int count, long elements) {
        if (rounds) {
            for (Scratch tile : context.roundedTiles) {
                tile.reserve((count * elements + 1) / 2);
            }
        }
    }

    /**
     * The address of a tile as an operand.
     *
     * @param tiles the worker's tiles
     * @param at where the tile begins, in bytes
     * @param elements of its rows that are read, and of what stands between them
     */
    long tile(ByteBuffer tiles, long address, int at, int elements, int worker) {
        if (!rounds) {
            return address + at;
        }
        Scratch copy = context.roundedTiles[worker];
        Rounding.round(tiles, at, copy.bytes(), at / Float.BYTES * Short.BYTES, elements);
        return copy.address() + at / Float.BYTES * Short.BYTES;
    }
}

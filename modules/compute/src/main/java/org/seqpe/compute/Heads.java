package org.seqpe.compute;

/**
 * Head vectors inside a tensor: element d of head h of row r stands at {@code offset + r * rowStride + h * headStride +
 * d}. A head stride of 0 gives every head the same vector. So query, key and value can be read where the projection
 * left them, side by side in one [B*T, 3C] array, without being copied apart.
 */
public record Heads(Tensor tensor, long offset, int rowStride, int headStride) {
    public Heads {
        if (offset < 0 || rowStride < 0 || headStride < 0 || offset > tensor.size()) {
            throw new IllegalArgumentException("Cannot read head vectors: offset " + offset + ", row stride "
                    + rowStride + ", head stride " + headStride + " in " + tensor);
        }
    }

    /** The same vectors from a row on. */
    public Heads from(int row) {
        return new Heads(tensor, offset + (long) row * rowStride, rowStride, headStride);
    }

    /** Heads that fill columns [column, column + H*D) of a [rows, columns] tensor. */
    public static Heads columns(Tensor tensor, int column, int headWidth) {
        return new Heads(tensor, column, Math.toIntExact(tensor.columns()), headWidth);
    }

    /** One vector per row at the given column, shared by every head. */
    public static Heads shared(Tensor tensor, int column) {
        return new Heads(tensor, column, Math.toIntExact(tensor.columns()), 0);
    }
}

package org.seqpe.compute;

/**
 * A matrix of a fixed width whose number of rows changes from step to step: memory for the most rows asked for so far,
 * and one kept view for each row count, so that steady steps allocate nothing.
 */
public final class RowBuffer {
    private final Device device;
    private final Precision precision;
    private final int columns;
    private Tensor memory;
    private Tensor[] views = new Tensor[0];

    /** A buffer of float32 numbers. */
    public RowBuffer(Device device, int columns) {
        this(device, Precision.FLOAT32, columns);
    }

    private RowBuffer(Device device, Precision precision, int columns) {
        this.device = device;
        this.precision = precision;
        this.columns = columns;
    }

    /** A buffer of activations. */
    public static RowBuffer ofActivations(Device device, int columns) {
        return new RowBuffer(device, device.activationPrecision(), columns);
    }

    /** A buffer of what a layer norm or GELU writes and nothing but products reads. */
    public static RowBuffer ofOperands(Device device, int columns) {
        return new RowBuffer(device, device.precision(), columns);
    }

    /**
     * A matrix in this buffer's precision: the given one where it has it, and otherwise a copy in this buffer.
     *
     * @param matrix [rows, columns]
     */
    public Tensor inPrecision(Tensor matrix) {
        if (matrix.precision() == precision) {
            return matrix;
        }
        Tensor copy = rows(Math.toIntExact(matrix.rows()));
        device.copy(matrix, copy);
        return copy;
    }

    /** A buffer of this width: the given one, or a new one in its place, whose predecessor's memory is freed. */
    public static RowBuffer ofWidth(RowBuffer buffer, Device device, int columns) {
        if (buffer != null && buffer.columns == columns) {
            return buffer;
        }
        if (buffer != null && buffer.memory != null) {
            device.free(buffer.memory);
        }
        return new RowBuffer(device, columns);
    }

    /**
     * The first {@code rows} rows, [rows, columns]; what earlier calls for as many or fewer left in them is still
     * there. A call for more rows than ever before frees the memory of all views that were given out.
     */
    public Tensor rows(int rows) {
        if (memory == null || memory.extent(0) < rows) {
            // By a quarter at least, so that row counts that wander upwards do not allocate at every step; a jump gets
            // just what it needs.
            long capacity = memory == null ? rows : Math.max(rows, memory.extent(0) + memory.extent(0) / 4);
            if (memory != null) {
                device.free(memory);
            }
            memory = device.allocate(precision, capacity, columns);
            views = new Tensor[Math.toIntExact(capacity) + 1];
        }
        Tensor view = views[rows];
        if (view == null) {
            view = memory.view(0, rows, columns);
            views[rows] = view;
        }
        return view;
    }

    public int columns() {
        return columns;
    }
}

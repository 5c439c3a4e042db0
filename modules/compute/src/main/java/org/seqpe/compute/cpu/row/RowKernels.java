package org.seqpe.compute.cpu.row;

import java.nio.ByteBuffer;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostInts;
import org.seqpe.compute.host.HostTensor;

/** Kernels that treat a tensor as rows: gathering, scattering, rows shared by samples, dropout. */
public final class RowKernels {
    /** Columns of a task where all rows must be met in order. */
    private static final int COLUMNS = 64;

    private final CpuContext context;
    private final Workers.Task gather = this::gatherRows;
    private final Workers.Task scatter = this::scatterColumns;
    private final Workers.Task addRows = this::addSharedRows;
    private final Workers.Task sumRows = this::sumSharedRow;
    private final Workers.Task dropout = this::dropRows;
    private final Workers.Task scaleRows = this::scaleGroups;
    private HostInts ids;
    private ByteBuffer x;
    private ByteBuffer table;
    private ByteBuffer out;
    private boolean accumulate;
    private int rows;
    private int rowBytes;
    private int tableRows;
    private int perTask;
    private int columnTasks;
    private float rate;
    private long key;

    public RowKernels(CpuContext context) {
        this.context = context;
    }

    /** Computes {@link org.seqpe.compute.Device#gather}; the ids must be rows of the table. */
    public void gather(HostInts rowNumbers, HostTensor source, HostTensor target, boolean add) {
        ids = rowNumbers;
        table = source.bytes();
        out = target.bytes();
        accumulate = add;
        runRows(target, gather);
    }

    /** Computes {@link org.seqpe.compute.Device#scatterAdd}; the ids must be rows of the table. */
    public void scatterAdd(HostInts rowNumbers, HostTensor dOut, HostTensor dTable) {
        ids = rowNumbers;
        x = dOut.bytes();
        table = dTable.bytes();
        size(dOut);
        context.workers.run(CpuContext.blocks(dOut.columns(), COLUMNS), scatter);
    }

    /** Computes {@link org.seqpe.compute.Device#addRows}. */
    public void addRows(HostTensor source, HostTensor shared, HostTensor target) {
        x = source.bytes();
        table = shared.bytes();
        tableRows = (int) shared.rows();
        out = target.bytes();
        runRows(target, addRows);
    }

    /** Computes {@link org.seqpe.compute.Device#sumRows}. */
    public void sumRows(HostTensor dOut, HostTensor dTable) {
        x = dOut.bytes();
        table = dTable.bytes();
        tableRows = (int) dTable.rows();
        size(dOut);
        columnTasks = CpuContext.blocks(dOut.columns(), COLUMNS);
        int most = tableRows * columnTasks;
        perTask = (int) Math.max(1, (long) CpuContext.BLOCK / COLUMNS * tableRows / Math.max(1, rows));
        context.workers.run(CpuContext.blocks(most, perTask), sumRows);
    }

    /** Computes {@link org.seqpe.compute.Device#dropout}. */
    public void dropout(HostTensor source, float dropRate, long dropKey, HostTensor target) {
        x = source.bytes();
        out = target.bytes();
        rate = dropRate;
        key = dropKey;
        runRows(target, dropout);
    }

    /** Computes {@link org.seqpe.compute.Device#scaleRows}. */
    public void scaleRows(HostTensor source, HostTensor factors, HostTensor target) {
        x = source.bytes();
        table = factors.bytes();
        tableRows = (int) (source.rows() / factors.size());
        out = target.bytes();
        runRows(target, scaleRows);
    }

    private void size(HostTensor matrix) {
        rows = (int) matrix.rows();
        rowBytes = (int) matrix.columns() * Float.BYTES;
    }

    private void runRows(HostTensor matrix, Workers.Task task) {
        size(matrix);
        perTask = Math.max(1, CpuContext.BLOCK / Math.max(1, (int) matrix.columns()));
        context.workers.run(CpuContext.blocks(rows, perTask), task);
    }

    private int lastRow(int task) {
        return (int) Math.min(rows, (task + 1L) * perTask);
    }

    private void gatherRows(int task, int worker) {
        for (int row = task * perTask; row < lastRow(task); row++) {
            int from = ids.get(row) * rowBytes;
            int to = row * rowBytes;
            if (accumulate) {
                Elementwise.add(out, to, table, from, out, to, rowBytes);
            } else {
                out.put(to, table, from, rowBytes);
            }
        }
    }

    private void scatterColumns(int task, int worker) {
        int from = task * COLUMNS * Float.BYTES;
        int bytes = Math.min(rowBytes - from, COLUMNS * Float.BYTES);
        for (int row = 0; row < rows; row++) {
            int to = ids.get(row) * rowBytes + from;
            Elementwise.add(table, to, x, row * rowBytes + from, table, to, bytes);
        }
    }

    private void addSharedRows(int task, int worker) {
        for (int row = task * perTask; row < lastRow(task); row++) {
            int at = row * rowBytes;
            Elementwise.add(x, at, table, row % tableRows * rowBytes, out, at, rowBytes);
        }
    }

    private void sumSharedRow(int task, int worker) {
        int end = (int) Math.min((long) tableRows * columnTasks, (task + 1L) * perTask);
        for (int unit = task * perTask; unit < end; unit++) {
            int shared = unit / columnTasks;
            int from = unit % columnTasks * COLUMNS * Float.BYTES;
            int bytes = Math.min(rowBytes - from, COLUMNS * Float.BYTES);
            int to = shared * rowBytes + from;
            for (int row = shared; row < rows; row += tableRows) {
                Elementwise.add(table, to, x, row * rowBytes + from, table, to, bytes);
            }
        }
    }

    private void scaleGroups(int task, int worker) {
        for (int row = task * perTask; row < lastRow(task); row++) {
            int at = row * rowBytes;
            if (out != x) {
                out.put(at, x, at, rowBytes);
            }
            Elementwise.scale(out, at, at + rowBytes, table.getFloat(row / tableRows * Float.BYTES));
        }
    }

    private void dropRows(int task, int worker) {
        for (int row = task * perTask; row < lastRow(task); row++) {
            Mask.apply(Dropout.rowHash(key, row), rate, 0, x, row * rowBytes, out, row * rowBytes, rowBytes);
        }
    }
}

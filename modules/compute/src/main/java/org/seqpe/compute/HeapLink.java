package org.seqpe.compute;

/** Copies piece by piece through an array of the heap. */
final class HeapLink implements HostLink {
    private static final int CHUNK = 1 << 20;

    private final HostVector vector;

    HeapLink(HostVector vector) {
        this.vector = vector;
    }

    @Override
    public void toDevice(Tensor target) {
        forEachChunk((from, values, count) -> {
            vector.address().getPointer(from).get(values, 0, count);
            target.upload(from, values, 0, count);
        });
    }

    @Override
    public void toHost(Tensor source) {
        forEachChunk((from, values, count) -> {
            source.download(from, values, 0, count);
            vector.address().getPointer(from).put(values, 0, count);
        });
    }

    /** Copies some elements. */
    private interface Copy {
        void run(long from, float[] values, int count);
    }

    private void forEachChunk(Copy copy) {
        float[] values = new float[(int) Math.min(CHUNK, vector.size())];
        for (long from = 0; from < vector.size(); from += values.length) {
            copy.run(from, values, (int) Math.min(values.length, vector.size() - from));
        }
    }
}

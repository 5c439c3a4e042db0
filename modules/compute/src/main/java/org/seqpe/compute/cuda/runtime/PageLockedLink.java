package org.seqpe.compute.cuda.runtime;

import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.seqpe.compute.HostLink;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.CudaStatus;
import org.seqpe.compute.cuda.driver.DriverApi;

/**
 * A vector whose memory is page-locked as long as this link is reachable, so that the GPU reads and writes it itself,
 * without a copy on the host.
 */
final class PageLockedLink implements HostLink {
    private static final Cleaner CLEANER = Cleaner.create();

    private final CudaContext context;
    private final HostVector vector;

    private PageLockedLink(CudaContext context, HostVector vector) {
        this.context = context;
        this.vector = vector;
    }

    /** Vectors whose links are unreachable. The garbage collector's threads have no context to unlock them in. */
    static final class Registry {
        private final Queue<HostVector> unreachable = new ConcurrentLinkedQueue<>();
        private final Set<HostVector> locked = Collections.newSetFromMap(new IdentityHashMap<>());

        private void unlockUnreachable(CudaContext context) {
            for (HostVector done = unreachable.poll(); done != null; done = unreachable.poll()) {
                locked.remove(done);
                context.check(
                        "cuMemHostUnregister",
                        DriverApi.cuMemHostUnregister(done.address().address()));
            }
        }

        /** Unlocks everything, in use or not. */
        void close() {
            // A broken context answers with its error, which was thrown where it happened.
            locked.forEach(
                    vector -> DriverApi.cuMemHostUnregister(vector.address().address()));
            locked.clear();
        }

        /**
         * A link to a vector; through the heap where the system does not lock its memory, because a limit is reached,
         * or because some page of it is locked already.
         */
        HostLink link(CudaContext context, HostVector vector) {
            unlockUnreachable(context);
            long bytes = vector.size() * Float.BYTES;
            if (bytes == 0
                    || DriverApi.cuMemHostRegister_v2(vector.address().address(), bytes, 0) != CudaStatus.SUCCESS) {
                return HostLink.throughHeap(vector);
            }
            locked.add(vector);
            PageLockedLink link = new PageLockedLink(context, vector);
            CLEANER.register(link, new Note(this, vector));
            return link;
        }
    }

    /** What a link leaves behind: it keeps the vector's memory until that is unlocked. */
    private record Note(Registry registry, HostVector vector) implements Runnable {
        @Override
        public void run() {
            registry.unreachable.add(vector);
        }
    }

    @Override
    public void toDevice(Tensor target) {
        context.check(
                "cuMemcpyHtoDAsync",
                DriverApi.cuMemcpyHtoDAsync_v2(
                        CudaTensor.of(target).address(), vector.address().address(), bytes(target), context.stream()));
        context.synchronize();
    }

    @Override
    public void toHost(Tensor source) {
        context.check(
                "cuMemcpyDtoHAsync",
                DriverApi.cuMemcpyDtoHAsync_v2(
                        vector.address().address(), CudaTensor.of(source).address(), bytes(source), context.stream()));
        context.synchronize();
    }

    private long bytes(Tensor tensor) {
        if (tensor.size() != vector.size()) {
            throw new IllegalArgumentException(
                    "Cannot copy a vector: expected a tensor of " + vector.size() + " elements, found " + tensor);
        }
        return vector.size() * Float.BYTES;
    }
}

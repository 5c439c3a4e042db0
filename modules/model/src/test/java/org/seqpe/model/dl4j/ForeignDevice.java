package org.seqpe.model.dl4j;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/**
 * A device like a GPU, for tests of everything above devices: its memory is its own, nothing may be assumed of its
 * tensors but what {@link Tensor} says, kernels run when somebody waits and not before, and memory that is freed is
 * overwritten. Behind it another device computes.
 */
final class ForeignDevice {
    private final Device inner;
    private final Deque<Runnable> asked = new ArrayDeque<>();
    private final Device device;

    private ForeignDevice(Device inner) {
        this.inner = inner;
        device = (Device)
                Proxy.newProxyInstance(Device.class.getClassLoader(), new Class<?>[] {Device.class}, this::call);
    }

    /** A foreign device before another; closing it closes the other. */
    static Device over(Device inner) {
        return new ForeignDevice(inner).device;
    }

    private Object call(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.isDefault() && !method.getName().equals("attach")) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        return switch (method.getName()) {
            case "name" -> "foreign";
            case "toString" -> "foreign device";
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            case "attach" -> null;
            case "share" -> Optional.empty();
            case "allocate" -> new ForeignTensor(inner.allocate((long[]) arguments[0]));
            case "allocateInts" -> new ForeignInts(
                    null, inner.allocateInts((int) arguments[0]), 0, new int[(int) arguments[0]]);
            case "allocateDoubles" -> new ForeignDoubles(inner.allocateDoubles((int) arguments[0]));
            case "free" -> {
                Tensor tensor = ((ForeignTensor) arguments[0]).tensor;
                asked.add(() -> {
                    inner.fill(tensor, Float.NaN);
                    inner.free(tensor);
                });
                yield null;
            }
            case "synchronize" -> {
                run();
                yield null;
            }
            case "close" -> {
                run();
                inner.close();
                yield null;
            }
            default -> {
                Object[] unwrapped = Arrays.stream(arguments).map(this::unwrap).toArray();
                asked.add(() -> invoke(method, unwrapped));
                yield null;
            }
        };
    }

    private void invoke(Method method, Object[] arguments) {
        try {
            method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("The kernel " + method.getName() + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private void run() {
        while (!asked.isEmpty()) {
            asked.removeFirst().run();
        }
    }

    private Object unwrap(Object argument) {
        if (argument instanceof ForeignTensor foreign) {
            return foreign.tensor;
        }
        if (argument instanceof ForeignInts foreign) {
            return foreign.ints;
        }
        if (argument instanceof ForeignDoubles foreign) {
            return foreign.doubles;
        }
        if (argument instanceof Heads heads) {
            return new Heads((Tensor) unwrap(heads.tensor()), heads.offset(), heads.rowStride(), heads.headStride());
        }
        if (argument instanceof AttentionHeads heads) {
            return new AttentionHeads(
                    (Heads) unwrap(heads.query()),
                    (Heads) unwrap(heads.key()),
                    (Heads) unwrap(heads.value()),
                    (Heads) unwrap(heads.positionQuery()),
                    (Heads) unwrap(heads.positionKey()));
        }
        return argument;
    }

    private final class ForeignTensor extends Tensor {
        private final Tensor tensor;

        ForeignTensor(Tensor tensor) {
            super(tensor.shape());
            this.tensor = tensor;
        }

        @Override
        public Device device() {
            return device;
        }

        @Override
        public Tensor view(long offset, long... shape) {
            return new ForeignTensor(tensor.view(offset, shape));
        }

        @Override
        public void upload(long offset, float[] source, int from, int count) {
            float[] copied = Arrays.copyOfRange(source, from, from + count);
            asked.add(() -> tensor.upload(offset, copied, 0, count));
        }

        @Override
        public void download(long offset, float[] target, int to, int count) {
            run();
            tensor.download(offset, target, to, count);
        }
    }

    private final class ForeignInts extends Ints {
        private final Ints ints;
        private final int first;
        private final int[] host;
        private int length;

        ForeignInts(ForeignInts parent, Ints ints, int first, int[] host) {
            super(parent);
            this.ints = ints;
            this.first = first;
            this.host = host;
            this.length = ints.length();
        }

        @Override
        public int capacity() {
            return ints.capacity();
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public int get(int i) {
            return host[first + i];
        }

        @Override
        public Ints view(int offset, int count) {
            return new ForeignInts(this, ints.view(offset, count), first + offset, host);
        }

        @Override
        protected void store(int[] source, int from, int count) {
            int[] copied = Arrays.copyOfRange(source, from, from + count);
            System.arraycopy(copied, 0, host, first, count);
            length = count;
            asked.add(() -> ints.upload(copied, 0, count));
        }
    }

    private final class ForeignDoubles implements Doubles {
        private final Doubles doubles;

        ForeignDoubles(Doubles doubles) {
            this.doubles = doubles;
        }

        @Override
        public void ask() {
            asked.add(doubles::ask);
        }

        @Override
        public int capacity() {
            return doubles.capacity();
        }

        @Override
        public double[] toArray() {
            // Runs more than what was asked for before; the values are those of then all the same.
            run();
            return doubles.toArray();
        }
    }
}

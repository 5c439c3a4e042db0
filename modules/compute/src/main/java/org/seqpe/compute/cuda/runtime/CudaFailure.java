package org.seqpe.compute.cuda.runtime;

/** The driver refused something, such as a launch. What it computed before is still right. */
public final class CudaFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CudaFailure(String message) {
        super(message);
    }
}

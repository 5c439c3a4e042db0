package org.seqpe.compute.cuda.runtime;

/**
 * A GPU failed during work: a kernel's fault, or an error of the card. Nothing can be computed in this process on that
 * GPU afterwards, because the driver answers every later call with the same error.
 */
public final class CudaFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CudaFailure(String message) {
        super(message);
    }
}

package org.seqpe.compute.cuda.product;

import org.seqpe.compute.cuda.driver.CublasLt;

/** What cuBLASLt's functions return. */
final class CublasStatus {
    static final int SUCCESS = 0;
    static final int INVALID_VALUE = 7;
    static final int NOT_SUPPORTED = 15;

    private CublasStatus() {}

    /** @throws IllegalStateException unless the function succeeded */
    static void require(String function, int status) {
        if (status != SUCCESS) {
            throw new IllegalStateException(
                    "Cannot multiply on the GPU: " + function + " fails with " + CublasLt.describe(status));
        }
    }
}

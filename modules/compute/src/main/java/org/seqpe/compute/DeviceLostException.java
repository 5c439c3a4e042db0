package org.seqpe.compute;

/**
 * A device failed during work, and this process cannot use it any more: whatever it held is lost. Another process may
 * be able to use it.
 */
public final class DeviceLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceLostException(String message) {
        super(message);
    }
}

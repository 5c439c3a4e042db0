package org.seqpe.core.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Files that come with the program. */
public final class Resources {
    private Resources() {}

    /** Reads a resource as UTF-8; see {@link #bytes}. */
    public static String text(Class<?> owner, String name) {
        return new String(bytes(owner, name), StandardCharsets.UTF_8);
    }

    /**
     * Reads a resource.
     *
     * @param owner class whose package a relative name begins at
     * @throws IllegalStateException if the resource is not on the class path
     */
    public static byte[] bytes(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Cannot read the resource " + name + " of " + owner.getName()
                        + ": it is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the resource " + name + " of " + owner.getName(), e);
        }
    }
}

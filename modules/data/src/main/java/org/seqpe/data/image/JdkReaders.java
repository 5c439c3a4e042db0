package org.seqpe.data.image;

import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * The JDK's own readers of JPEG and PNG. Others that a class path may bring are passed over, so that the same file
 * gives the same pixels on every class path.
 */
final class JdkReaders {
    private static final ImageReaderSpi JPEG = find("com.sun.imageio.plugins.jpeg.");
    private static final ImageReaderSpi PNG = find("com.sun.imageio.plugins.png.");

    private JdkReaders() {}

    /** A reader for one JPEG file; to be disposed of. */
    static ImageReader jpeg() throws IOException {
        return JPEG.createReaderInstance();
    }

    /** A reader for one PNG file; to be disposed of. */
    static ImageReader png() throws IOException {
        return PNG.createReaderInstance();
    }

    private static ImageReaderSpi find(String classNames) {
        Iterator<ImageReaderSpi> all =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
        while (all.hasNext()) {
            ImageReaderSpi provider = all.next();
            if (provider.getClass().getName().startsWith(classNames)) {
                return provider;
            }
        }
        throw new IllegalStateException(
                "Cannot decode pictures: expected a Java runtime with the module java.desktop, found none of its image readers");
    }
}

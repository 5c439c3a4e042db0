package org.seqpe.model.golden;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * An array of a .npz archive: the NPY format, versions 1 to 3, C order (numpy.lib.format).
 *
 * @param type NumPy's type letters without the byte order, such as f8
 * @param shape empty for a single number
 * @param data little-endian values
 */
record NpyArray(String type, int[] shape, ByteBuffer data) {
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([<|])([a-z]\\d)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*False");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([\\d, ]*)\\)");

    /**
     * All arrays of an archive by name.
     *
     * @param sha256 what the file must hash to, or empty
     */
    static Map<String, NpyArray> readArchive(Path file, String sha256) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String found = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            if (!sha256.isEmpty() && !sha256.equals(found)) {
                throw new IllegalStateException(
                        "Golden file " + file + " is damaged: expected sha256 " + sha256 + ", found " + found);
            }
            Map<String, NpyArray> arrays = new HashMap<>();
            try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    arrays.put(
                            entry.getName().replaceFirst("\\.npy$", ""),
                            parse(file + "!" + entry.getName(), zip.readAllBytes()));
                }
            }
            return arrays;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read golden file " + file, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static NpyArray parse(String where, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean longHeader = bytes[6] > 1;
        int start = longHeader ? 12 : 10;
        int length = longHeader ? buffer.getInt(8) : Short.toUnsignedInt(buffer.getShort(8));
        String header = new String(bytes, start, length, StandardCharsets.UTF_8);
        Matcher type = TYPE.matcher(header);
        Matcher shape = SHAPE.matcher(header);
        if (!type.find() || !ORDER.matcher(header).find() || !shape.find()) {
            throw new IllegalStateException(
                    "Cannot read " + where + ": expected little-endian values in C order, found " + header.strip());
        }
        int[] sizes = Arrays.stream(shape.group(1).split(","))
                .map(String::strip)
                .filter(size -> !size.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
        return new NpyArray(
                type.group(2),
                sizes,
                buffer.slice(start + length, bytes.length - start - length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private int size() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    double[] doubles() {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (type) {
                case "f8" -> data.getDouble(8 * i);
                case "f4" -> data.getFloat(4 * i);
                default -> integer(i);
            };
        }
        return values;
    }

    long[] longs() {
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = integer(i);
        }
        return values;
    }

    private long integer(int i) {
        return switch (type) {
            case "i8" -> data.getLong(8 * i);
            case "i4" -> data.getInt(4 * i);
            case "i2" -> data.getShort(2 * i);
            case "b1", "u1" -> Byte.toUnsignedLong(data.get(i));
            case "i1" -> data.get(i);
            default -> throw new AssertionError("Cannot read values of type " + type + " as integers");
        };
    }
}

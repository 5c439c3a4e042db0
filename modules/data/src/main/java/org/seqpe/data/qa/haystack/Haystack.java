package org.seqpe.data.qa.haystack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.prepare.SpoolFile;

/**
 * The texts of a split, as if they were one: document after document, a blank line between them, and the first one
 * again after the last. Spool files that were read stay in memory up to {@value #BYTES_IN_MEMORY} bytes. Not safe for
 * use by several threads.
 */
public final class Haystack {
    private static final String BETWEEN = "\n\n";
    private static final String BLANK_LINE = "\\n[ \\t\\r]*\\n";
    private static final long BYTES_IN_MEMORY = 1L << 26;

    private final List<SpoolFile> files;
    private final long bytes;
    private final Map<Integer, List<byte[]>> inMemory = new LinkedHashMap<>();
    private long bytesInMemory;
    private List<byte[]> documents = List.of();

    /** @param files the spool files of a split, in order, each with at least one document */
    public Haystack(List<SpoolFile> files) {
        this.files = List.copyOf(files);
        this.bytes = files.stream().mapToLong(SpoolFile::bytes).sum();
    }

    /** UTF-8 bytes of all documents. */
    public long bytes() {
        return bytes;
    }

    /**
     * The documents from a place on, the first of them from there to its end. If they are fewer bytes than asked for,
     * everything is in the list once, and the beginning of the first document is its end.
     *
     * @param place bytes of documents before it, from 0 and below {@link #bytes}
     * @param least bytes at which the text is long enough; the document that brings it there is whole
     */
    public List<String> from(long place, long least) {
        int file = 0;
        long within = place;
        while (within >= files.get(file).bytes()) {
            within -= files.get(file++).bytes();
        }
        load(file);
        int document = 0;
        while (within >= documents.get(document).length) {
            within -= documents.get(document++).length;
        }
        byte[] firstText = documents.get(document);
        int start = (int) within;
        // A character that begins before the place belongs to what is before it.
        while (start < firstText.length && (firstText[start] & 0xC0) == 0x80) {
            start++;
        }
        int firstFile = file;
        int firstDocument = document;
        List<String> texts = new ArrayList<>();
        long collected = add(texts, firstText, start, firstText.length);
        while (collected < least) {
            if (++document == documents.size()) {
                document = 0;
                file = (file + 1) % files.size();
                load(file);
            }
            if (file == firstFile && document == firstDocument) {
                add(texts, firstText, 0, start);
                break;
            }
            collected += add(texts, documents.get(document), 0, documents.get(document).length);
        }
        return texts;
    }

    private static int add(List<String> texts, byte[] text, int from, int to) {
        if (to > from) {
            texts.add(new String(text, from, to - from, StandardCharsets.UTF_8));
        }
        return to - from;
    }

    /** The same as one text. */
    public String text(long place, long least) {
        return String.join(BETWEEN, from(place, least));
    }

    /**
     * The paragraphs of {@link #from}, which blank lines separate. Those that are cut by the place are left out.
     *
     * @param place as there
     * @param least as there, for the bytes of all of them
     */
    public List<String> paragraphs(long place, long least) {
        List<String> paragraphs = new ArrayList<>();
        for (String text : from(place, least)) {
            for (String paragraph : text.split(BLANK_LINE)) {
                if (!paragraph.isBlank()) {
                    paragraphs.add(paragraph.strip());
                }
            }
        }
        if (!paragraphs.isEmpty()) {
            paragraphs.remove(0);
        }
        if (least >= bytes && !paragraphs.isEmpty()) {
            paragraphs.remove(paragraphs.size() - 1);
        }
        return paragraphs;
    }

    private void load(int file) {
        documents = inMemory.computeIfAbsent(file, this::read);
        while (bytesInMemory > BYTES_IN_MEMORY && inMemory.size() > 1) {
            int oldest = inMemory.keySet().iterator().next();
            if (oldest == file) {
                return;
            }
            inMemory.remove(oldest);
            bytesInMemory -= files.get(oldest).bytes();
        }
    }

    private List<byte[]> read(int file) {
        List<byte[]> read = new ArrayList<>();
        try {
            Spool.read(files.get(file), (number, content) -> read.add(content));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + files.get(file).path() + ": " + e.getMessage(), e);
        }
        bytesInMemory += files.get(file).bytes();
        return read;
    }
}

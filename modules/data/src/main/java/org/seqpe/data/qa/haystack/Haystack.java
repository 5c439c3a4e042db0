package org.seqpe.data.qa.haystack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.prepare.SpoolFile;

/**
 * The texts of a split, as if they were one: document after document, a blank line between them, and the first one
 * again after the last. Spool files that were read stay in memory up to {@value #BYTES_IN_MEMORY} bytes. Not safe for
 * use by several threads.
 */
public final class Haystack {
    private static final String BETWEEN = "\n\n";
    private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t\\r]*\\n");
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
        List<String> texts = new ArrayList<>();
        long collected = 0;
        for (Stretches stretches = new Stretches(place); collected < least && stretches.hasNext(); ) {
            Stretch next = stretches.next();
            collected += next.bytes();
            if (next.bytes() > 0) {
                texts.add(next.text());
            }
        }
        return texts;
    }

    /** Part of a document. */
    private record Stretch(byte[] document, int from, int to) {
        int bytes() {
            return to - from;
        }

        String text() {
            return new String(document, from, to - from, StandardCharsets.UTF_8);
        }
    }

    /** The documents from a place on, each once: the first one from there to its end, and at last its beginning. */
    private final class Stretches implements Iterator<Stretch> {
        private final int firstFile;
        private final int firstDocument;
        private final int start;
        private int file;
        private int document;
        private boolean begun;
        private boolean ended;

        private Stretches(long place) {
            long within = place;
            while (within >= files.get(file).bytes()) {
                within -= files.get(file++).bytes();
            }
            load(file);
            while (within >= documents.get(document).length) {
                within -= documents.get(document++).length;
            }
            byte[] first = documents.get(document);
            int from = (int) within;
            // A character that begins before the place belongs to what is before it.
            while (from < first.length && (first[from] & 0xC0) == 0x80) {
                from++;
            }
            start = from;
            firstFile = file;
            firstDocument = document;
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public Stretch next() {
            if (ended) {
                throw new NoSuchElementException();
            }
            load(file);
            byte[] text = documents.get(document);
            ended = begun && file == firstFile && document == firstDocument;
            Stretch next = new Stretch(text, begun ? 0 : start, ended ? start : text.length);
            begun = true;
            if (++document == documents.size()) {
                document = 0;
                file = (file + 1) % files.size();
            }
            return next;
        }
    }

    /** The same as one text. */
    public String text(long place, long least) {
        return String.join(BETWEEN, from(place, least));
    }

    /**
     * The paragraphs from a place on, each once, which blank lines separate. Those that the place cuts are left out.
     * They are read as they are asked for, and the next ones are asked for before another place is.
     *
     * @param place as in {@link #from}
     */
    public Iterator<String> paragraphs(long place) {
        Stretches stretches = new Stretches(place);
        return new Iterator<>() {
            private final Deque<String> ready = new ArrayDeque<>();
            private boolean begun;

            @Override
            public boolean hasNext() {
                while (ready.isEmpty() && stretches.hasNext()) {
                    split(stretches.next().text(), ready);
                    if (!begun || !stretches.hasNext()) {
                        // One that the place cuts.
                        Object cut = begun ? ready.pollLast() : ready.pollFirst();
                        begun |= cut != null;
                    }
                }
                return !ready.isEmpty();
            }

            @Override
            public String next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return ready.poll();
            }
        };
    }

    private static void split(String text, Deque<String> paragraphs) {
        for (String paragraph : BLANK_LINE.split(text)) {
            if (!paragraph.isBlank()) {
                paragraphs.add(paragraph.strip());
            }
        }
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

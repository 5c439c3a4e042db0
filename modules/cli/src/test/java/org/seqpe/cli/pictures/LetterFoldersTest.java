package org.seqpe.cli.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.PictureException;

class LetterFoldersTest {
    private static final Map<String, Integer> PER_LETTER =
            Map.of(Splits.TRAIN, 4, Splits.VALIDATION, 2, Splits.TEST, 3);

    @TempDir
    private static Path folder;

    private static Map<String, byte[]> files;

    @BeforeAll
    static void draw() {
        files = write("first", 1);
    }

    @Test
    void everySplitHasEveryLetter() {
        Map<String, Long> perFolder = files.keySet().stream()
                .collect(
                        Collectors.groupingBy(name -> name.substring(0, name.lastIndexOf('/')), Collectors.counting()));
        Map<String, Long> expected = new TreeMap<>();
        PER_LETTER.forEach((split, count) -> {
            for (char letter = 'A'; letter <= 'Z'; letter++) {
                expected.put(split + "/" + letter, (long) count);
            }
        });
        assertThat(perFolder).isEqualTo(expected);
        assertThat(files).containsKey("train/A/0000.png").containsKey("test/Z/0002.png");
    }

    @Test
    void theSeedDecidesTheBytes() {
        Map<String, byte[]> again = write("second", 1);
        assertThat(again.keySet()).isEqualTo(files.keySet());
        again.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(files.get(name)));
        Map<String, byte[]> other = write("third", 2);
        other.forEach((name, bytes) -> assertThat(bytes).as(name).isNotEqualTo(files.get(name)));
    }

    @Test
    void everyPictureShowsSomethingOfItsOwn() throws PictureException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Picture picture = PictureDecoder.decode(file.getValue());
            assertThat(picture.width()).isEqualTo(LetterFolders.SIDE);
            assertThat(picture.height()).isEqualTo(LetterFolders.SIDE);
            assertThat(deviation(picture)).as(file.getKey()).isGreaterThan(5);
        }
        assertThat(files.values().stream().map(ByteBuffer::wrap).distinct()).hasSameSizeAs(files.values());
    }

    /** Standard deviation of all values, of 255. */
    private static double deviation(Picture picture) {
        double sum = 0;
        double squares = 0;
        for (byte value : picture.rgb()) {
            sum += value & 255;
            squares += (value & 255) * (value & 255);
        }
        double mean = sum / picture.rgb().length;
        return Math.sqrt(squares / picture.rgb().length - mean * mean);
    }

    private static Map<String, byte[]> write(String name, long seed) {
        Path target = folder.resolve(name);
        LetterFolders.writeTo(target.toString(), seed, PER_LETTER);
        Map<String, byte[]> written = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(target)) {
            for (Path path :
                    paths.filter(path -> path.toString().endsWith(".png")).toList()) {
                written.put(target.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return written;
    }
}

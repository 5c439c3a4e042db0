package org.seqpe.data.image.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.shard.OpenFiles;

/** Reading shards, and what is refused of them. */
class ImageSplitTest {
    private static final int CLASSES = 7;

    @TempDir
    private Path folder;

    /** Content that begins as a PNG file does; nothing here decodes it. */
    private static byte[] picture(int number) {
        byte[] bytes = new byte[20 + number * 37 % 1200];
        Arrays.fill(bytes, (byte) number);
        byte[] head = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
        System.arraycopy(head, 0, bytes, 0, head.length);
        ByteBuffer.wrap(bytes).putInt(8, number);
        return bytes;
    }

    private ImageDataset write(int shards, int pictures) throws IOException {
        List<PictureShardInfo> infos = new ArrayList<>();
        int next = 0;
        long bytes = 0;
        TreeMap<String, Long>[] counts = counts();
        for (int shard = 0; shard < shards; shard++) {
            String name = "train-" + shard;
            try (PictureShardWriter writer =
                    new PictureShardWriter(folder.resolve(name).toString(), next)) {
                // A shard without pictures is in the middle.
                for (int i = 0; i < (shard == 1 ? 0 : pictures); i++) {
                    byte[] picture = picture(next);
                    bytes += picture.length;
                    counts[next % CLASSES].merge("train", 1L, Long::sum);
                    writer.add(next++ % CLASSES, picture);
                }
                infos.add(writer.finish(name));
            }
        }
        List<ImageManifest.PictureClass> classes = new ArrayList<>();
        for (int i = 0; i < CLASSES; i++) {
            classes.add(new ImageManifest.PictureClass("class" + i, "", counts[i]));
        }
        TreeMap<String, ImageManifest.Split> splits = new TreeMap<>();
        splits.put("train", new ImageManifest.Split(next, bytes, new TreeMap<>(), infos));
        ImageManifest manifest = new ImageManifest(
                "images",
                ImageManifest.FORMAT_VERSION,
                new DatasetManifest.Corpus("image-folders", "x", 1, 1, "named", new TreeMap<>(), new TreeMap<>()),
                0,
                classes,
                splits);
        Files.writeString(folder.resolve("manifest.json"), manifest.toJson());
        return ImageDataset.open(folder.toString());
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static TreeMap<String, Long>[] counts() {
        TreeMap<String, Long>[] counts = new TreeMap[CLASSES];
        Arrays.setAll(counts, i -> new TreeMap<>());
        return counts;
    }

    /** More shards than streams that stay open. */
    @Test
    void manyThreadsReadManyShardsInAnyOrder() throws Exception {
        int shards = 3 * OpenFiles.MOST_IDLE + 5;
        ImageDataset dataset = write(shards, 3);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (ImageSplit split = dataset.split("train")) {
            assertThat(split.size()).isEqualTo(3L * (shards - 1));
            List<Future<?>> reading = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                RandomStream random = RandomStream.of(5, thread, 0);
                reading.add(threads.submit(() -> {
                    for (int i = 0; i < 400; i++) {
                        int number = (int) (random.nextDouble() * split.size());
                        assertThat(split.picture(number)).isEqualTo(picture(number));
                        assertThat(split.label(number)).isEqualTo(number % CLASSES);
                    }
                }));
            }
            for (Future<?> one : reading) {
                one.get();
            }
            for (int number = 0; number < split.size(); number++) {
                assertThat(split.picture(number)).isEqualTo(picture(number));
            }
            assertThat(split.idle()).isEqualTo(OpenFiles.MOST_IDLE);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aClosedSplitIsNotRead() throws IOException {
        ImageSplit split = write(2, 5).split("train");
        split.picture(0);
        split.close();
        assertThat(split.idle()).isZero();
        assertThatThrownBy(() -> split.picture(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void damagedFilesAreRefusedByName() throws IOException {
        ImageDataset dataset = write(3, 4);
        Path tar = folder.resolve("train-2.tar");
        Path idx = folder.resolve("train-2.idx");
        byte[] archive = Files.readAllBytes(tar);
        byte[] index = Files.readAllBytes(idx);
        assertThat(index).hasSize(20 + 4 * 16);

        Files.write(tar, Arrays.copyOf(archive, archive.length - 512));
        requireRefused(dataset, "train-2.tar: expected " + archive.length + " bytes");
        Files.write(tar, archive);

        Files.write(idx, Arrays.copyOf(index, index.length - 1));
        requireRefused(dataset, "train-2.idx: expected " + index.length + " bytes");
        Files.write(idx, index);

        write(idx, index, 0, "X".getBytes(StandardCharsets.US_ASCII));
        requireRefused(dataset, "train-2.idx: it does not begin");
        write(idx, index, 8, new byte[] {2});
        requireRefused(dataset, "as its version");
        write(idx, index, 12, new byte[] {5});
        requireRefused(dataset, "4 pictures, found 5");
        // The second picture lies where the first one does, then beyond the end; then its class is unknown.
        write(idx, index, 28, number(0));
        requireRefused(dataset, "expected picture 1 to lie after the one before it");
        write(idx, index, 28, number(1 << 20));
        requireRefused(dataset, "expected picture 1");
        write(idx, index, 20 + 4 * 12 + 4, new byte[] {CLASSES});
        requireRefused(dataset, "class " + CLASSES);

        Files.write(idx, index);
        archive[600] ^= 1;
        Files.write(tar, archive);
        dataset.split("train").close();
        assertThatThrownBy(dataset::verify)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train-2.tar: expected sha256");
        Files.delete(tar);
        requireRefused(dataset, "train-2.tar: the manifest names this file");
        assertThatThrownBy(() -> dataset.split("test"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it has train");
    }

    /** Whatever single bytes become, a dataset is read or refused with a sentence. */
    @Test
    void randomDamageIsReadOrRefused() throws IOException {
        write(3, 4);
        int refused = 0;
        for (String name : List.of("manifest.json", "train-2.idx")) {
            Path file = folder.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            for (int seed = 0; seed < 1000; seed++) {
                RandomStream random = RandomStream.of(7, seed);
                byte[] damaged = whole.clone();
                for (int i = 0; i <= seed % 3; i++) {
                    damaged[(int) (random.nextDouble() * whole.length)] = (byte) (random.nextDouble() * 256);
                }
                Files.write(file, damaged);
                try (ImageSplit split = ImageDataset.open(folder.toString()).split("train")) {
                    for (long i = 0; i < split.size(); i++) {
                        assertThat(split.picture(i)).isNotEmpty();
                        assertThat(split.label(i)).isBetween(0, CLASSES - 1);
                    }
                } catch (UserException e) {
                    refused++;
                    assertThat(e).hasMessageContaining("Cannot ");
                }
            }
            Files.write(file, whole);
        }
        assertThat(refused).isBetween(200, 2000);
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static void write(Path file, byte[] whole, int at, byte[] part) throws IOException {
        byte[] changed = whole.clone();
        System.arraycopy(part, 0, changed, at, part.length);
        Files.write(file, changed);
    }

    private static void requireRefused(ImageDataset dataset, String words) {
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(words);
    }

    @Test
    void manifestsThatContradictThemselvesAreRefused() throws IOException {
        ImageDataset dataset = write(1, 4);
        dataset.requireHash(dataset.hash());
        assertThatThrownBy(() -> dataset.requireHash("00"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("another run folder");
        Path file = folder.resolve("manifest.json");
        String manifest = Files.readString(file);
        Files.writeString(file, manifest.replace("\"pictures\" : 4", "\"pictures\" : 5"));
        assertThatThrownBy(() -> ImageDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("split train");
        Files.writeString(file, manifest.replace("\"train-0\"", "\"../train-0\""));
        assertThatThrownBy(() -> ImageDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("names of files in the same folder");
        Files.writeString(file, manifest.replace("\"images\"", "\"sounds\""));
        assertThatThrownBy(() -> ImageDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("\"sounds\"");
        Files.writeString(file, manifest.replace("  \"kind\" : \"images\",\n", ""));
        assertThatThrownBy(() -> ImageDataset.open(folder.toString()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("as images: it holds text");
    }
}

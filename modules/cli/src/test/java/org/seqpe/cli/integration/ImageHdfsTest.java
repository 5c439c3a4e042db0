package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.DFSConfigKeys;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;

/** ImageNet's archives on a real HDFS, prepared there and on the local disk. */
class ImageHdfsTest {
    private static final int BLOCK = 1 << 20;
    private static final int CLASSES = 3;
    private static final int PICTURES = 40;
    private static final int VALIDATION = 30;

    @TempDir
    private static Path folder;

    private static MiniDFSCluster cluster;
    private static String hdfs;

    @BeforeAll
    static void start() throws IOException {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        Configuration settings = new Configuration();
        settings.setInt(DFSConfigKeys.DFS_REPLICATION_KEY, 1);
        settings.setInt(DFSConfigKeys.DFS_BLOCK_SIZE_KEY, BLOCK);
        cluster = new MiniDFSCluster.Builder(settings, folder.resolve("hdfs").toFile())
                .numDataNodes(1)
                .build();
        cluster.waitActive();
        hdfs = cluster.getFileSystem().getUri().toString();
        HadoopFiles.use(settings);
    }

    @AfterAll
    static void stop() {
        HadoopFiles.use(new Configuration());
        cluster.shutdown();
        Configurator.setLevel("org.apache.hadoop", Level.WARN);
    }

    /** Noise, of which a file takes some 30 kB. */
    private static byte[] picture(int number) throws IOException {
        RandomStream random = RandomStream.of(11, number);
        BufferedImage image = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 100; y++) {
            for (int x = 0; x < 100; x++) {
                image.setRGB(x, y, (int) (random.nextDouble() * (1 << 24)));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /** An outer archive of several HDFS blocks with an archive for each class, the validation pictures, and the kit. */
    private static void write(Path corpus) throws IOException {
        Files.createDirectories(corpus);
        StringBuilder synsets = new StringBuilder();
        try (TarArchiveOutputStream outer =
                new TarArchiveOutputStream(Files.newOutputStream(corpus.resolve("ILSVRC2012_img_train.tar")))) {
            for (int i = 0; i < CLASSES; i++) {
                String id = String.format(Locale.ROOT, "n%08d", 900 - i);
                synsets.append(i + 1)
                        .append(' ')
                        .append(id)
                        .append(" thing ")
                        .append(i)
                        .append('\n');
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (TarArchiveOutputStream inner = new TarArchiveOutputStream(bytes)) {
                    for (int j = 0; j < PICTURES; j++) {
                        add(inner, String.format(Locale.ROOT, "%s_%d.JPEG", id, j), picture(i * PICTURES + j));
                    }
                }
                add(outer, id + ".tar", bytes.toByteArray());
            }
        }
        StringBuilder truth = new StringBuilder();
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(Files.newOutputStream(corpus.resolve("ILSVRC2012_img_val.tar")))) {
            for (int i = 1; i <= VALIDATION; i++) {
                truth.append(i % CLASSES + 1).append('\n');
                add(tar, String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", i), picture(1000 + i));
            }
        }
        Files.write(
                corpus.resolve("ILSVRC2012_validation_ground_truth.txt"),
                truth.toString().getBytes(StandardCharsets.UTF_8));
        Files.write(corpus.resolve("synsets.txt"), synsets.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String[] prepare(String input, String output) {
        return new String[] {
            "prepare",
            "--input",
            input,
            "--output",
            output,
            "--shard-bytes",
            "1000000",
            "--master",
            "local[2]",
            "--spark",
            "spark.hadoop.dfs.replication=1",
            "--spark",
            "spark.hadoop.dfs.blocksize=" + BLOCK
        };
    }

    @Test
    void archivesOnHdfsGiveTheSameBytesAsOnTheLocalDisk() throws IOException {
        Path corpus = folder.resolve("ILSVRC2012");
        write(corpus);
        try (Stream<Path> files = Files.list(corpus)) {
            for (Path file : files.toList()) {
                try (OutputStream out = HadoopFiles.create(hdfs + "/corpora/ILSVRC2012/" + file.getFileName())) {
                    Files.copy(file, out);
                }
            }
        }
        String data = hdfs + "/data/imagenet";
        Outcome.of(prepare(hdfs + "/corpora/ILSVRC2012", data)).done();
        String local = folder.resolve("data").toString();
        Outcome.of(prepare(corpus.toString(), local)).done();
        ImageDataset dataset = ImageDataset.open(data);
        assertThat(dataset.hash()).isEqualTo(ImageDataset.open(local).hash());
        assertThat(HadoopFiles.list(hdfs + "/data"))
                .extracting(HadoopFiles.Entry::name)
                .containsExactly("imagenet");
        assertThat(Outcome.of("inspect", data, "--verify").done().printed())
                .contains("n00000898 (thing 2)", "120 pictures", "30 pictures", "every file is as the manifest says");

        // Several threads at once, in no order.
        try (ImageSplit train = dataset.split("train");
                ImageSplit validation = dataset.split("validation")) {
            IntStream.range(0, CLASSES * PICTURES).parallel().forEach(i -> {
                int number = i * 71 % (CLASSES * PICTURES);
                // Classes are in the order of their ids, and the archive has them in the other.
                int label = number / PICTURES;
                assertThat(train.label(number)).isEqualTo(label);
                assertThat(train.picture(number))
                        .isEqualTo(uncheckedPicture((CLASSES - 1 - label) * PICTURES + number % PICTURES));
            });
            for (int i = 1; i <= VALIDATION; i++) {
                assertThat(validation.label(i - 1L)).isEqualTo(CLASSES - 1 - i % CLASSES);
                assertThat(validation.picture(i - 1L)).isEqualTo(picture(1000 + i));
            }
        }
    }

    private static byte[] uncheckedPicture(int number) {
        try {
            return picture(number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

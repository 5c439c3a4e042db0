package org.seqpe.data.image.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;
import org.seqpe.data.image.corpus.PictureSource;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Sinks;
import us.hebi.matlab.mat.types.Struct;

/** Whole preparations of small corpora in ImageNet's layouts. */
class ImageNetTest {
    /** The challenge's own numbers follow another order than the WordNet ids. */
    private static final Map<Integer, String> NUMBERS =
            Map.of(1, "n03000003", 2, "n01000001", 3, "n02000002", 4, "n00000004");

    private static final String TRAIN = "ILSVRC2012_img_train.tar";
    private static final String VALIDATION = "ILSVRC2012_img_val.tar";
    private static final String TRUTH = "ILSVRC2012_validation_ground_truth.txt";
    private static final String KIT = "ILSVRC2012_devkit_t12";

    @TempDir
    private Path folder;

    private Path input;

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("ILSVRC2012"));
    }

    private ImageRequest.Builder request(String output) {
        return ImageRequest.of(List.of(input.toString()), folder.resolve(output).toString());
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.createDirectories(input.resolve(name).getParent());
        Files.write(input.resolve(name), bytes);
    }

    private void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Three classes with 5 pictures each; the archives are not in the order of their names. */
    private static Map<String, byte[]> classArchives(int longNames) throws IOException {
        Map<String, byte[]> archives = new LinkedHashMap<>();
        for (String id : List.of("n02000002", "n01000001", "n03000003")) {
            Map<String, byte[]> pictures = new LinkedHashMap<>();
            for (int i = 0; i < 5; i++) {
                String name = id + "_" + i + (i == 3 ? "long".repeat(60) : "") + ".JPEG";
                pictures.put(name, trainPicture(id, i));
            }
            archives.put(id + ".tar", SamplePictures.tar(pictures, longNames));
        }
        return archives;
    }

    private static byte[] trainPicture(String id, int i) throws IOException {
        return i == 2 ? SamplePictures.png(id.hashCode() + i) : SamplePictures.jpeg(id.hashCode() + i);
    }

    private static Map<String, byte[]> validationPictures() throws IOException {
        Map<String, byte[]> pictures = new LinkedHashMap<>();
        for (int i = 7; i >= 1; i--) {
            pictures.put(String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", i), SamplePictures.jpeg(1000 + i));
        }
        return pictures;
    }

    private static byte[] meta() throws IOException {
        Struct synsets = Mat5.newStruct(NUMBERS.size(), 1);
        NUMBERS.forEach((number, id) -> {
            synsets.set("ILSVRC2012_ID", number - 1, Mat5.newScalar(number));
            synsets.set("WNID", number - 1, Mat5.newString(id));
            synsets.set("words", number - 1, Mat5.newString("words of " + id + ", or more"));
        });
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        Mat5.newWriter(Sinks.wrap(bytes)).writeMat(Mat5.newMatFile().addArray("synsets", synsets));
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private void writeKit() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(KIT + "/readme.txt", "Read me".getBytes(StandardCharsets.UTF_8));
        files.put(KIT + "/data/meta.mat", meta());
        files.put(KIT + "/data/" + TRUTH, "1\n2\n3\n3\n2\n1\n2\n".getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(SamplePictures.tar(files));
        }
        write(KIT + ".tar.gz", bytes.toByteArray());
    }

    private void requireWhole(ImageDataset dataset) throws IOException {
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("imagenet");
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("n01000001", "n02000002", "n03000003");
        List<Map.Entry<String, byte[]>> train = Preparations.pictures(dataset, "train");
        assertThat(train).hasSize(15);
        int at = 0;
        for (String id : List.of("n01000001", "n02000002", "n03000003")) {
            for (int i = 0; i < 5; i++) {
                assertThat(train.get(at).getKey()).isEqualTo(id);
                assertThat(train.get(at++).getValue()).isEqualTo(trainPicture(id, i));
            }
        }
        List<Map.Entry<String, byte[]>> validation = Preparations.pictures(dataset, "validation");
        assertThat(validation.stream().map(Map.Entry::getKey))
                .containsExactly(
                        "n03000003", "n01000001", "n02000002", "n02000002", "n01000001", "n03000003", "n01000001");
        assertThat(validation.get(6).getValue()).isEqualTo(SamplePictures.jpeg(1007));
        dataset.verify();
    }

    @ParameterizedTest
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void archivesAsTheyAreDistributed(int longNames) throws IOException {
        write(TRAIN, SamplePictures.tar(classArchives(longNames), longNames));
        write(VALIDATION, SamplePictures.tar(validationPictures(), longNames));
        write("ILSVRC2012_img_test_v10102019.tar", new byte[10]);
        writeKit();
        List<String> notes = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out"), notes);
        requireWhole(dataset);
        assertThat(dataset.classes().get(2).words()).isEqualTo("words of n03000003, or more");
        assertThat(dataset.manifest().corpus().files()).isEqualTo(3);
        assertThat(notes).anyMatch(note -> note.contains("ILSVRC2012_img_test_v10102019.tar"));
    }

    /** One task an inner archive, and runs of validation pictures: the bytes stay the same. */
    @Test
    void theBytesDoNotDependOnTasks() throws IOException {
        write(TRAIN, SamplePictures.tar(classArchives(TarArchiveOutputStream.LONGFILE_GNU)));
        write(VALIDATION, SamplePictures.tar(validationPictures()));
        writeKit();
        long picture = SamplePictures.jpeg(1001).length;
        for (String output : List.of("one", "two")) {
            new ImagePreparation(
                            request(output).shardBytes(2 * picture).build(),
                            output.equals("one") ? Preparations.inOrder() : Preparations.backwards(),
                            Preparations.noting(new ArrayList<>()),
                            output,
                            2 * picture,
                            picture)
                    .run();
        }
        Map<String, String> first = Preparations.files(folder.resolve("one"));
        assertThat(first).containsKeys("train-00002.tar", "validation-00002.tar");
        assertThat(Preparations.files(folder.resolve("two")).equals(first)).isTrue();
        requireWhole(ImageDataset.open(folder.resolve("two").toString()));
    }

    @Test
    void unpackedAsUsersDo() throws IOException {
        for (Map.Entry<String, byte[]> archive :
                classArchives(TarArchiveOutputStream.LONGFILE_GNU).entrySet()) {
            write("train/" + archive.getKey(), archive.getValue());
        }
        for (Map.Entry<String, byte[]> picture : validationPictures().entrySet()) {
            write("val/" + picture.getKey(), picture.getValue());
        }
        write(KIT + "/data/meta.mat", meta());
        write(KIT + "/data/" + TRUTH, "1\n2\n3\n3\n2\n1\n2\n");
        requireWhole(Preparations.run(request("kit")));

        Files.delete(input.resolve(KIT + "/data/meta.mat"));
        assertThatThrownBy(() -> Preparations.run(request("none")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("'1' in line 1")
                .hasMessageContaining("no meta.mat or synsets.txt");
        write("synsets.txt", "1 n03000003\tthird, or last\n2 n01000001 first\n3 n02000002\n");
        ImageDataset dataset = Preparations.run(request("text"));
        requireWhole(dataset);
        assertThat(dataset.classes().get(2).words()).isEqualTo("third, or last");

        Files.delete(input.resolve("synsets.txt"));
        write(
                KIT + "/data/" + TRUTH,
                String.join("\n", List.of("n03000003", "n01000001", "n02000002", "n02000002", "n01000001"))
                        + "\nn03000003\nn01000001\n");
        requireWhole(Preparations.run(request("ids")));
    }

    @Test
    void aValidationFolderSortedByClass() throws IOException {
        write(TRAIN, SamplePictures.tar(classArchives(TarArchiveOutputStream.LONGFILE_POSIX)));
        write("val/n02000002/ILSVRC2012_val_00000003.JPEG", SamplePictures.jpeg(1003));
        write("val/n01000001/ILSVRC2012_val_00000002.JPEG", SamplePictures.jpeg(1002));
        ImageDataset dataset = Preparations.run(request("out"));
        assertThat(Preparations.classesOf(dataset, "validation")).containsExactly("n01000001", "n02000002");
        assertThat(dataset.classes()).hasSize(3).allMatch(one -> one.words().isEmpty());

        write("val/n09999999/ILSVRC2012_val_00000001.JPEG", SamplePictures.jpeg(1001));
        assertThatThrownBy(() -> Preparations.run(request("other")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1 classes that the split train lacks: n09999999");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        write(TRAIN, SamplePictures.tar(classArchives(TarArchiveOutputStream.LONGFILE_GNU)));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split validation is missing")
                .hasMessageContaining(VALIDATION);
        write(VALIDATION, SamplePictures.tar(validationPictures()));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(TRUTH)
                .hasMessageContaining("--splits train");
        assertThat(Preparations.run(request("train").splits(List.of("train")))
                        .manifest()
                        .splits())
                .containsOnlyKeys("train");
        write(TRUTH, "2\n1\n");
        write("meta.mat", meta());
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected a line for it")
                .hasMessageContaining("found 2 lines");
        write("meta.mat", "no MATLAB file, but a text of some length ".repeat(10));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("meta.mat: expected MATLAB's format 5");
        write("val/n01000001/x.JPEG", SamplePictures.jpeg(1));
        write("meta.mat", meta());
        write(TRUTH, "1\n2\n3\n3\n2\n1\n2\n");
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected one source of the split validation");
    }

    @Test
    void membersThatAreNoFilesAreCountedOrRefused() throws IOException {
        String id = "n01000001";
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(inner)) {
            tar.putArchiveEntry(new TarArchiveEntry("folder/"));
            tar.closeArchiveEntry();
            TarArchiveEntry file = new TarArchiveEntry("folder/" + id + "_1.JPEG");
            file.setSize(SamplePictures.jpeg(1).length);
            tar.putArchiveEntry(file);
            tar.write(SamplePictures.jpeg(1));
            tar.closeArchiveEntry();
            TarArchiveEntry link = new TarArchiveEntry(id + "_2.JPEG", TarConstants.LF_SYMLINK);
            link.setLinkName("elsewhere.JPEG");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        write(TRAIN, SamplePictures.tar(Map.of(id + ".tar", inner.toByteArray())));
        List<String> notes = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out").splits(List.of("train")), notes);
        assertThat(Preparations.pictures(dataset, "train")).hasSize(1);
        assertThat(dataset.manifest().splits().get("train").skipped()).isEqualTo(Map.of(PictureSource.NO_FILE, 1L));
        assertThat(notes).anyMatch(note -> note.contains(TRAIN + "/" + id + ".tar/" + id + "_2.JPEG"));

        ByteArrayOutputStream validation = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(validation)) {
            TarArchiveEntry link = new TarArchiveEntry("ILSVRC2012_val_00000001.JPEG", TarConstants.LF_SYMLINK);
            link.setLinkName("elsewhere.JPEG");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        write(VALIDATION, validation.toByteArray());
        writeKit();
        assertThatThrownBy(() -> Preparations.run(request("other")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("which is no file")
                .hasMessageContaining(VALIDATION);
    }

    @Test
    void damagedArchivesAreRefused() throws IOException {
        byte[] train = SamplePictures.tar(classArchives(TarArchiveOutputStream.LONGFILE_GNU));
        write("val/n01000001/x.JPEG", SamplePictures.jpeg(1));
        write(TRAIN, Arrays.copyOf(train, train.length / 2));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot read the tar archive")
                .hasMessageContaining(TRAIN);
        byte[] noise = train.clone();
        noise[20] ^= 1;
        write(TRAIN, noise);
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is damaged");
        write(TRAIN, "this is no archive but a page of text\n".repeat(100));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot read the tar archive");
        // The outer archive is whole, but an inner one is not.
        Map<String, byte[]> archives = classArchives(TarArchiveOutputStream.LONGFILE_GNU);
        archives.replaceAll((name, bytes) -> name.startsWith("n02") ? Arrays.copyOf(bytes, 1000) : bytes);
        write(TRAIN, SamplePictures.tar(archives));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(TRAIN);
    }
}

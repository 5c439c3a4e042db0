package org.seqpe.data.image.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.PictureException;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageManifest;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.data.image.shard.PictureShardInfo;
import org.seqpe.data.text.window.TokenDataset;

/** Whole preparations of folders with a folder for each class. */
class ClassFoldersTest {
    @TempDir
    private Path folder;

    private Path input;

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("input"));
    }

    private ImageRequest.Builder request(String output) {
        return ImageRequest.of(List.of(input.toString()), folder.resolve(output).toString());
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.createDirectories(input.resolve(name).getParent());
        Files.write(input.resolve(name), bytes);
    }

    private void writeTwoSplits() throws IOException {
        write("train/cat/one.jpg", SamplePictures.jpeg(1));
        write("train/cat/two.png", SamplePictures.png(2));
        write("train/bird/b.jpeg", SamplePictures.jpeg(3));
        write("val/bird/c.jpg", SamplePictures.jpeg(4));
    }

    @Test
    void foldersNameSplitsAndClasses() throws IOException {
        writeTwoSplits();
        write("classes.txt", "bird\ncat\n".getBytes(StandardCharsets.UTF_8));
        List<String> notes = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out"), notes);
        ImageManifest manifest = dataset.manifest();
        assertThat(manifest.kind()).isEqualTo("images");
        assertThat(manifest.corpus().kind()).isEqualTo("image-folders");
        assertThat(manifest.corpus().splitRule()).isEqualTo("named by the corpus");
        assertThat(manifest.corpus().files()).isEqualTo(4);
        assertThat(manifest.corpus().leftOut()).containsOnlyKeys("in no folder of a class");
        assertThat(notes).anyMatch(note -> note.contains("classes.txt"));
        assertThat(manifest.splits()).containsOnlyKeys("train", "validation");
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("bird", "cat");
        assertThat(dataset.classes().get(0).pictures()).isEqualTo(Map.of("train", 1L, "validation", 1L));
        assertThat(manifest.classesIn("validation")).isEqualTo(1);
        assertThat(Preparations.classesOf(dataset, "train")).containsExactly("bird", "cat", "cat");
        assertThat(Preparations.pictures(dataset, "train").get(2).getValue()).isEqualTo(SamplePictures.png(2));
        dataset.verify();
    }

    @Test
    void shardsAreWebDatasetsArchives() throws IOException {
        writeTwoSplits();
        ImageDataset dataset = Preparations.run(request("out"));
        Map<String, byte[]> members = Preparations.members(dataset, "train");
        assertThat(members.keySet())
                .containsExactly(
                        "000000000.jpg",
                        "000000000.cls",
                        "000000001.jpg",
                        "000000001.cls",
                        "000000002.png",
                        "000000002.cls");
        assertThat(members.get("000000001.jpg")).isEqualTo(SamplePictures.jpeg(1));
        assertThat(members.get("000000001.cls")).asString().isEqualTo("1");
        try (ImageSplit split = dataset.split("train")) {
            assertThat(split.key(2)).isEqualTo("000000002");
            assertThat(split.size()).isEqualTo(3);
            assertThatThrownBy(() -> split.label(3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /**
     * Parts and shards of a few pictures each, more than two of each and a shorter last one; tasks in another order.
     */
    @Test
    void theBytesDoNotDependOnTheOrderOfTasks() throws IOException {
        Map<Integer, byte[]> all = new TreeMap<>();
        for (int i = 0; i < 61; i++) {
            all.put(i, i % 3 == 0 ? SamplePictures.png(i) : SamplePictures.jpeg(i));
            write("train/class " + i % 4 + "/" + i, all.get(i));
        }
        write("val/class 1/x", SamplePictures.jpeg(100));
        long shard = 4L * all.get(1).length;
        ImageRequest.Builder small = request("small").corpus("image-folders").shardBytes(shard);
        long spool = all.get(1).length + 1L;
        ImageDataset dataset = new ImagePreparation(
                        small.build(),
                        Preparations.inOrder(),
                        Preparations.noting(new ArrayList<>()),
                        "a",
                        3 * spool,
                        spool)
                .run();
        List<PictureShardInfo> shards = dataset.manifest().splits().get("train").shards();
        assertThat(shards.size()).isGreaterThan(8);
        assertThat(shards.get(0).name()).isEqualTo("train-00000");
        assertThat(shards.subList(0, shards.size() - 1)).allMatch(info -> info.bytes() >= shard);
        List<Map.Entry<String, byte[]>> pictures = Preparations.pictures(dataset, "train");
        assertThat(pictures).hasSize(61);
        List<String> expected = new ArrayList<>();
        for (int label = 0; label < 4; label++) {
            List<String> names = new ArrayList<>();
            for (int i = label; i < 61; i += 4) {
                names.add(Integer.toString(i));
            }
            names.sort(null);
            expected.addAll(names);
        }
        for (int i = 0; i < 61; i++) {
            int number = Integer.parseInt(expected.get(i));
            assertThat(pictures.get(i).getKey()).isEqualTo("class " + number % 4);
            assertThat(pictures.get(i).getValue()).isEqualTo(all.get(number));
        }
        assertThat(Preparations.members(dataset, "train")).hasSize(2 * 61);

        Map<String, String> first = Preparations.files(folder.resolve("small"));
        new ImagePreparation(
                        request("again")
                                .corpus("image-folders")
                                .shardBytes(shard)
                                .build(),
                        Preparations.backwards(),
                        Preparations.noting(new ArrayList<>()),
                        "b",
                        3 * spool,
                        spool)
                .run();
        assertThat(Preparations.files(folder.resolve("again")).equals(first)).isTrue();
        assertThat(first.keySet()).noneMatch(name -> name.contains("work"));
    }

    @Test
    void filesThatAreNoPicturesAreCountedByReason() throws IOException {
        writeTwoSplits();
        byte[] whole = SamplePictures.jpeg(9);
        write("train/cat/cut.jpg", Arrays.copyOf(whole, whole.length / 2));
        write("train/cat/empty.jpg", new byte[0]);
        write("train/bird/notes.txt", "no picture".getBytes(StandardCharsets.UTF_8));
        write("val/bird/Thumbs.db", new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        write("train/bird/.hidden.jpg", whole);
        List<String> notes = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out"), notes);
        Map<String, Long> skipped = dataset.manifest().splits().get("train").skipped();
        assertThat(skipped)
                .containsEntry(PictureException.Reason.EMPTY.words(), 1L)
                .containsEntry(PictureException.Reason.UNKNOWN.words(), 1L)
                .containsEntry(PictureException.Reason.TRUNCATED.words(), 1L)
                .hasSize(3);
        assertThat(dataset.manifest().splits().get("validation").skipped())
                .isEqualTo(Map.of(PictureException.Reason.UNKNOWN.words(), 1L));
        assertThat(dataset.manifest().corpus().leftOut()).containsOnlyKeys("hidden name");
        assertThat(notes)
                .anyMatch(note -> note.contains("neither JPEG nor PNG")
                        && note.contains("2 files")
                        && note.contains("train/bird/notes.txt")
                        && note.contains("val/bird/Thumbs.db"));

        assertThatThrownBy(() -> Preparations.run(request("strict").skipInvalid(false)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Cannot read train/")
                .hasMessageContaining("--skip-invalid");
        assertThat(folder.resolve("strict")).doesNotExist();
    }

    /** The file has a length, but nothing of it is on the disk. */
    @Test
    void aFileOfTooManyBytesIsNotRead() throws IOException {
        writeTwoSplits();
        try (RandomAccessFile film =
                new RandomAccessFile(input.resolve("train/cat/film.jpg").toFile(), "rw")) {
            film.write(SamplePictures.jpeg(1));
            film.setLength((1L << 28) + 1);
        }
        assertThat(Preparations.run(request("out"))
                        .manifest()
                        .splits()
                        .get("train")
                        .skipped())
                .isEqualTo(Map.of("more than 256 MiB", 1L));
    }

    @Test
    void oneRootIsSplitByContent() throws IOException {
        for (int i = 0; i < 200; i++) {
            write((i % 2 == 0 ? "even" : "odd") + "/deep/er/" + i + ".jpg", SamplePictures.jpeg(i));
        }
        // A copy goes where the original goes.
        write("even/copy.jpg", SamplePictures.jpeg(7));
        ImageRequest.Builder thirds = request("out").ratios(new SplitRatios(0.6, 0.2, 0.2));
        ImageDataset dataset = Preparations.run(thirds);
        assertThat(dataset.manifest().splits()).containsOnlyKeys("train", "validation", "test");
        assertThat(dataset.manifest().corpus().splitRule()).isEqualTo("by content, 0.6/0.2/0.2, seed 1");
        assertThat(dataset.manifest().splits().values().stream()
                        .mapToLong(ImageManifest.Split::pictures)
                        .sum())
                .isEqualTo(201);
        assertThat(dataset.manifest().splits().get("train").pictures()).isBetween(90L, 150L);
        byte[] seven = SamplePictures.jpeg(7);
        long copies = dataset.manifest().splits().keySet().stream()
                .filter(split -> Preparations.pictures(dataset, split).stream()
                        .anyMatch(one -> Arrays.equals(one.getValue(), seven)))
                .count();
        assertThat(copies).isEqualTo(1);
        ImageDataset other = Preparations.run(
                request("other").ratios(new SplitRatios(0.6, 0.2, 0.2)).seed(2));
        assertThat(other.hash()).isNotEqualTo(dataset.hash());
    }

    @Test
    void aSplitWithAnUnknownClassIsRefused() throws IOException {
        writeTwoSplits();
        write("val/dog/d.jpg", SamplePictures.jpeg(5));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split validation has 1 classes that the split train lacks: dog");
        assertThat(Preparations.run(request("out").splits(List.of("train")))
                        .manifest()
                        .splits())
                .containsOnlyKeys("train");
    }

    /** The class is there by its folder, but none of its files is a picture. */
    @Test
    void aClassWithoutTrainingPicturesIsRefusedOrNoted() throws IOException {
        writeTwoSplits();
        write("train/dog/notes.txt", "no picture".getBytes(StandardCharsets.UTF_8));
        List<String> notes = new ArrayList<>();
        ImageDataset dataset = Preparations.run(request("out"), notes);
        assertThat(dataset.classes()).hasSize(3);
        assertThat(notes).anyMatch(note -> note.contains("no picture of 1 of 3 classes: dog"));
        write("val/dog/d.jpg", SamplePictures.jpeg(5));
        assertThatThrownBy(() -> Preparations.run(request("other")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1 classes without a picture in the split train: dog");
    }

    @Test
    void missingAndMixedSplitsAreRefused() throws IOException {
        write("val/cat/a.jpg", SamplePictures.jpeg(1));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split train is missing")
                .hasMessageContaining("--splits");
        write("train/cat/b.jpg", SamplePictures.jpeg(2));
        assertThatThrownBy(() -> Preparations.run(request("out").splits(List.of("train", "test"))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the split test is missing");
        write("more/cat/c.jpg", SamplePictures.jpeg(3));
        assertThatThrownBy(() -> Preparations.run(request("out")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("all folders or none to be named after a split");
    }

    /** A train is a vehicle too. */
    @Test
    void aClassMayHaveTheNameOfASplit() throws IOException {
        for (int i = 0; i < 30; i++) {
            write((i % 2 == 0 ? "train" : "bus") + "/" + i + ".jpg", SamplePictures.jpeg(i));
        }
        ImageDataset dataset = Preparations.run(request("out").ratios(new SplitRatios(0.7, 0.3, 0)));
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("bus", "train");
    }

    @Test
    void inputFoldersMayBeTheSplits() throws IOException {
        writeTwoSplits();
        ImageDataset dataset = Preparations.run(ImageRequest.of(
                List.of(input + "/train", input + "/val"), folder.resolve("out").toString()));
        assertThat(dataset.manifest().corpus().splitRule()).isEqualTo("named by the corpus");
        assertThat(Preparations.classesOf(dataset, "validation")).containsExactly("bird");
    }

    @Test
    void namesMayHaveColonsSpacesAndOtherScripts() throws IOException {
        write("train/猫 : the cat/ein Bild – 1:2.jpg", SamplePictures.jpeg(1));
        write("train/%41*?/x y.png", SamplePictures.png(2));
        write("val/猫 : the cat/a:b", SamplePictures.jpeg(3));
        ImageDataset dataset = Preparations.run(request("aus gabe:1"));
        assertThat(dataset.classes())
                .extracting(ImageManifest.PictureClass::name)
                .containsExactly("%41*?", "猫 : the cat");
        assertThat(Preparations.classesOf(dataset, "train")).containsExactly("%41*?", "猫 : the cat");
        dataset.verify();
    }

    @Test
    void sharedPicturesAreCountedAndAWhollySharedSplitIsRefused() throws IOException {
        writeTwoSplits();
        write("val/cat/again.jpg", SamplePictures.jpeg(1));
        assertThat(Preparations.run(request("out")).manifest().corpus().shared())
                .isEqualTo(Map.of("validation in train", 1L));
        write("val/bird/c.jpg", SamplePictures.jpeg(3));
        assertThatThrownBy(() -> Preparations.run(request("other")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("all 2 pictures of the split validation in the split train too");
    }

    @Test
    void textAndPicturesAreNotTakenForEachOther() throws IOException {
        writeTwoSplits();
        ImageDataset dataset = Preparations.run(request("out"));
        assertThatThrownBy(() -> TokenDataset.open(dataset.folder()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("as text: it holds images");
    }

    @Test
    void largePicturesAreReduced() throws IOException, PictureException {
        byte[] small = SamplePictures.encode("jpg", 1, 40, 20);
        write("train/a/small.jpg", small);
        write("train/a/wide.jpg", SamplePictures.encode("jpg", 2, 101, 50));
        write("train/b/tall.png", SamplePictures.encode("png", 3, 60, 200));
        ImageDataset dataset = Preparations.run(request("out").shortSide(20));
        assertThat(dataset.manifest().shortSide()).isEqualTo(20);
        List<Map.Entry<String, byte[]>> pictures = Preparations.pictures(dataset, "train");
        assertThat(pictures.get(0).getValue()).isEqualTo(small);
        assertThat(PictureDecoder.decode(pictures.get(1).getValue()).width()).isEqualTo(40);
        assertThat(PictureDecoder.decode(pictures.get(1).getValue()).height()).isEqualTo(20);
        assertThat(PictureDecoder.decode(pictures.get(2).getValue()).width()).isEqualTo(20);
        assertThat(PictureDecoder.decode(pictures.get(2).getValue()).height()).isEqualTo(66);
        assertThat(Preparations.members(dataset, "train")).containsKey("000000002.png");
    }
}

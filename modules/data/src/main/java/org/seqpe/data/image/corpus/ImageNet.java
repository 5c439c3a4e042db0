package org.seqpe.data.image.corpus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.LeftOut;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Input;
import org.seqpe.data.image.corpus.ImageCorpusFinder.Splitting;

/**
 * ImageNet of the challenge of 2012, packed or not.
 *
 * <ul>
 *   <li>Training pictures are in ILSVRC2012_img_train.tar, whose members are archives {@code nXXXXXXXX.tar}; or in such
 *       archives; or in folders {@code train/nXXXXXXXX}.
 *   <li>Validation pictures are in ILSVRC2012_img_val.tar; or in files of these names; or in folders
 *       {@code val/nXXXXXXXX}. Those that are not in a class's folder get their class from the development kit.
 * </ul>
 *
 * Classes are numbered in the order of their WordNet ids, as in torchvision. The pictures of the challenge's test have
 * no public classes.
 */
final class ImageNet {
    private static final ImageCorpusKind KIND = ImageCorpusKind.IMAGENET;
    private static final String TRAIN_ARCHIVE = "ILSVRC2012_img_train.tar";
    private static final String VALIDATION_ARCHIVE = "ILSVRC2012_img_val.tar";
    private static final Pattern CLASS = Pattern.compile("n\\d{8}");
    private static final Pattern CLASS_ARCHIVE = Pattern.compile("(n\\d{8})\\.tar");
    private static final Pattern VALIDATION_PICTURE =
            Pattern.compile("ILSVRC2012_val_(\\d{8})\\.JPEG", Pattern.CASE_INSENSITIVE);

    private final Input input;
    private final Splitting splitting;
    private final Listing listing;
    private final DevelopmentKit kit;
    private final List<LeftOut> leftOut;
    private final List<InputFile> used = new ArrayList<>();
    private final List<Found> training = new ArrayList<>();
    private final List<Found> validation = new ArrayList<>();
    /** A file of each source of a split that there is, by what it is. */
    private final Map<String, Map<String, InputFile>> sources =
            Map.of(Splits.TRAIN, new TreeMap<>(), Splits.VALIDATION, new TreeMap<>());

    /** A piece whose class has no number yet. */
    private record Found(String id, Piece piece) {}

    ImageNet(Input input, Splitting splitting, Listing listing) {
        this.input = input;
        this.splitting = splitting;
        this.listing = listing;
        this.kit = DevelopmentKit.read(input.files());
        this.leftOut = new ArrayList<>(input.leftOut());
    }

    /** Whether no other corpus has a file of this name. */
    static boolean isCertain(InputFile file) {
        String name = HadoopFiles.name(file.name());
        return name.equals(TRAIN_ARCHIVE)
                || name.equals(VALIDATION_ARCHIVE)
                || VALIDATION_PICTURE.matcher(name).matches()
                        && classOfFolder(file).isEmpty()
                || CLASS_ARCHIVE.matcher(name).matches();
    }

    /** Whether a name is a WordNet id of a noun. */
    static boolean isClass(String name) {
        return CLASS.matcher(name).matches();
    }

    ImageCorpus find() {
        for (InputFile file : input.files()) {
            sort(file);
        }
        sources.forEach((split, found) -> requireOneSource(split, List.copyOf(found.values())));
        Set<String> found = new HashSet<>();
        sources.forEach((split, files) -> {
            if (!files.isEmpty()) {
                found.add(split);
            }
        });
        List<String> splits = splits(found);
        if (!splits.contains(Splits.TRAIN)) {
            training.clear();
        }
        List<String> ids = new ArrayList<>(new TreeSet<>(training.isEmpty() ? ids(validation) : ids(training)));
        input.requireTrained(KIND, Splits.VALIDATION, ids(validation), ids);
        Map<String, Integer> numbers = Numbering.of(ids);
        List<Piece> pieces = new ArrayList<>();
        pieces.addAll(
                numbered(training, numbers, Comparator.comparing(Piece::label).thenComparing(Piece::name)));
        pieces.addAll(numbered(validation, numbers, Comparator.comparing(Piece::name)));
        return new ImageCorpus(
                KIND,
                input.name(),
                used.size(),
                used.stream().mapToLong(InputFile::bytes).sum(),
                pieces,
                ids.stream()
                        .map(id -> new ImageCorpus.ClassName(id, kit.words(id)))
                        .toList(),
                Map.of(),
                ImageColumns.DEFAULT,
                splitting.rule(SplitRule.Way.NAMED),
                splits,
                leftOut);
    }

    private static List<String> ids(List<Found> found) {
        return found.stream().map(Found::id).toList();
    }

    private static List<Piece> numbered(List<Found> found, Map<String, Integer> numbers, Comparator<Piece> order) {
        return found.stream()
                .map(one -> one.piece().withLabel(numbers.get(one.id())))
                .sorted(order)
                .toList();
    }

    private void sort(InputFile file) {
        String name = HadoopFiles.name(file.name());
        Matcher archive = CLASS_ARCHIVE.matcher(name);
        String folder = classOfFolder(file);
        if (DevelopmentKit.has(file)) {
            used.add(file);
        } else if (name.equals(TRAIN_ARCHIVE)) {
            use(Splits.TRAIN, "the archive", file, () -> addArchives(file));
        } else if (archive.matches()) {
            use(
                    Splits.TRAIN,
                    "archives",
                    file,
                    () -> training.add(
                            new Found(archive.group(1), Numbering.whole(Piece.Form.TAR, file, Splits.TRAIN, -1))));
        } else if (name.equals(VALIDATION_ARCHIVE)) {
            use(Splits.VALIDATION, "the archive", file, () -> addPictures(file));
        } else if (!folder.isEmpty()) {
            String split = splitOfFolder(file);
            use(split, "folders", file, () -> (split.equals(Splits.TRAIN) ? training : validation)
                    .add(new Found(folder, Numbering.picture(file, split, -1))));
        } else if (VALIDATION_PICTURE.matcher(name).matches()) {
            use(
                    Splits.VALIDATION,
                    "pictures",
                    file,
                    () -> validation.add(
                            new Found(classOf(name, file.path()), Numbering.picture(file, Splits.VALIDATION, -1))));
        } else {
            leftOut.add(new LeftOut(file.name(), file.bytes(), ImageCorpus.NO_PICTURES));
        }
    }

    private void use(String split, String source, InputFile file, Runnable how) {
        boolean isWanted = splitting.wanted().isEmpty() || splitting.wanted().contains(split);
        if (!isWanted) {
            leftOut.add(new LeftOut(file.name(), file.bytes(), LeftOut.OTHER_SPLIT));
            return;
        }
        sources.get(split).putIfAbsent(source, new InputFile(file.path(), file.name(), file.bytes(), split, List.of()));
        used.add(file);
        how.run();
    }

    private void addArchives(InputFile outer) {
        for (TarMembers.Member member : listing.members(outer)) {
            Matcher inner = CLASS_ARCHIVE.matcher(HadoopFiles.name(member.name()));
            if (!inner.matches() || !member.isFile()) {
                throw new UserException(
                        "Cannot read " + outer.path() + ": expected archives such as n01440764.tar in it," + " found "
                                + member.name() + ". Fetch the file again.");
            }
            training.add(new Found(inner.group(1), slice(Piece.Form.TAR, outer, member, Splits.TRAIN)));
        }
    }

    private void addPictures(InputFile archive) {
        for (TarMembers.Member member : listing.members(archive)) {
            String name = HadoopFiles.name(member.name());
            if (!member.isFile()) {
                throw new UserException("Cannot read " + archive.path() + ": expected pictures in it, found "
                        + member.name() + ", which is no file. Fetch the archive again.");
            }
            validation.add(new Found(
                    classOf(name, archive.path() + "/" + member.name()),
                    slice(Piece.Form.PICTURE, archive, member, Splits.VALIDATION)));
        }
    }

    private static Piece slice(Piece.Form form, InputFile archive, TarMembers.Member member, String split) {
        return new Piece(
                form,
                HadoopFiles.qualified(archive.path()),
                archive.name() + "/" + member.name(),
                member.offset(),
                member.bytes(),
                split,
                -1);
    }

    private String classOf(String name, String where) {
        Matcher picture = VALIDATION_PICTURE.matcher(name);
        if (!picture.matches()) {
            throw new UserException("Cannot tell the class of " + where
                    + ": expected a name such as ILSVRC2012_val_00000001.JPEG. Take it out, or fetch the file again.");
        }
        if (!kit.hasTruth()) {
            throw input.refusal(
                    KIND,
                    "the classes of the validation pictures are missing; expected " + DevelopmentKit.needed()
                            + ". Add it, or leave the split out with --splits train.");
        }
        return kit.classOf(Integer.parseInt(picture.group(1)), where);
    }

    /** The class whose folder, in that of a split, holds a file; or an empty string. */
    private static String classOfFolder(InputFile file) {
        String[] parts = file.path().split("/");
        int at = folder(parts);
        return at < 0 ? "" : parts[at];
    }

    /** The split of a file in a class's folder. */
    private static String splitOfFolder(InputFile file) {
        String[] parts = file.path().split("/");
        return splitOf(parts[folder(parts) - 1]);
    }

    /** The place of a class's folder in a path, or -1. */
    private static int folder(String[] parts) {
        for (int i = 1; i < parts.length - 1; i++) {
            if (isClass(parts[i]) && !splitOf(parts[i - 1]).isEmpty()) {
                return i;
            }
        }
        return -1;
    }

    /** The split of a folder's name; there are no labels of a test. */
    private static String splitOf(String folder) {
        String split = Splits.named(folder);
        return split.equals(Splits.TEST) ? "" : split;
    }

    private List<String> splits(Set<String> found) {
        List<String> splits =
                splitting.wanted().isEmpty() ? List.of(Splits.TRAIN, Splits.VALIDATION) : splitting.wanted();
        for (String split : splits) {
            if (!found.contains(split)) {
                String expected =
                        switch (split) {
                            case Splits.TRAIN -> TRAIN_ARCHIVE + ", archives such as n01440764.tar, or folders such as"
                                    + " train/n01440764";
                            case Splits.VALIDATION -> VALIDATION_ARCHIVE + " with the development kit, or folders such"
                                    + " as val/n01440764";
                            default -> "the splits train and validation, because the classes of the test are not public";
                        };
                throw input.refusal(
                        KIND,
                        "the split " + split + " is missing; expected " + expected
                                + ". Add it, or name the splits to make with --splits.");
            }
        }
        return splits;
    }

    private void requireOneSource(String split, List<InputFile> found) {
        if (found.size() > 1) {
            throw input.refusal(
                    KIND,
                    "expected one source of the split " + split + ", found several, which may have the same pictures: "
                            + found.get(0).path() + " and " + found.get(1).path() + ". Take one out of the input.");
        }
    }
}

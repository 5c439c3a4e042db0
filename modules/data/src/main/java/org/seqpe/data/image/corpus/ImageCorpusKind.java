package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.corpus.InputFile;

/** The layouts of pictures that can be prepared. */
public enum ImageCorpusKind {
    /** ImageNet as it is distributed for the challenge of 2012: archives and a development kit. */
    IMAGENET("imagenet"),
    /** A folder for each class, in a folder for each split or not. */
    FOLDERS("image-folders"),
    /** Parquet with a picture and a label in each row, the form on data hubs. */
    PARQUET("image-parquet");

    private static final Pattern PICTURE_FILE = Pattern.compile(".*\\.(jpe?g|png)", Pattern.CASE_INSENSITIVE);

    private final String id;

    ImageCorpusKind(String id) {
        this.id = id;
    }

    /** The name of this kind in {@code prepare --corpus}. */
    public String id() {
        return id;
    }

    /** All ids. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(ImageCorpusKind::id).toList();
    }

    /** @throws UserException for an unknown id */
    public static ImageCorpusKind of(String id) {
        return Arrays.stream(values())
                .filter(kind -> kind.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot prepare the corpus kind '" + id
                        + "': expected auto or one of " + String.join(", ", ids()) + "."));
    }

    /**
     * The kind that files look like: by the names of ImageNet's archives, by the columns of the first Parquet file, or
     * because at least half of them are pictures by their names. Empty if they look like something else.
     */
    public static Optional<ImageCorpusKind> detect(List<InputFile> files, ImageColumns columns) {
        if (files.stream().anyMatch(ImageNet::isCertain)) {
            return Optional.of(IMAGENET);
        }
        Optional<InputFile> table = files.stream()
                .filter(file -> ParquetPictures.isTable(file.name()))
                .findFirst();
        if (table.isPresent()) {
            return hasPictures(table.get().path(), columns) ? Optional.of(PARQUET) : Optional.empty();
        }
        long pictures = files.stream()
                .filter(file ->
                        PICTURE_FILE.matcher(HadoopFiles.name(file.name())).matches())
                .count();
        return pictures > 0 && pictures >= files.size() - pictures ? Optional.of(FOLDERS) : Optional.empty();
    }

    private static boolean hasPictures(String path, ImageColumns columns) {
        try {
            return ParquetPictures.hasPictures(path, columns);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
        }
    }
}

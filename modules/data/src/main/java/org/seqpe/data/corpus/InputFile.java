package org.seqpe.data.corpus;

import java.util.List;

/**
 * A file of a corpus.
 *
 * @param path Hadoop path
 * @param name path relative to the input
 * @param bytes length as stored
 * @param split the split that its folder or name indicates, or empty
 * @param regions the parts of the (decompressed) file if splits are made by position; otherwise empty
 */
public record InputFile(String path, String name, long bytes, String split, List<Region> regions) {
    public InputFile {
        regions = List.copyOf(regions);
    }

    /**
     * A part of a file that belongs to one split. It ends at the first suitable place to cut at or after {@code end}.
     *
     * @param split the split
     * @param end bytes from the file's start
     */
    public record Region(String split, long end) {}

    InputFile withRegions(List<Region> parts) {
        return new InputFile(path, name, bytes, split, parts);
    }
}

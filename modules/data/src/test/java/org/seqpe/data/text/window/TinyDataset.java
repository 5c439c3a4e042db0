package org.seqpe.data.text.window;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.ShardWriter;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/** Writes datasets of a few documents, each shard given as its documents. */
final class TinyDataset {
    private TinyDataset() {}

    /** A dataset with the single split "train", a separator after every document. */
    static TokenDataset write(Path folder, String tokenizerId, List<List<String>> documentsOfShards) {
        Tokenizer tokenizer = Tokenizers.of(tokenizerId);
        TokenType type = TokenType.of(tokenizer.vocabularySize());
        List<ShardInfo> shards = new ArrayList<>();
        TextCounts text = TextCounts.ZERO;
        long documents = 0;
        long tokens = 0;
        for (List<String> shard : documentsOfShards) {
            String name = "train-" + shards.size();
            try (ShardWriter writer = new ShardWriter(folder.resolve(name).toString(), type)) {
                for (String document : shard) {
                    int[] ids = tokenizer.encode(document);
                    int[] separated = Arrays.copyOf(ids, ids.length + 1);
                    separated[ids.length] = tokenizer.endOfText();
                    writer.add(separated, TextCounts.of(document.getBytes(StandardCharsets.UTF_8)));
                }
                ShardInfo info = writer.finish(name);
                shards.add(info);
                text = text.plus(info.text());
                documents += info.documents();
                tokens += info.tokens();
            }
        }
        TreeMap<String, DatasetManifest.Split> splits = new TreeMap<>();
        splits.put("train", new DatasetManifest.Split(documents, tokens, text, new TreeMap<>(), shards));
        DatasetManifest manifest = new DatasetManifest(
                DatasetManifest.FORMAT_VERSION,
                new DatasetManifest.Corpus("text", "tiny", 1, text.bytes(), "named", new TreeMap<>(), new TreeMap<>()),
                new DatasetManifest.TokenizerInfo(
                        tokenizer.id(), tokenizer.hash(), tokenizer.vocabularySize(), tokenizer.endOfText()),
                tokenizer.endOfText(),
                type,
                splits);
        HadoopFiles.writeAtomically(folder.resolve(DatasetManifest.FILE).toString(), manifest.toJson());
        return TokenDataset.open(folder.toString());
    }
}

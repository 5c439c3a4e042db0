package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.notBlank;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import java.util.List;

/**
 * The settings of a sweep (method.md section 7).
 *
 * @param split split to evaluate
 * @param lengths window lengths
 * @param protocols non-overlapping windows, sliding ones, or both
 * @param stride tokens from one sliding window to the next; at most the shortest length
 * @param maxTokens maximum number of tokens to read from the split; 0 for all
 * @param batchTokens maximum number of tokens in one forward pass; a longer window is passed alone
 * @param resolutions sizes of pictures, such as 224 or 224x320, for image runs
 * @param cropRatio side of the centre crop as a share of the resized picture's shorter side
 * @param maxImages maximum number of pictures to read from the split; 0 for all
 * @param batchImages pictures in one forward pass
 * @param maxExamples maximum number of questions of each length; 0 for all
 * @param newTokens most tokens of a generated answer
 * @param device what the driver computes on: the run's device, or another kind, in float32
 */
public record EvaluationConfig(
        String split,
        List<Integer> lengths,
        List<Protocol> protocols,
        int stride,
        long maxTokens,
        int batchTokens,
        List<String> resolutions,
        double cropRatio,
        long maxImages,
        int batchImages,
        long maxExamples,
        int newTokens,
        Place device)
        implements Serializable {
    public EvaluationConfig {
        lengths = List.copyOf(lengths);
        protocols = List.copyOf(protocols);
        notBlank("split", split, "name a split of the manifest, such as test");
        require(!lengths.isEmpty(), "expected at least one window length, found none", "lengths");
        require(
                !protocols.isEmpty(),
                "expected at least one protocol, found none; choose non-overlapping, sliding or both",
                "protocols");
        require(
                lengths.stream().distinct().count() == lengths.size(),
                "expected different lengths, found " + lengths,
                "lengths");
        require(
                protocols.stream().distinct().count() == protocols.size(),
                "expected different protocols, found " + protocols,
                "protocols");
        atLeast("stride", stride, 1);
        for (int length : lengths) {
            require(length >= 2, "expected lengths of at least 2 tokens, found " + length, "lengths");
        }
        atLeast("max-tokens", maxTokens, 0);
        atLeast("batch-tokens", batchTokens, 1);
        resolutions = List.copyOf(resolutions);
        require(!resolutions.isEmpty(), "expected at least one resolution, found none", "resolutions");
        List<Resolution> parsed = sizes(resolutions);
        require(
                parsed.stream().distinct().count() == parsed.size(),
                "expected different resolutions, found " + resolutions,
                "resolutions");
        require(
                cropRatio > 0 && cropRatio <= 1,
                "expected a share above 0 and at most 1, found " + cropRatio,
                "crop-ratio");
        atLeast("max-images", maxImages, 0);
        atLeast("batch-images", batchImages, 1);
        atLeast("max-examples", maxExamples, 0);
        atLeast("new-tokens", newTokens, 1);
    }

    private static List<Resolution> sizes(List<String> resolutions) {
        return resolutions.stream()
                .map(text -> Resolution.parse(text, "resolutions"))
                .toList();
    }

    /** The resolutions of an image run's sweep. */
    public List<Resolution> sizes() {
        return sizes(resolutions);
    }

    /** The kinds of devices, and the one that the run trains on. */
    public enum Place {
        SAME,
        AUTO,
        CPU,
        CUDA,
        ND4J
    }

    /** How windows lie on the token stream. */
    public enum Protocol {
        NON_OVERLAPPING,
        SLIDING
    }
}

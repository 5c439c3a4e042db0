package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.seqpe.data.image.Pattern;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PillowResults;

class PillowOperationsTest {
    private static final byte[] FILL = {124, 116, 104};

    @Test
    void everyOperationIsPillowsToTheBit() throws IOException {
        SoftAssertions all = new SoftAssertions();
        List<List<String>> cases = PillowResults.of("operation");
        for (List<String> words : cases) {
            int width = Integer.parseInt(words.get(3));
            int height = Integer.parseInt(words.get(4));
            Picture source = words.get(2).equals("full") ? Pattern.full(width, height) : Pattern.narrow(width, height);
            String before = PillowResults.hash(source);
            Picture changed = apply(words.get(0), source, Double.parseDouble(words.get(1)));
            all.assertThat(PillowResults.hash(changed))
                    .as(String.join(" ", words))
                    .isEqualTo(words.get(5));
            assertThat(PillowResults.hash(source)).as("the source").isEqualTo(before);
        }
        assertThat(cases).hasSizeGreaterThan(400);
        all.assertAll();
    }

    private static Picture apply(String name, Picture source, double argument) {
        return switch (name) {
            case "autoContrast" -> Tones.autoContrast(source);
            case "equalize" -> Tones.equalize(source);
            case "invert" -> Tones.invert(source);
            case "mirror" -> Geometry.mirror(source);
            case "rotate" -> Geometry.rotate(source, argument, FILL);
            case "posterize" -> Tones.posterize(source, (int) argument);
            case "solarize" -> Tones.solarize(source, (int) argument);
            case "solarizeAdd" -> Tones.solarizeAdd(source, (int) argument);
            case "color" -> Enhancement.color(source, argument);
            case "contrast" -> Enhancement.contrast(source, argument);
            case "brightness" -> Enhancement.brightness(source, argument);
            case "sharpness" -> Enhancement.sharpness(source, argument);
            case "shearX" -> Geometry.shearX(source, argument, FILL);
            case "shearY" -> Geometry.shearY(source, argument, FILL);
            case "translateX" -> Geometry.translateX(source, argument, FILL);
            case "translateY" -> Geometry.translateY(source, argument, FILL);
            default -> throw new AssertionError(name);
        };
    }
}

package org.seqpe.cli.pictures;

import static org.seqpe.data.corpus.Splits.TEST;
import static org.seqpe.data.corpus.Splits.TRAIN;
import static org.seqpe.data.corpus.Splits.VALIDATION;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.seqpe.core.random.RandomStream;

/**
 * The fonts of a split, in families. No family is in two splits, so that the letters of the validation and the test
 * split have shapes that training never saw. Each of these two has a family without serifs, one with serifs and one
 * with letters of equal width. Training has such families too, and blackboard, calligraphic, Fraktur and script
 * letters.
 *
 * <p>The thinnest fonts of a family are left out: in a picture of 32 x 32 pixels their strokes vanish.
 */
final class LetterFonts {
    private static final String THEMES = "/VAADIN/themes/valo/fonts/";
    private static final String LIBERATION = "/liberation/Liberation";
    private static final String JETBRAINS = "/com/formdev/flatlaf/fonts/jetbrains_mono/JetBrainsMono-";
    /** The path has the version, which the project's pom.xml sets. */
    private static final String KATEX = "/META-INF/resources/webjars/katex/0.18.11/dist/fonts/KaTeX_";

    private static final String FOUR_STYLES = "Regular Bold Italic BoldItalic";

    private static final List<Family> FAMILIES = List.of(
            family(
                    "Lato",
                    TRAIN,
                    THEMES + "lato/lato-*-webfont.ttf",
                    "regular italic bold bolditalic black blackitalic light lightitalic"),
            family(
                    "Open Sans",
                    TRAIN,
                    THEMES + "open-sans/OpenSans-*-webfont.ttf",
                    FOUR_STYLES + " ExtraBold ExtraBoldItalic Semibold SemiboldItalic Light LightItalic"),
            family(
                    "Roboto",
                    TRAIN,
                    THEMES + "roboto/Roboto-*-webfont.ttf",
                    FOUR_STYLES + " Black BlackItalic Medium MediumItalic Light LightItalic"),
            family(
                    "Roboto Condensed",
                    TRAIN,
                    THEMES + "roboto/RobotoCondensed-*-webfont.ttf",
                    FOUR_STYLES + " Light LightItalic"),
            family(
                    "Computer Modern",
                    TRAIN,
                    KATEX + "*.ttf",
                    "Main-Regular Main-Italic Main-Bold Main-BoldItalic Math-Italic Math-BoldItalic"),
            family("Computer Modern Sans", TRAIN, KATEX + "SansSerif-*.ttf", "Regular Bold Italic"),
            family("Computer Modern Typewriter", TRAIN, KATEX + "Typewriter-*.ttf", "Regular"),
            family(
                    "Ornamental",
                    TRAIN,
                    KATEX + "*.ttf",
                    "AMS-Regular Caligraphic-Regular Caligraphic-Bold Fraktur-Regular Fraktur-Bold Script-Regular"),
            family("Liberation Sans", VALIDATION, LIBERATION + "Sans-*.ttf", FOUR_STYLES),
            family("Lora", VALIDATION, THEMES + "lora/lora-*-webfont.ttf", "regular bold italic bolditalic"),
            family("JetBrains Mono", VALIDATION, JETBRAINS + "*.ttf", FOUR_STYLES),
            family(
                    "Source Sans Pro",
                    TEST,
                    THEMES + "source-sans-pro/sourcesanspro-*.ttf",
                    "regular it bold boldit black blackit semibold semiboldit light lightit"),
            family("Liberation Serif", TEST, LIBERATION + "Serif-*.ttf", FOUR_STYLES),
            family("Liberation Mono", TEST, LIBERATION + "Mono-*.ttf", FOUR_STYLES));

    private final List<List<LetterFont>> families;

    /**
     * Fonts that belong together.
     *
     * @param split the split whose pictures show them
     */
    record Family(String name, String split, List<String> resources) {}

    private LetterFonts(List<List<LetterFont>> families) {
        this.families = families;
    }

    /**
     * A family of fonts.
     *
     * @param resource where the fonts are, with a star in the place of the style
     * @param styles with a space between each and the next
     */
    private static Family family(String name, String split, String resource, String styles) {
        return new Family(
                name,
                split,
                Arrays.stream(styles.split(" "))
                        .map(style -> resource.replace("*", style))
                        .toList());
    }

    /** All families. */
    static List<Family> all() {
        return FAMILIES;
    }

    /** Reads the fonts of a split. */
    static LetterFonts of(String split) {
        List<List<LetterFont>> families = new ArrayList<>();
        for (Family family : FAMILIES) {
            if (family.split().equals(split)) {
                families.add(family.resources().stream().map(LetterFont::read).toList());
            }
        }
        return new LetterFonts(families);
    }

    /** Draws a family, then one of its fonts, each as likely as the others. */
    LetterFont draw(RandomStream random) {
        List<LetterFont> family = families.get(random.nextInt(families.size()));
        return family.get(random.nextInt(family.size()));
    }
}

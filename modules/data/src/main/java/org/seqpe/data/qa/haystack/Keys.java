package org.seqpe.data.qa.haystack;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.seqpe.core.random.RandomStream;

/** Draws keys, which are two words, and values, which are numbers of 7 digits, that a text does not contain. */
final class Keys {
    private static final String[] FIRST =
            """
            amber ancient autumn bitter blue bold brave bright brisk broad bronze calm clear clever cold
            copper coral crimson curious damp distant dusty eager early eastern empty faint fierce foggy
            frozen gentle gilded golden grand green hidden hollow humble icy ivory jolly late lively
            lonely lucky marble mellow misty modest narrow noble northern olden pale patient polished
            proud quiet rapid rustic scarlet secret shallow silent
            """
                    .strip()
                    .split("\\s+");

    private static final String[] SECOND =
            """
            anchor arch badger barrel basket beacon bell bridge candle canyon castle cedar chapel cliff
            clock compass cradle creek crow drum eagle engine falcon ferry fiddle forge fountain garden
            glacier hammer harbor harvest helmet heron island jacket kettle ladder lantern lion lizard
            maple meadow mill mirror mountain oar orchard otter paddle parrot pebble piano pigeon pillow
            quarry raven ribbon river rooster saddle sailor tower violin
            """
                    .strip()
                    .split("\\s+");

    private static final int LEAST_VALUE = 1_000_000;
    private static final int VALUES = 9_000_000;

    private final RandomStream random;
    private final String text;
    private final String lowerText;

    /**
     * @param random source of the draws
     * @param text a text
     */
    Keys(RandomStream random, String text) {
        this.random = random;
        this.text = text;
        this.lowerText = text.toLowerCase(Locale.ROOT);
    }

    /** Different keys. */
    List<String> keys(int count) {
        return different(
                count,
                () -> FIRST[random.nextInt(FIRST.length)] + " " + SECOND[random.nextInt(SECOND.length)],
                lowerText);
    }

    /** Different values. */
    List<String> values(int count) {
        return different(count, () -> Integer.toString(LEAST_VALUE + random.nextInt(VALUES)), text);
    }

    private static List<String> different(int count, Supplier<String> draw, String text) {
        List<String> drawn = new ArrayList<>();
        while (drawn.size() < count) {
            String one = draw.get();
            if (!drawn.contains(one) && !text.contains(one)) {
                drawn.add(one);
            }
        }
        return drawn;
    }
}

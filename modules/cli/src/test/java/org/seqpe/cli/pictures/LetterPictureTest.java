package org.seqpe.cli.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.corpus.Splits;

class LetterPictureTest {
    /** Rows and columns of the small grey pictures that are compared. */
    private static final int THUMBNAIL = 16;

    /** A small grey picture with mean 0 and deviation 1. */
    private record Thumbnail(int letter, double[] grey) {}

    /** The simplest classifier: the letter of the most similar training picture. Chance is 1 of 26. */
    @Test
    void lettersOfNewFontsAreLearnableButNotTrivial() {
        List<Thumbnail> known = thumbnails(Splits.TRAIN, 60);
        List<Thumbnail> asked = thumbnails(Splits.TEST, 10);
        long right = asked.stream()
                .filter(one -> nearest(known, one).letter() == one.letter())
                .count();
        assertThat(right / (double) asked.size()).isBetween(0.3, 0.85);
    }

    private static Thumbnail nearest(List<Thumbnail> known, Thumbnail asked) {
        Thumbnail nearest = known.get(0);
        double least = Double.POSITIVE_INFINITY;
        for (Thumbnail one : known) {
            double distance = 0;
            for (int i = 0; i < asked.grey().length; i++) {
                double difference = one.grey()[i] - asked.grey()[i];
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                nearest = one;
            }
        }
        return nearest;
    }

    private static List<Thumbnail> thumbnails(String split, int perLetter) {
        LetterFonts fonts = LetterFonts.of(split);
        List<Thumbnail> thumbnails = new ArrayList<>();
        for (int letter = 0; letter < LetterFont.LETTERS; letter++) {
            for (int number = 0; number < perLetter; number++) {
                RandomStream random = RandomStream.of(3, split.hashCode(), letter, number);
                thumbnails.add(new Thumbnail(letter, grey(LetterPicture.draw(fonts, letter, random))));
            }
        }
        return thumbnails;
    }

    private static double[] grey(byte[] rgb) {
        int cell = LetterPicture.SIDE / THUMBNAIL;
        double[] grey = new double[THUMBNAIL * THUMBNAIL];
        double sum = 0;
        for (int at = 0; at < rgb.length; at++) {
            int pixel = at / 3;
            int row = pixel / LetterPicture.SIDE / cell;
            int column = pixel % LetterPicture.SIDE / cell;
            grey[row * THUMBNAIL + column] += rgb[at] & 255;
            sum += rgb[at] & 255;
        }
        double squares = 0;
        for (int i = 0; i < grey.length; i++) {
            grey[i] -= sum / grey.length;
            squares += grey[i] * grey[i];
        }
        for (int i = 0; i < grey.length; i++) {
            grey[i] /= Math.sqrt(squares / grey.length);
        }
        return grey;
    }
}

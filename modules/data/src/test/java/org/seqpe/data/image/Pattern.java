package org.seqpe.data.image;

/** Pictures that a formula gives; resources/pictures/make.py has the same one. */
public final class Pattern {
    private Pattern() {}

    /** Values of the whole range, with edges and single bright pixels. */
    public static Picture full(int width, int height) {
        byte[] rgb = new byte[Picture.CHANNELS * width * height];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    rgb[at++] = (byte) ((x * 7 + y * 13 + channel * 31) ^ (x * y >> 2) ^ (channel * x));
                }
            }
        }
        return new Picture(width, height, rgb);
    }

    /** The same with values from 40 to 180 only. */
    public static Picture narrow(int width, int height) {
        Picture picture = full(width, height);
        byte[] rgb = picture.rgb();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (40 + (rgb[i] & 255) * 140 / 255);
        }
        return picture;
    }

    /** One colour. */
    public static Picture even(int width, int height, int red, int green, int blue) {
        byte[] rgb = new byte[Picture.CHANNELS * width * height];
        for (int i = 0; i < rgb.length; i += Picture.CHANNELS) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new Picture(width, height, rgb);
    }
}

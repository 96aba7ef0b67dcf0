package org.alcove.fiji;

import java.lang.reflect.Array;
import java.util.stream.IntStream;

/** The values that ImageJ shows as black and as white. */
record DisplayRange(double least, double greatest) {
    private static final DisplayRange NONE = new DisplayRange(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    private static final int PIECE = 1 << 20;

    /** Of each channel, from its pixels in all slices and frames. */
    static DisplayRange[] ofChannels(Object[] planes, int channels) {
        DisplayRange[] ranges =
                IntStream.range(0, planes.length).parallel().mapToObj(i -> of(planes[i])).toArray(DisplayRange[]::new);
        DisplayRange[] ofChannels = new DisplayRange[channels];
        for (int i = 0; i < channels; i++) {
            DisplayRange all = ranges[i];
            for (int plane = i + channels; plane < planes.length; plane += channels) {
                all = all.and(ranges[plane]);
            }
            // Nothing but NaN and infinity has no range.
            ofChannels[i] = all.least <= all.greatest ? all : new DisplayRange(0, 1);
        }
        return ofChannels;
    }

    private DisplayRange and(DisplayRange other) {
        return new DisplayRange(Math.min(least, other.least), Math.max(greatest, other.greatest));
    }

    private static DisplayRange of(Object pixels) {
        if (pixels instanceof short[] || pixels instanceof float[]) {
            int length = Array.getLength(pixels);
            return IntStream.range(0, (length + PIECE - 1) / PIECE)
                    .parallel()
                    .mapToObj(i -> of(pixels, i * PIECE, Math.min(length, (i + 1) * PIECE)))
                    .reduce(NONE, DisplayRange::and);
        }
        return new DisplayRange(0, 255);
    }

    private static DisplayRange of(Object pixels, int from, int to) {
        return pixels instanceof short[] shorts ? of(shorts, from, to) : of((float[]) pixels, from, to);
    }

    // Branches that are hardly ever taken are three times as fast here as Math.min and Math.max.
    private static DisplayRange of(short[] pixels, int from, int to) {
        int least = 0xFFFF;
        int greatest = 0;
        for (int i = from; i < to; i++) {
            int pixel = pixels[i] & 0xFFFF;
            if (pixel < least) {
                least = pixel;
            }
            if (pixel > greatest) {
                greatest = pixel;
            }
        }
        return new DisplayRange(least, greatest);
    }

    /** Comparisons with NaN are false; infinity is a value, but no end of a range. */
    private static DisplayRange of(float[] pixels, int from, int to) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            float pixel = pixels[i];
            if (pixel < least && pixel >= -Float.MAX_VALUE) {
                least = pixel;
            }
            if (pixel > greatest && pixel <= Float.MAX_VALUE) {
                greatest = pixel;
            }
        }
        return new DisplayRange(least, greatest);
    }
}

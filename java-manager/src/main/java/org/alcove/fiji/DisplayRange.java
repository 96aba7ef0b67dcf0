package org.alcove.fiji;

import java.util.stream.IntStream;

/** The values that ImageJ shows as black and as white. */
record DisplayRange(double least, double greatest) {
    /** Of each channel, from its pixels in all slices and frames. */
    static DisplayRange[] ofChannels(Object[] planes, int channels) {
        DisplayRange[] ranges =
                IntStream.range(0, planes.length).parallel().mapToObj(i -> of(planes[i])).toArray(DisplayRange[]::new);
        DisplayRange[] ofChannels = new DisplayRange[channels];
        for (int i = 0; i < channels; i++) {
            DisplayRange all = ranges[i];
            for (int plane = i + channels; plane < planes.length; plane += channels) {
                all = new DisplayRange(
                        Math.min(all.least, ranges[plane].least), Math.max(all.greatest, ranges[plane].greatest));
            }
            // Nothing but NaN and infinity has no range.
            ofChannels[i] = all.least <= all.greatest ? all : new DisplayRange(0, 1);
        }
        return ofChannels;
    }

    private static DisplayRange of(Object pixels) {
        if (pixels instanceof short[] shorts) {
            return of(shorts);
        } else if (pixels instanceof float[] floats) {
            return of(floats);
        }
        return new DisplayRange(0, 255);
    }

    private static DisplayRange of(short[] pixels) {
        int least = 0xFFFF;
        int greatest = 0;
        for (short pixel : pixels) {
            least = Math.min(least, pixel & 0xFFFF);
            greatest = Math.max(greatest, pixel & 0xFFFF);
        }
        return new DisplayRange(least, greatest);
    }

    private static DisplayRange of(float[] pixels) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        for (float pixel : pixels) {
            if (Math.abs(pixel) <= Float.MAX_VALUE) {
                least = Math.min(least, pixel);
                greatest = Math.max(greatest, pixel);
            }
        }
        return new DisplayRange(least, greatest);
    }
}

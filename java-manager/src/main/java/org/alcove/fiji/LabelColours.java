package org.alcove.fiji;

import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import ij.process.LUT;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Colours for labels. Each one is the colour that is least like all before it, of those that stand out from the black of
 * the background; the distance is that of CIELAB, which is made after the eye. So they are always the same.
 */
final class LabelColours {
    /** How many labels have a colour of their own: all entries of a lookup table but the background's. */
    static final int COUNT = 255;

    private static final int STEPS = 18;
    private static final double LEAST_LIGHTNESS = 25;
    private static final LUT TABLE = make();

    private LabelColours() {}

    /** The lookup table; entry 0 is black. */
    static LUT table() {
        return (LUT) TABLE.clone();
    }

    /** Whether ImageJ would show label 1 in the first colour, label 2 in the second, ... and the user sets no threshold. */
    static boolean areShown(ImageProcessor processor) {
        return processor.getMin() == 0
                && processor.getMax() == COUNT
                && processor.getMinThreshold() == ImageProcessor.NO_THRESHOLD;
    }

    /** The labels of an image as entries of its lookup table, beginning anew after the last. */
    static ByteProcessor entries(ImageProcessor image, IntUnaryOperator labels) {
        byte[] entries = new byte[image.getWidth() * image.getHeight()];
        for (int i = 0; i < entries.length; i++) {
            int label = labels.applyAsInt(i);
            entries[i] = (byte) (label <= 0 ? 0 : 1 + (label - 1) % COUNT);
        }
        return new ByteProcessor(image.getWidth(), image.getHeight(), entries, image.getCurrentColorModel());
    }

    private static LUT make() {
        double[][] candidates = candidates();
        double[] distances = new double[candidates.length];
        Arrays.fill(distances, Double.MAX_VALUE);
        int[] chosen = new int[COUNT + 1];
        double[] last = lab(0, 0, 0);
        for (int i = 1; i <= COUNT; i++) {
            int farthest = 0;
            for (int j = 0; j < candidates.length; j++) {
                distances[j] = Math.min(distances[j], squaredDistance(candidates[j], last));
                if (distances[j] > distances[farthest]) {
                    farthest = j;
                }
            }
            last = candidates[farthest];
            chosen[i] = (int) last[3];
        }
        return table(chosen);
    }

    private static LUT table(int[] colours) {
        byte[][] parts = new byte[3][colours.length];
        for (int i = 0; i < colours.length; i++) {
            for (int part = 0; part < 3; part++) {
                parts[part][i] = (byte) (colours[i] >> 16 - 8 * part);
            }
        }
        return new LUT(parts[0], parts[1], parts[2]);
    }

    /** Lightness, two axes of colour, and the colour as a pixel; evenly spread over all that a screen shows. */
    private static double[][] candidates() {
        double[][] all = new double[STEPS * STEPS * STEPS][];
        for (int i = 0; i < all.length; i++) {
            all[i] = lab(level(i / STEPS / STEPS), level(i / STEPS), level(i));
        }
        return Arrays.stream(all).filter(colour -> colour[0] >= LEAST_LIGHTNESS).toArray(double[][]::new);
    }

    private static int level(int place) {
        return place % STEPS * 255 / (STEPS - 1);
    }

    static double squaredDistance(double[] colour, double[] other) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            sum += (colour[i] - other[i]) * (colour[i] - other[i]);
        }
        return sum;
    }

    /** sRGB to CIELAB for daylight (D65), as IEC 61966-2-1 and CIE 15 have it. */
    static double[] lab(int red, int green, int blue) {
        double r = linear(red);
        double g = linear(green);
        double b = linear(blue);
        double x = response((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        double y = response(0.2126 * r + 0.7152 * g + 0.0722 * b);
        double z = response((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z), red << 16 | green << 8 | blue};
    }

    // StrictMath gives the same colours on every machine.
    private static double linear(int level) {
        double part = level / 255.0;
        return part <= 0.04045 ? part / 12.92 : StrictMath.pow((part + 0.055) / 1.055, 2.4);
    }

    private static double response(double light) {
        return light > 216.0 / 24389 ? StrictMath.cbrt(light) : (24389.0 / 27 * light + 16) / 116;
    }
}

package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import java.util.Objects;
import java.util.Random;

/** Images of every kind that ImageJ has, with pixels of all values. */
final class Images {
    static final int WIDTH = 7;
    static final int HEIGHT = 5;

    private Images() {}

    /** An image of random pixels; all bits for floats, NaN and infinity among them. */
    static ImagePlus random(int bitDepth, int channels, int slices, int frames) {
        Random random = new Random(bitDepth + 100L * channels + 10_000L * slices + 1_000_000L * frames);
        ImageStack stack = new ImageStack(WIDTH, HEIGHT);
        for (int i = 0; i < channels * slices * frames; i++) {
            stack.addSlice("slice " + i, pixels(bitDepth, random));
        }
        ImagePlus image = new ImagePlus("image", stack);
        image.setDimensions(channels, slices, frames);
        return image;
    }

    private static Object pixels(int bitDepth, Random random) {
        int count = WIDTH * HEIGHT;
        switch (bitDepth) {
            case 8 -> {
                byte[] pixels = new byte[count];
                random.nextBytes(pixels);
                return pixels;
            }
            case 16 -> {
                short[] pixels = new short[count];
                for (int i = 0; i < count; i++) {
                    pixels[i] = (short) random.nextInt();
                }
                return pixels;
            }
            case 24 -> {
                return random.ints(count).map(pixel -> pixel | 0xFF000000).toArray();
            }
            default -> {
                float[] pixels = new float[count];
                for (int i = 0; i < count; i++) {
                    pixels[i] = Float.intBitsToFloat(random.nextInt());
                }
                pixels[0] = Float.NaN;
                pixels[1] = Float.NEGATIVE_INFINITY;
                pixels[2] = -0f;
                return pixels;
            }
        }
    }

    static void assertSamePixels(ImagePlus expected, ImagePlus actual) {
        assertEquals(expected.getBitDepth(), actual.getBitDepth());
        assertArrayEquals(expected.getDimensions(), actual.getDimensions());
        for (int i = 1; i <= expected.getStackSize(); i++) {
            Object pixels = expected.getStack().getPixels(i);
            Object others = actual.getStack().getPixels(i);
            assertEquals(true, Objects.deepEquals(pixels, others), "pixels of slice " + i);
        }
    }

    /** Calibrations agree in what belongs to these axes, to the last digit. */
    static void assertSameCalibration(Calibration expected, Calibration actual, boolean hasZ, boolean hasT) {
        assertEquals(expected.pixelWidth, actual.pixelWidth);
        assertEquals(expected.pixelHeight, actual.pixelHeight);
        assertEquals(expected.xOrigin, actual.xOrigin);
        assertEquals(expected.yOrigin, actual.yOrigin);
        assertEquals(expected.getXUnit(), actual.getXUnit());
        assertEquals(expected.getYUnit(), actual.getYUnit());
        assertEquals(expected.isSigned16Bit(), actual.isSigned16Bit());
        if (hasZ) {
            assertEquals(expected.pixelDepth, actual.pixelDepth);
            assertEquals(expected.zOrigin, actual.zOrigin);
            assertEquals(expected.getZUnit(), actual.getZUnit());
        }
        if (hasT) {
            assertEquals(expected.frameInterval, actual.frameInterval);
            assertEquals(expected.getTimeUnit(), actual.getTimeUnit());
        }
    }
}

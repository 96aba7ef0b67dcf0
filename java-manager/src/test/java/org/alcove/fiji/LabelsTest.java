package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import java.awt.image.BufferedImage;
import java.lang.reflect.Array;
import java.nio.file.Path;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.DType;
import org.alcove.Settings;
import org.alcove.SharedArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels and their colours, as ImageJ shows them. */
class LabelsTest {
    private static final int BLACK = 0xFF000000;

    @TempDir
    private static Path directory;

    private static Alcove alcove;

    @BeforeAll
    static void open() {
        alcove = Alcove.open(new Settings().dataDirectory(directory.resolve("data")).memoryDirectory(directory));
    }

    @AfterAll
    static void close() {
        alcove.close();
    }

    @Test
    void labelsOfEveryIntegerTypeAre16Bit() {
        assertLabels(16, new double[] {0, 1, 1, 0}, DType.BOOL, new byte[] {0, 1, 1, 0});
        assertLabels(16, new double[] {0, 1, 127, 3}, DType.INT8, new byte[] {0, 1, 127, 3});
        assertLabels(16, new double[] {0, 1, 255, 3}, DType.UINT8, new byte[] {0, 1, -1, 3});
        assertLabels(16, new double[] {0, 1, 32767, 3}, DType.INT16, new short[] {0, 1, 32767, 3});
        assertLabels(16, new double[] {0, 1, 65535, 3}, DType.UINT16, new short[] {0, 1, -1, 3});
        assertLabels(16, new double[] {0, 1, 65535, 3}, DType.INT32, new int[] {0, 1, 65535, 3});
        assertLabels(16, new double[] {0, 1, 65535, 3}, DType.UINT64, new long[] {0, 1, 65535, 3});
    }

    @Test
    void moreLabelsAreFloatsThatHoldEachExactly() {
        int most = 1 << 24;
        assertLabels(32, new double[] {0, 65536, most - 1, most}, DType.UINT32, new int[] {0, 65536, most - 1, most});
        assertLabels(32, new double[] {0, 65536, most - 1, most}, DType.INT64, new long[] {0, 65536, most - 1, most});
    }

    @Test
    void whatAreNoLabelsIsRefused() {
        assertRefused("16777217", DType.INT32, new int[] {0, (1 << 24) + 1});
        assertRefused("33554432", DType.INT64, new long[] {0, 1 << 25}); // a float, but its neighbours are none
        assertRefused("-1", DType.INT16, new short[] {0, -1});
        assertRefused("float32", DType.FLOAT32, new float[] {0, 1});
    }

    @Test
    void eachLabelHasItsColourInEveryImage() {
        int[] some = colours(labels(DType.UINT16, new short[] {0, 1, 2, 3}));
        int[] others = colours(labels(DType.INT32, new int[] {70000, 2, 0, 3}));
        assertEquals(BLACK, some[0]);
        assertEquals(some[2], others[1]);
        assertEquals(some[3], others[3]);
        assertEquals(BLACK, others[2]);
        assertEquals(colour(1 + (70000 - 1) % 255), others[0]);
    }

    @Test
    void labelsBeyondTheTableAreColouredAnew() {
        short[] labels = new short[1000];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (short) i;
        }
        ImagePlus image = labels(DType.UINT16, labels);
        int[] shown = colours(image);
        assertEquals(BLACK, shown[0]);
        for (int i = 1; i < labels.length; i++) {
            assertNotEquals(BLACK, shown[i]);
            assertNotEquals(shown[i - 1], shown[i], "labels " + (i - 1) + " and " + i);
        }
        assertArrayEquals(shown, (int[]) image.getProcessor().convertToRGB().getPixels());
        BufferedImage picture = image.getBufferedImage();
        assertEquals(shown[400], picture.getRGB(400, 0));
    }

    @Test
    void everySliceOfAStackHasTheColours() {
        try (SharedArray array = alcove.share(DType.UINT16, new short[] {300, 301, 302, 303}, "z y x", 2, 1, 2)) {
            ImagePlus image = ImagePlusArrays.toLabels(array, "labels");
            assertEquals(2, image.getNSlices());
            image.setSlice(2);
            assertArrayEquals(new int[] {colour(47), colour(48)}, colours(image));
            assertEquals(302, image.getProcessor().get(0, 0));
        }
    }

    @Test
    void ofOtherDisplayRangesAndThresholdsImageJDecides() {
        ImagePlus image = labels(DType.UINT16, new short[] {0, 300, 301, 1000});
        image.setDisplayRange(0, 1000);
        image.updateImage();
        assertEquals(colours(image)[1], colours(image)[2]);
        image.setDisplayRange(0, 255);
        image.getProcessor().setThreshold(299, 300, ImageProcessor.RED_LUT);
        image.updateImage();
        assertEquals(0xFFFF0000, colours(image)[1]);
    }

    @Test
    void coloursAreFarApart() {
        // From 2 on, two colours side by side can be told apart.
        for (int i = 1; i <= 255; i++) {
            assertTrue(distance(0, i) > 25, "label " + i + " is hardly seen");
            assertTrue(distance(i, 1 + i % 255) > 20, "label " + i + " and the next one look alike");
            for (int other = 1; other < i; other++) {
                assertTrue(distance(i, other) > 12, "labels " + i + " and " + other + " look alike");
            }
        }
    }

    private void assertLabels(int bitDepth, double[] expected, DType dtype, Object elements) {
        ImagePlus image = labels(dtype, elements);
        assertEquals(bitDepth, image.getBitDepth());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], image.getProcessor().getf(i));
        }
    }

    private void assertRefused(String word, DType dtype, Object elements) {
        String message = assertThrows(AlcoveException.class, () -> labels(dtype, elements)).getMessage();
        assertTrue(message.contains(word), message);
    }

    private ImagePlus labels(DType dtype, Object elements) {
        try (SharedArray array = alcove.share(dtype, elements, "x", Array.getLength(elements))) {
            return ImagePlusArrays.toLabels(array, "labels");
        }
    }

    private static int[] colours(ImagePlus image) {
        return (int[]) new ColorProcessor(image.getImage()).getPixels();
    }

    private static int colour(int entry) {
        return LabelColours.table().getRGB(entry);
    }

    /** As the eye has it, in CIELAB. */
    private static double distance(int entry, int other) {
        return Math.sqrt(LabelColours.squaredDistance(lab(entry), lab(other)));
    }

    private static double[] lab(int entry) {
        int colour = colour(entry);
        return LabelColours.lab(colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF);
    }
}

package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.process.ImageProcessor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.Settings;
import org.alcove.SharedArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays as ops return them, in ImageJ: axes in any order, elements of any type. */
class ImagesOfArraysTest {
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
    void findsAxesInAnyOrder() {
        Random random = new Random(1);
        List<String> names = Arrays.asList("t", "z", "c", "y", "x");
        int[] sizes = {2, 3, 4, 5, 6};
        for (int round = 0; round < 40; round++) {
            Collections.shuffle(names, random);
            long[] shape = names.stream().mapToLong(name -> sizes["tzcyx".indexOf(name)]).toArray();
            short[] elements = new short[2 * 3 * 4 * 5 * 6];
            for (int i = 0; i < elements.length; i++) {
                elements[i] = (short) i;
            }
            ImagePlus image = image(DType.UINT16, elements, String.join(" ", names), shape);
            assertArrayEquals(new int[] {6, 5, 4, 3, 2}, image.getDimensions());
            for (int i = 0; i < elements.length; i++) {
                int[] index = new int[5]; // t z c y x
                int rest = i;
                for (int axis = 4; axis >= 0; axis--) {
                    index["tzcyx".indexOf(names.get(axis))] = rest % (int) shape[axis];
                    rest /= (int) shape[axis];
                }
                ImageProcessor plane =
                        image.getStack().getProcessor(image.getStackIndex(index[2] + 1, index[1] + 1, index[0] + 1));
                assertEquals(i, plane.get(index[4], index[3]), () -> names.toString());
            }
        }
    }

    @Test
    void copiesTransposedImagesThatComeInManyPieces() {
        int width = 700;
        int height = 300;
        float[] elements = new float[width * height * 2];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = i;
        }
        ImagePlus image = image(DType.FLOAT32, elements, "x y c", width, height, 2);
        assertEquals((691 * height + 299) * 2 + 1, image.getStack().getProcessor(2).getf(691, 299));
    }

    @Test
    void guessesTheAxesOfAnArrayWithoutAny() {
        assertArrayEquals(new int[] {6, 5, 1, 4, 1}, nameless(DType.UINT16, 4, 5, 6));
        assertArrayEquals(new int[] {6, 5, 2, 4, 3}, nameless(DType.UINT16, 2, 3, 4, 5, 6));
        assertArrayEquals(new int[] {4, 6, 1, 5, 1}, nameless(DType.UINT16, 5, 6, 4));
        assertArrayEquals(new int[] {6, 5, 1, 1, 1}, nameless(DType.UINT8, 5, 6, 3));
        assertArrayEquals(new int[] {6, 5, 1, 4, 1}, nameless(DType.UINT8, 4, 5, 6, 3));
        assertArrayEquals(new int[] {6, 1, 1, 1, 1}, nameless(DType.UINT8, 6));
    }

    @Test
    void takesOtherNamesForWhatIsFree() {
        byte[] elements = new byte[2 * 3 * 4 * 5];
        assertArrayEquals(new int[] {5, 4, 1, 2, 3}, image(DType.UINT8, elements, "q t y x", 2, 3, 4, 5).getDimensions());
        assertArrayEquals(new int[] {5, 4, 1, 3, 2}, image(DType.UINT8, elements, "z z y x", 2, 3, 4, 5).getDimensions());
        assertArrayEquals(
                new int[] {5, 4, 2, 3, 1}, image(DType.UINT8, elements, "angle c z y x", 1, 2, 3, 4, 5).getDimensions());
    }

    @Test
    void namesTheAxesThatItHasNoPlaceFor() {
        AlcoveException failure = refusal(DType.UINT8, new byte[64], "p q t z y x", 2, 2, 2, 2, 2, 2);
        assertTrue(failure.getMessage().contains("p q t z y x"), failure.getMessage());
        assertTrue(refusal(DType.UINT8, new byte[4], "z y", 2, 2).getMessage().contains("axis x"));
        assertTrue(refusal(DType.UINT16, new short[24], "c y x s", 2, 2, 2, 3).getMessage().contains("c y x s"));
    }

    @Test
    void refusesWhatHasNoPixels() {
        try (SharedArray empty = alcove.allocate(DType.UINT8, List.of(), 0, 5);
                SharedArray number = alcove.allocate(DType.UINT8, List.of())) {
            for (SharedArray array : List.of(empty, number)) {
                assertThrows(AlcoveException.class, () -> ImagePlusArrays.toImagePlus(array, ""));
                assertThrows(AlcoveException.class, () -> ImagePlusArrays.toLabels(array, ""));
            }
        }
    }

    @Test
    void masksAreBlackAndWhite() {
        ImagePlus image = image(DType.BOOL, new byte[] {0, 1, 1, 0}, "y x", 2, 2);
        assertEquals(8, image.getBitDepth());
        assertArrayEquals(new byte[] {0, -1, -1, 0}, (byte[]) image.getProcessor().getPixels());
    }

    @Test
    void signedNumbersKeepTheirValues() {
        ImagePlus image = image(DType.INT16, new short[] {-32768, -1, 0, 32767}, "y x", 2, 2);
        assertArrayEquals(new double[] {-32768, -1, 0, 32767}, calibrated(image));
        assertEquals(0, image.getDisplayRangeMin());
        assertEquals(65535, image.getDisplayRangeMax());
        assertArrayEquals(new double[] {-128, -1, 0, 127},
                calibrated(image(DType.INT8, new byte[] {-128, -1, 0, 127}, "y x", 2, 2)));
    }

    @Test
    void wideWholeNumbersGetTheSmallestPixelsThatHoldThem() {
        ImagePlus small = image(DType.INT64, new long[] {0, 1, 65535, 7}, "y x", 2, 2);
        assertEquals(16, small.getBitDepth());
        assertArrayEquals(new double[] {0, 1, 65535, 7}, calibrated(small));
        ImagePlus large = image(DType.INT32, new int[] {-1, 65536, 1 << 24, Integer.MIN_VALUE}, "y x", 2, 2);
        assertEquals(32, large.getBitDepth());
        assertArrayEquals(new double[] {-1, 65536, 1 << 24, Integer.MIN_VALUE}, calibrated(large));
        ImagePlus unsigned = image(DType.UINT64, new long[] {0, 1, Long.MIN_VALUE, -1L << 40}, "y x", 2, 2);
        assertArrayEquals(new double[] {0, 1, 0x1p63, 0x1p64 - 0x1p40}, calibrated(unsigned));
        assertArrayEquals(new double[] {0, 0xFFFFFF00L},
                calibrated(image(DType.UINT32, new int[] {0, 0xFFFFFF00}, "x", 2)));
    }

    @Test
    void wholeNumbersThatAFloatWouldRoundAreRefused() {
        for (AlcoveException failure : List.of(
                refusal(DType.INT32, new int[] {0, (1 << 24) + 1}, "x", 2),
                refusal(DType.UINT32, new int[] {0, -1}, "x", 2),
                refusal(DType.INT64, new long[] {0, Long.MAX_VALUE}, "x", 2),
                refusal(DType.UINT64, new long[] {0, -1}, "x", 2))) {
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains("from 0 to "), failure.getMessage());
            assertTrue(failure.hint().orElseThrow().contains("float32"));
        }
    }

    @Test
    void floatsAreRoundedAndNeverBecomeInfinite() {
        double[] values = {0.1, -1e38, Double.NaN, Double.POSITIVE_INFINITY};
        float[] pixels = (float[]) image(DType.FLOAT64, values, "y x", 2, 2).getProcessor().getPixels();
        assertArrayEquals(new float[] {0.1f, -1e38f, Float.NaN, Float.POSITIVE_INFINITY}, pixels);
        assertTrue(refusal(DType.FLOAT64, new double[] {1e39}, "x", 1).getMessage().contains("1.0E39"));
    }

    @Test
    void halvesAreExact() {
        short[] bits = {0, 1, 0x3FF, 0x3C00, 0x7BFF, 0x7C00, (short) 0xFC00, (short) 0x8001, (short) 0xC000, 0x7E00};
        float[] expected = {0, 0x1p-24f, 0x3FFp-24f, 1, 65504, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
            -0x1p-24f, -2, Float.NaN};
        assertArrayEquals(
                expected, (float[]) image(DType.FLOAT16, bits, "x", bits.length).getProcessor().getPixels());
    }

    @Test
    void complexNumbersAreRefused() {
        AlcoveException failure = refusal(DType.COMPLEX64, new float[4], "x", 2);
        assertTrue(failure.getMessage().contains("complex64"));
        assertTrue(failure.hint().orElseThrow().contains("numpy.abs"));
    }

    @Test
    void opacityIsDroppedWhereItSaysNothing() {
        byte[] elements = {1, 2, 3, -1, 4, 5, 6, -1};
        ImagePlus opaque = image(DType.UINT8, elements, "y x c", 1, 2, 4);
        assertArrayEquals(new int[] {0xFF010203, 0xFF040506}, (int[]) opaque.getProcessor().getPixels());
        elements[7] = 9;
        ImagePlus channels = image(DType.UINT8, elements, "y x c", 1, 2, 4);
        assertEquals(4, channels.getNChannels());
        assertEquals(9, channels.getStack().getProcessor(4).get(1, 0));
    }

    @Test
    void showsTheRangeOfEachChannelsValues() {
        float[] elements = {1, Float.NaN, 3, Float.NEGATIVE_INFINITY, 10, 20, 30, 40};
        ImagePlus image = image(DType.FLOAT32, elements, "c y x", 2, 2, 2);
        CompositeImage composite = assertInstanceOf(CompositeImage.class, image);
        assertEquals(CompositeImage.COMPOSITE, composite.getMode());
        assertEquals(List.of(1.0, 3.0, 10.0, 40.0), List.of(
                composite.getLuts()[0].min, composite.getLuts()[0].max,
                composite.getLuts()[1].min, composite.getLuts()[1].max));
        ImagePlus stack = image(DType.UINT16, new short[] {5, 6, 1000, 7}, "z y x", 2, 1, 2);
        assertEquals(5, stack.getDisplayRangeMin());
        assertEquals(1000, stack.getDisplayRangeMax());
        stack.setSlice(2);
        assertEquals(1000, stack.getDisplayRangeMax());
        ImagePlus nothing = image(DType.FLOAT32, new float[] {Float.NaN}, "y x", 1, 1);
        assertEquals(1, nothing.getDisplayRangeMax());
    }

    @Test
    void showsMoreChannelsThanAColourEachInGrey() {
        ImagePlus image = image(DType.UINT16, new short[9 * 4], "c y x", 9, 2, 2);
        assertEquals(9, image.getNChannels());
        assertEquals(CompositeImage.GRAYSCALE, assertInstanceOf(CompositeImage.class, image).getMode());
    }

    @Test
    void calibrationOfOtherAxesIsConverted() {
        List<Axis> axes = List.of(
                new Axis("t", "time", null, 3, 0),
                new Axis("y", "space", "micrometer", 0, 4),
                new Axis("x", "space", null, 1, 0));
        try (SharedArray array = alcove.allocate(DType.UINT8, axes, 2, 3, 4)) {
            ImagePlus image = ImagePlusArrays.toImagePlus(array, "");
            assertEquals(3, image.getCalibration().frameInterval);
            assertEquals("frame", image.getCalibration().getTimeUnit());
            assertEquals(1, image.getCalibration().pixelHeight);
            assertEquals("\u00b5m", image.getCalibration().getYUnit());
            assertEquals("pixel", image.getCalibration().getUnit());
        }
        assertNull(Units.name("Pixels"));
    }

    private ImagePlus image(DType dtype, Object elements, String axes, long... shape) {
        try (SharedArray array = alcove.share(dtype, elements, axes, shape)) {
            return ImagePlusArrays.toImagePlus(array, "image");
        }
    }

    private AlcoveException refusal(DType dtype, Object elements, String axes, long... shape) {
        return assertThrows(AlcoveException.class, () -> image(dtype, elements, axes, shape));
    }

    private int[] nameless(DType dtype, long... shape) {
        try (SharedArray array = alcove.allocate(dtype, List.of(), shape)) {
            return ImagePlusArrays.toImagePlus(array, "image").getDimensions();
        }
    }

    private static double[] calibrated(ImagePlus image) {
        double[] values = new double[image.getWidth() * image.getHeight()];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.getProcessor().getf(i);
            values[i] = image.getCalibration().getCValue(values[i]);
        }
        return values;
    }
}

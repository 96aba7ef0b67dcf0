package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.ImageStack;
import ij.VirtualStack;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From ImageJ into an array and back. */
class RoundTripTest {
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

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 24, 32})
    void keepsPixelsDimensionsAndCalibrationOfEveryKindOfImage(int bitDepth) {
        List<Consumer<Calibration>> calibrations = calibrations();
        int turn = 0;
        for (int channels = 1; channels <= 3; channels++) {
            for (int slices = 1; slices <= 3; slices++) {
                for (int frames = 1; frames <= 3; frames++) {
                    // Each kind of image meets several calibrations; all calibrations meet several kinds.
                    for (int i = 0; i < 4; i++) {
                        ImagePlus image = Images.random(bitDepth, channels, slices, frames);
                        calibrations.get(turn++ % calibrations.size()).accept(image.getCalibration());
                        assertRoundTrip(image);
                    }
                }
            }
        }
    }

    @Test
    void keepsImagesOfOnePixelOneRowAndOneColumn() {
        for (int[] size : new int[][] {{1, 1}, {9, 1}, {1, 9}}) {
            ImageStack stack = new ImageStack(size[0], size[1]);
            for (int i = 0; i < 3; i++) {
                stack.addSlice(null, new byte[size[0] * size[1]]);
                ((byte[]) stack.getPixels(i + 1))[0] = (byte) (200 + i);
            }
            assertRoundTrip(new ImagePlus("thin", stack));
            assertRoundTrip(new ImagePlus("flat", stack.getProcessor(2)));
        }
    }

    @Test
    void keepsAllOriginsThatPeopleType() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            double scale = i % 3 == 0 ? 1 + random.nextInt(500) / 1000.0 : random.nextDouble();
            double origin = typed(random);
            Axis axis = new Axis("x", "space", null, scale, -origin * scale);
            assertEquals(origin, Calibrations.origin(axis), () -> "with a scale of " + scale);
        }
    }

    @Test
    void givesTheSameTranslationAgainWhateverTheOrigin() {
        Random random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            double scale = random.nextDouble() * 10;
            double translation = -(random.nextGaussian() * 1000) * scale;
            double origin = Calibrations.origin(new Axis("x", "space", null, scale, translation));
            assertEquals(translation, -origin * scale);
        }
    }

    @Test
    void laysElementsOutAsNumpyDoes() {
        ImagePlus image = Images.random(16, 2, 3, 4);
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertArrayEquals(new long[] {4, 3, 2, Images.HEIGHT, Images.WIDTH}, array.shape());
            assertEquals(List.of("t", "z", "c", "y", "x"), names(array));
            int[] at = {3, 1, 0, 2, 6}; // t z c y x
            int position = (((at[0] * 3 + at[1]) * 2 + at[2]) * Images.HEIGHT + at[3]) * Images.WIDTH + at[4];
            ImageProcessor plane = image.getStack().getProcessor(image.getStackIndex(at[2] + 1, at[1] + 1, at[0] + 1));
            assertEquals(plane.get(at[4], at[3]), array.toShorts()[position] & 0xFFFF);
        }
    }

    @Test
    void namesTypesAndUnitsAreThoseOfOmeNgff() {
        ImagePlus image = Images.random(8, 2, 3, 4);
        Calibration calibration = image.getCalibration();
        calibration.setUnit("micron");
        calibration.pixelWidth = 0.25;
        calibration.pixelHeight = 0.5;
        calibration.pixelDepth = 2;
        calibration.setZUnit("nm");
        calibration.xOrigin = 10;
        calibration.zOrigin = -2;
        calibration.frameInterval = 1.5;
        calibration.setTimeUnit("min");
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertEquals(
                    List.of(
                            new Axis("t", "time", "minute", 1.5, 0),
                            new Axis("z", "space", "nanometer", 2, 4),
                            new Axis("c", "channel", null, 1, 0),
                            new Axis("y", "space", "micrometer", 0.5, 0),
                            new Axis("x", "space", "micrometer", 0.25, -2.5)),
                    array.axes());
        }
    }

    @Test
    void coloursAreTheLastAxis() {
        ImagePlus image = Images.random(24, 1, 2, 1);
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertEquals(DType.UINT8, array.dtype());
            assertEquals(List.of("z", "y", "x", "c"), names(array));
            int pixel = ((int[]) image.getStack().getPixels(2))[3];
            int start = (Images.WIDTH * Images.HEIGHT + 3) * 3;
            byte[] elements = array.toBytes();
            assertEquals((byte) (pixel >> 16), elements[start]);
            assertEquals((byte) (pixel >> 8), elements[start + 1]);
            assertEquals((byte) pixel, elements[start + 2]);
        }
        try (SharedArray array = ImagePlusArrays.share(alcove, Images.random(24, 2, 1, 1))) {
            assertEquals(List.of("c", "y", "x", "s"), names(array));
        }
    }

    @Test
    void signed16BitPixelsAreInt16() {
        ImagePlus image = Images.random(16, 1, 2, 1);
        image.getCalibration().setSigned16BitCalibration();
        ImageProcessor second = image.getStack().getProcessor(2);
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertEquals(DType.INT16, array.dtype());
            assertEquals(second.get(4) - 32768, array.toShorts()[Images.WIDTH * Images.HEIGHT + 4]);
        }
        assertRoundTrip(image);
    }

    @Test
    void readsVirtualStacksSliceBySlice() {
        ImagePlus original = Images.random(16, 1, 6, 1);
        List<Integer> asked = new ArrayList<>();
        VirtualStack stack = new VirtualStack(Images.WIDTH, Images.HEIGHT, null, "") {
            @Override
            public ImageProcessor getProcessor(int n) {
                asked.add(n);
                return original.getStack().getProcessor(n);
            }

            @Override
            public int getBitDepth() {
                return 16;
            }

            @Override
            public int getSize() {
                return 6;
            }
        };
        ImagePlus image = new ImagePlus("virtual", stack);
        asked.clear();
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertEquals(List.of(1, 2, 3, 4, 5, 6), asked);
            Images.assertSamePixels(original, ImagePlusArrays.toImagePlus(array, "copy"));
        }
    }

    @Test
    void saysWhichVirtualSliceCannotBeRead() {
        VirtualStack stack = new VirtualStack(4, 4, null, "") {
            @Override
            public ImageProcessor getProcessor(int n) {
                return n == 3 ? new ByteProcessor(5, 5) : new ByteProcessor(4, 4);
            }

            @Override
            public int getSize() {
                return 4;
            }
        };
        ImagePlus image = new ImagePlus("broken", stack);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> ImagePlusArrays.share(alcove, image));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().contains("slice 3 of broken"), failure.getMessage());
    }

    @Test
    void refusesAnImageWithoutPixels() {
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> ImagePlusArrays.share(alcove, new ImagePlus()));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
    }

    @Test
    void takesThePixelsThatAreShown() {
        ImagePlus image = Images.random(8, 1, 2, 1);
        image.setSlice(2);
        byte[] shown = new byte[Images.WIDTH * Images.HEIGHT];
        shown[5] = 42;
        image.getProcessor().setPixels(shown); // as Undo does
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            assertEquals(42, array.toBytes()[shown.length + 5]);
        }
    }

    @Test
    void theOriginalGivesWhatAnArrayCannotCarry() {
        ImagePlus image = Images.random(8, 2, 1, 1);
        Calibration calibration = image.getCalibration();
        calibration.pixelDepth = 0.3;
        calibration.frameInterval = 5;
        calibration.setUnit("nm");
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            ImagePlus copy = ImagePlusArrays.toImagePlus(array, "copy", image);
            assertEquals("copy", copy.getTitle());
            Images.assertSamePixels(image, copy);
            Images.assertSameCalibration(calibration, copy.getCalibration(), true, true);
            assertEquals("slice 1", copy.getStack().getSliceLabel(2));
            assertEquals(1, ImagePlusArrays.toImagePlus(array, "alone").getCalibration().pixelDepth);
        }
    }

    private void assertRoundTrip(ImagePlus image) {
        try (SharedArray array = ImagePlusArrays.share(alcove, image)) {
            ImagePlus copy = ImagePlusArrays.toImagePlus(array, "copy");
            Images.assertSamePixels(image, copy);
            Images.assertSameCalibration(
                    image.getCalibration(), copy.getCalibration(), image.getNSlices() > 1, image.getNFrames() > 1);
            copy.setPosition(image.getNChannels(), image.getNSlices(), image.getNFrames());
            try (SharedArray again = ImagePlusArrays.share(alcove, copy)) {
                assertEquals(array.axes(), again.axes());
                Images.assertSamePixels(image, ImagePlusArrays.toImagePlus(again, "copy of the copy"));
            }
        }
    }

    private static List<Consumer<Calibration>> calibrations() {
        return List.of(
                calibration -> {},
                calibration -> {
                    calibration.setUnit("\u00b5m");
                    calibration.pixelWidth = 0.1;
                    calibration.pixelHeight = 0.3;
                    calibration.pixelDepth = 1 / 3.0;
                    calibration.frameInterval = 0.04;
                },
                calibration -> {
                    calibration.setUnit("nm");
                    calibration.pixelWidth = 65.0;
                    calibration.pixelHeight = 65.5;
                    calibration.pixelDepth = 200;
                    calibration.xOrigin = 12.7;
                    calibration.yOrigin = -0.1;
                    calibration.zOrigin = 1e-3;
                    calibration.frameInterval = 2.5;
                    calibration.setTimeUnit("min");
                },
                calibration -> {
                    calibration.setUnit("furlong");
                    calibration.setYUnit("mm");
                    calibration.setZUnit("inch");
                    calibration.pixelWidth = 1e-7;
                    calibration.yOrigin = 256;
                    calibration.zOrigin = 3.25;
                    calibration.frameInterval = 1;
                },
                calibration -> {
                    calibration.pixelWidth = 2;
                    calibration.xOrigin = 5;
                    calibration.setZUnit("mm");
                    calibration.pixelDepth = -0.7;
                    calibration.frameInterval = 17;
                    calibration.setTimeUnit("ms");
                });
    }

    /** A number of few digits or of many, with a sign. */
    private static double typed(Random random) {
        String digits = String.valueOf(Math.abs(random.nextLong() % (long) Math.pow(10, 1 + random.nextInt(15))));
        String number = (random.nextBoolean() ? "-" : "") + digits + "e" + (random.nextInt(9) - digits.length());
        return Double.parseDouble(number) + 0.0;
    }

    private static List<String> names(SharedArray array) {
        return array.axes().stream().map(Axis::name).toList();
    }
}

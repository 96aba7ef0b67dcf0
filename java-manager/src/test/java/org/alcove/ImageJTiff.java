package org.alcove;

import ij.ImagePlus;
import ij.ImageStack;
import ij.io.FileSaver;
import ij.measure.Calibration;
import ij.process.ShortProcessor;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a TIFF file as ImageJ makes it: a 16-bit z-stack with calibration. The element at z, y, x is {@link #value}, so
 * whoever reads it can tell whether axes were swapped.
 */
public final class ImageJTiff {
    static final int WIDTH = 64;
    static final int HEIGHT = 48;
    static final int SLICES = 5;

    private ImageJTiff() {}

    /** Writes the file that the first argument names. */
    public static void main(String[] arguments) throws IOException {
        System.setProperty("java.awt.headless", "true");
        ImageStack stack = new ImageStack(WIDTH, HEIGHT);
        for (int z = 0; z < SLICES; z++) {
            short[] pixels = new short[WIDTH * HEIGHT];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (short) value(z, i / WIDTH, i % WIDTH);
            }
            stack.addSlice("slice " + (z + 1), new ShortProcessor(WIDTH, HEIGHT, pixels, null));
        }
        ImagePlus image = new ImagePlus("stack", stack);
        image.setDimensions(1, SLICES, 1);
        Calibration calibration = image.getCalibration();
        calibration.pixelWidth = 0.2;
        calibration.pixelHeight = 0.2;
        calibration.pixelDepth = 0.5;
        calibration.setUnit("micron");
        if (!new FileSaver(image).saveAsTiffStack(Path.of(arguments[0]).toString())) {
            throw new IOException("ImageJ could not write " + arguments[0]);
        }
    }

    /** Above 32767 in the upper slices, so that whoever reads it as signed is found out. */
    static int value(int z, int y, int x) {
        return 10000 * z + 100 * y + x;
    }
}

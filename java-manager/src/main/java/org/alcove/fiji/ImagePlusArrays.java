package org.alcove.fiji;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.LUT;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.SharedArray;

/**
 * Images of ImageJ, and so of Fiji, as shared arrays and back.
 *
 * <p>Pixels arrive as numpy has them: (t, z, c, y, x), without those of t, z and c that have a length of 1, as {@code
 * uint8}, {@code uint16} or {@code float32}; {@code int16} where ImageJ shows 16-bit pixels as signed. RGB is {@code
 * uint8} with the colours as last axis: (t, z, y, x, c), or (t, z, c, y, x, s) where an RGB image has channels too. Axes
 * have unit, scale and translation from ImageJ's calibration: pixel size, origin, frame interval. A TIFF file of ImageJ's
 * that is read by {@link Alcove#readImage} gives the same array.
 *
 * <p>The way back gives the same pixels, dimensions, and calibration of each axis that the array has, to the last digit
 * (of origins, up to 15 digits; units in ImageJ's own spelling). An array cannot carry the depth of a single slice and the
 * interval of a single frame (hand the original over to {@link #toImagePlus(SharedArray, String, ImagePlus)} to keep
 * them), nor lookup tables, the colours and display ranges of channels, slice labels, overlays, regions, the info text, or
 * a calibration of values other than "signed 16 bit".
 */
public final class ImagePlusArrays {
    private ImagePlusArrays() {}

    /**
     * A copy of an image in shared memory; slices of virtual stacks are read one by one.
     *
     * @throws org.alcove.AlcoveException {@code out_of_shared_memory}, or {@code invalid_params} when the image has no
     *     pixels or a virtual slice cannot be read
     */
    public static SharedArray share(Alcove alcove, ImagePlus image) {
        return new Sharing(image).share(alcove);
    }

    /** As {@link #toImagePlus(SharedArray, String, ImagePlus)}, without an original. */
    public static ImagePlus toImagePlus(SharedArray array, String title) {
        return toImagePlus(array, title, null);
    }

    /**
     * A copy of an array as an image, not shown yet. Axes are found by name in any order ({@code t z c y x}); those of
     * other names become slices, frames and channels while these are free. An array without axes ends in y and x, or in y,
     * x and 3 or 4 colours where it is {@code uint8}.
     *
     * <p>{@code uint8}, {@code uint16} and {@code float32} stay as they are, and {@code uint8} whose last axis is {@code c}
     * with 3 colours is RGB; a fourth, opacity, is dropped where all is opaque, else all four are channels. {@code bool}
     * becomes 0 and 255 of 8 bits; {@code int8} and {@code int16} become ImageJ's signed 16 bits. Wider whole numbers
     * become 16 bits where none is below 0 or above 65535, else 32-bit floats where these hold each of them exactly.
     * {@code float16} becomes 32 bits, and {@code float64} is rounded to them.
     *
     * <p>The display range of 16- and 32-bit images is that of the values, channel by channel. Up to 7 channels are shown
     * as a composite.
     *
     * @param original the image that the array came from, or null: its calibration counts for axes that the array doesn't
     *     have, and its slice labels where there are as many slices
     * @throws org.alcove.AlcoveException {@code invalid_params} when ImageJ cannot hold its axes, size or values; the
     *     message says which
     */
    public static ImagePlus toImagePlus(SharedArray array, String title, ImagePlus original) {
        Layout layout = Layout.of(array, true);
        if (layout.hasColours() && layout.size("s") == 4 && !Opacity.isFull(array)) {
            layout = layout.withoutColours();
        }
        Conversion conversion = Conversion.of(array, layout);
        Object[] planes = Planes.of(array, layout, conversion);
        ImageStack stack = stack(new ImageStack(layout.size("x"), layout.size("y")), planes, original);
        ImagePlus image = image(title, stack, layout, original);
        if (conversion.isSigned()) {
            image.getLocalCalibration().setSigned16BitCalibration();
        }
        return display(image, DisplayRange.ofChannels(planes, layout.size("c")));
    }

    /**
     * A copy of an array of labels as an image, not shown yet: 16 bits, or 32-bit floats where labels go beyond 65535. Each
     * label has a colour that differs clearly from that of the next one, and is the same in every image; background, 0, is
     * black. A lookup table of ImageJ's has 256 entries, so the colours begin anew after 255 labels. What ImageJ makes of
     * such an image, a duplicate for example, shows all labels from 255 on in one colour; their values are all there.
     *
     * @throws org.alcove.AlcoveException {@code invalid_params} when the array holds no labels (whole numbers from 0), or
     *     labels beyond 16777216, or ImageJ cannot hold its axes
     */
    public static ImagePlus toLabels(SharedArray array, String title) {
        Layout layout = Layout.of(array, false);
        Object[] planes = Planes.of(array, layout, Conversion.ofLabels(array));
        ImageStack stack = stack(new LabelStack(layout.size("x"), layout.size("y")), planes, null);
        ImagePlus image = image(title, stack, layout, null);
        image.setDisplayRange(0, LabelColours.COUNT);
        return image;
    }

    private static ImageStack stack(ImageStack stack, Object[] planes, ImagePlus original) {
        boolean hasLabels = original != null && original.getStackSize() == planes.length;
        for (int i = 0; i < planes.length; i++) {
            stack.addSlice(hasLabels ? original.getStack().getSliceLabel(i + 1) : null, planes[i]);
        }
        return stack;
    }

    private static ImagePlus image(String title, ImageStack stack, Layout layout, ImagePlus original) {
        ImagePlus image = new ImagePlus(title, stack);
        int[] sizes = {layout.size("c"), layout.size("z"), layout.size("t")};
        image.setDimensions(sizes[0], sizes[1], sizes[2]);
        image.setOpenAsHyperStack(sizes[0] * sizes[2] > 1);
        Calibration calibration =
                original == null ? new Calibration(image) : original.getCalibration().copy();
        calibration.setImage(image);
        calibration.disableDensityCalibration();
        Calibrations.calibrate(calibration, layout);
        image.setCalibration(calibration);
        return image;
    }

    private static ImagePlus display(ImagePlus image, DisplayRange[] ranges) {
        if (image.getBitDepth() == 16 || image.getBitDepth() == 32) {
            image.setDisplayRange(ranges[0].least(), ranges[0].greatest());
        }
        if (ranges.length == 1 || image.getBitDepth() == 24) {
            return image;
        }
        int mode = ranges.length <= CompositeImage.MAX_CHANNELS ? CompositeImage.COMPOSITE : CompositeImage.GRAYSCALE;
        CompositeImage composite = new CompositeImage(image, mode);
        if (image.getBitDepth() != 8) {
            LUT[] luts = composite.getLuts();
            IntStream.range(0, ranges.length).forEach(channel -> {
                luts[channel].min = ranges[channel].least();
                luts[channel].max = ranges[channel].greatest();
            });
            composite.setLuts(luts);
        }
        return composite;
    }
}

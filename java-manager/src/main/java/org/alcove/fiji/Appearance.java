package org.alcove.fiji;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.LUT;
import java.util.Arrays;

/**
 * How an image looked when an op got it, kept because it may be closed before the op has ended.
 *
 * @param title the image's
 * @param dimensions as {@link ImagePlus#getDimensions} tells them
 * @param bitDepth ImageJ's: 8, 16, 24 or 32
 * @param calibration a copy
 * @param sliceLabels of the whole stack, or null
 * @param luts one a channel
 * @param mode of a composite image, else 0
 * @param isVisible whether it had a window
 */
record Appearance(
        String title,
        int[] dimensions,
        int bitDepth,
        Calibration calibration,
        String[] sliceLabels,
        LUT[] luts,
        int mode,
        boolean isVisible) {
    static Appearance of(ImagePlus image) {
        boolean isReal = image.getStackSize() > 1 && !image.getStack().isVirtual();
        String[] labels = isReal ? image.getStack().getSliceLabels() : null;
        return new Appearance(
                image.getTitle(),
                image.getDimensions(),
                image.getBitDepth(),
                image.getCalibration().copy(),
                labels == null ? null : labels.clone(),
                image.getBitDepth() == 24 ? new LUT[0] : image.getLuts(),
                image.isComposite() ? image.getCompositeMode() : 0,
                image.isVisible());
    }

    /** An image that has nothing but this one's calibration, for {@link ImagePlusArrays#toImagePlus}. */
    ImagePlus calibrated() {
        ImagePlus empty = new ImagePlus(title, new ByteProcessor(1, 1));
        empty.setCalibration(calibration);
        return empty;
    }

    /** Whether an image has still these sizes and this type. */
    boolean fits(ImagePlus image) {
        return image.getBitDepth() == bitDepth && Arrays.equals(image.getDimensions(), dimensions);
    }

    /** Gives a new image of the same shape labels and colours; its display range stays. */
    void dress(ImagePlus image) {
        labelSlices(image);
        boolean isAlike = image.getBitDepth() != 24
                && image.getNChannels() == luts.length
                && image.getWidth() == dimensions[0]
                && image.getHeight() == dimensions[1];
        if (!isAlike) {
            return;
        }
        LUT[] own = image.getLuts();
        for (int i = 0; i < own.length; i++) {
            LUT colours = (LUT) luts[i].clone();
            colours.min = own[i].min;
            colours.max = own[i].max;
            own[i] = colours;
        }
        if (image instanceof CompositeImage composite) {
            composite.setLuts(own);
            if (mode != 0) {
                composite.setMode(mode);
            }
        } else {
            double least = image.getDisplayRangeMin();
            double greatest = image.getDisplayRangeMax();
            image.setLut(own[0]);
            image.setDisplayRange(least, greatest);
        }
    }

    private void labelSlices(ImagePlus image) {
        if (sliceLabels != null && image.getStackSize() == dimensions[2] * dimensions[3] * dimensions[4]) {
            for (int i = 1; i <= image.getStackSize(); i++) {
                image.getStack().setSliceLabel(sliceLabels[i - 1], i);
            }
        }
    }
}

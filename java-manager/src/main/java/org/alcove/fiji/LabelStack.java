package org.alcove.fiji;

import ij.ImageStack;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;

/**
 * Planes of labels, whose colours begin anew after the last one. ImageJ by itself shows all that is beyond a display
 * range in one colour, and in a wider range gives labels that follow each other, which mostly lie side by side, the same.
 */
final class LabelStack extends ImageStack {
    LabelStack(int width, int height) {
        super(width, height, LabelColours.table());
    }

    @Override
    public ImageProcessor getProcessor(int n) {
        ImageProcessor plain = super.getProcessor(n);
        ImageProcessor shown = plain instanceof ShortProcessor
                ? new Labels16(getWidth(), getHeight(), (short[]) plain.getPixels())
                : new Labels32(getWidth(), getHeight(), (float[]) plain.getPixels());
        shown.setColorModel(plain.getColorModel());
        shown.setMinAndMax(0, LabelColours.COUNT);
        shown.setCalibrationTable(plain.getCalibrationTable());
        shown.setSliceNumber(n);
        return shown;
    }
}

package org.alcove.fiji;

import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import java.awt.Image;
import java.awt.image.BufferedImage;

/** Labels beyond 65535, shown as {@link Labels16}. */
final class Labels32 extends FloatProcessor {
    Labels32(int width, int height, float[] labels) {
        super(width, height, labels, null);
    }

    @Override
    public Image createImage() {
        return LabelColours.areShown(this) ? entries().createImage() : super.createImage();
    }

    @Override
    public BufferedImage getBufferedImage() {
        return LabelColours.areShown(this) ? entries().getBufferedImage() : super.getBufferedImage();
    }

    @Override
    public ImageProcessor convertToRGB() {
        return LabelColours.areShown(this) ? entries().convertToRGB() : super.convertToRGB();
    }

    private ByteProcessor entries() {
        float[] labels = (float[]) getPixels();
        return LabelColours.entries(this, index -> (int) labels[index]);
    }
}

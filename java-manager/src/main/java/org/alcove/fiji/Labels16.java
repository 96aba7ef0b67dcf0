package org.alcove.fiji;

import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import ij.process.ShortProcessor;
import java.awt.Image;
import java.awt.image.BufferedImage;

/** Labels up to 65535. While the display range is that of the colours, these begin anew after the last one. */
final class Labels16 extends ShortProcessor {
    Labels16(int width, int height, short[] labels) {
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
        short[] labels = (short[]) getPixels();
        return LabelColours.entries(this, index -> labels[index] & 0xFFFF);
    }
}

package org.alcove.fiji;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.Undo;
import ij.process.ImageProcessor;
import java.lang.reflect.Array;
import org.alcove.AlcoveException;

/** An image that an op has changed in shared memory: its pixels are brought back, so that Edit > Undo takes them away. */
final class ChangedImage {
    private final String title;
    private final ReadImage read;
    private final ImagePlus image;

    ChangedImage(String title, ReadImage read) {
        this.title = title;
        this.read = read;
        this.image = read.image();
    }

    /**
     * Brings the pixels back.
     *
     * @throws AlcoveException {@code invalid_params} when the image has another size or type by now, or is locked
     */
    void show() {
        Object[] planes = planes();
        if (!image.lockSilently()) {
            throw Refusal.of(Words.of("ReadImage.locked", image.getTitle()), Words.of("ReadImage.lockedHint"));
        }
        try {
            if (!read.before().fits(image)) {
                throw Refusal.of(
                        Words.of("ChangedImage.misfit", image.getTitle(), title), Words.of("ChangedImage.misfitHint"));
            }
            put(planes);
        } finally {
            image.unlock();
        }
        image.changes = true;
        if (image instanceof CompositeImage composite) {
            composite.updateAllChannelsAndDraw();
        } else {
            image.updateAndDraw();
        }
    }

    private Object[] planes() {
        Layout layout = Layout.of(read.array(), read.before().bitDepth() == 24);
        boolean isSigned = read.before().bitDepth() == 16 && read.before().calibration().isSigned16Bit();
        return Planes.of(
                read.array(), layout, new Conversion(read.array().dtype(), read.before().bitDepth(), isSigned));
    }

    private void put(Object[] planes) {
        ImageProcessor shown = image.getProcessor();
        boolean isOne = planes.length == 1 && image.getCurrentSlice() == index(0);
        if (isOne) {
            shown.snapshot();
        }
        for (int i = 0; i < planes.length; i++) {
            int index = index(i);
            Object pixels = index == image.getCurrentSlice() ? shown.getPixels() : image.getStack().getPixels(index);
            System.arraycopy(planes[i], 0, pixels, 0, Array.getLength(planes[i]));
        }
        if (isOne) {
            Undo.setup(Undo.FILTER, image);
        } else {
            Undo.reset(); // ImageJ takes back what happened to one slice
        }
    }

    private int index(int place) {
        return new Sharing(image, read.fixed()).index(place);
    }
}

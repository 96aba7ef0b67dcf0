package org.alcove.fiji;

import ij.ImagePlus;
import ij.measure.Calibration;
import ij.process.ImageProcessor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.SharedArray;

/** One image on its way into shared memory. */
final class Sharing {
    private static final int COLOURS = 3;

    private final ImagePlus image;
    private final Calibration calibration;
    private final Position fixed;
    private final int channels;
    private final int slices;
    private final int frames;
    private final int bitDepth;
    private final int planes;
    private final int pixels;
    private final boolean isVirtual;
    private final boolean isSigned;

    Sharing(ImagePlus image) {
        this(image, Position.EVERYWHERE);
    }

    /** Only what is at this position; all along an axis where it is everywhere. */
    Sharing(ImagePlus image, Position fixed) {
        this.image = image;
        this.fixed = fixed;
        this.bitDepth = image.getBitDepth();
        if (bitDepth == 0 || image.getWidth() == 0 || image.getHeight() == 0) {
            throw Refusal.of("image " + image.getTitle() + " has no pixels", "open an image first");
        }
        this.calibration = image.getCalibration();
        this.channels = fixed.channel() > 0 ? 1 : image.getNChannels();
        this.slices = fixed.slice() > 0 ? 1 : image.getNSlices();
        this.frames = fixed.frame() > 0 ? 1 : image.getNFrames();
        this.planes = channels * slices * frames;
        this.pixels = image.getWidth() * image.getHeight();
        this.isVirtual = image.getStackSize() > 1 && image.getStack().isVirtual();
        this.isSigned = bitDepth == 16 && calibration.isSigned16Bit();
    }

    SharedArray share(Alcove alcove) {
        List<Axis> axes = new ArrayList<>();
        List<Long> shape = new ArrayList<>();
        boolean hasColours = bitDepth == 24;
        add("t", frames, axes, shape);
        add("z", slices, axes, shape);
        add("c", channels, axes, shape);
        axes.add(Calibrations.axis("y", calibration));
        shape.add((long) image.getHeight());
        axes.add(Calibrations.axis("x", calibration));
        shape.add((long) image.getWidth());
        if (hasColours) {
            axes.add(Calibrations.axis(channels > 1 ? "s" : "c", calibration));
            shape.add((long) COLOURS);
        }
        SharedArray array =
                alcove.allocate(dtype(), axes, shape.stream().mapToLong(Long::longValue).toArray());
        try {
            // A virtual stack reads its slices from files or makes them, and none promises to do so in several threads.
            IntStream places = IntStream.range(0, planes);
            (isVirtual ? places : places.parallel()).forEach(place -> copy(place, array));
            return array;
        } catch (RuntimeException | Error e) {
            array.close();
            throw e;
        }
    }

    /** The number of a plane in the stack, counted from 1 as in ImageJ. */
    int index(int place) {
        int slice = place / channels;
        return image.getStackIndex(
                fixed.channel() > 0 ? fixed.channel() : place % channels + 1,
                fixed.slice() > 0 ? fixed.slice() : slice % slices + 1,
                fixed.frame() > 0 ? fixed.frame() : slice / slices + 1);
    }

    int planes() {
        return planes;
    }

    private void add(String name, int size, List<Axis> axes, List<Long> shape) {
        if (size > 1) {
            axes.add(Calibrations.axis(name, calibration));
            shape.add((long) size);
        }
    }

    private DType dtype() {
        return switch (bitDepth) {
            case 16 -> isSigned ? DType.INT16 : DType.UINT16;
            case 32 -> DType.FLOAT32;
            default -> DType.UINT8;
        };
    }

    private void copy(int place, SharedArray array) {
        Object elements = elements(index(place));
        long start = (long) place * pixels;
        if (isSigned) {
            copySigned((short[]) elements, start, array);
        } else if (bitDepth == 24) {
            copyColours((int[]) elements, start, array);
        } else {
            array.copyFrom(start, elements);
        }
    }

    /** The pixels of the image of this number. */
    private Object elements(int slice) {
        Object elements = null;
        if (isVirtual) {
            ImageProcessor processor = image.getStack().getProcessor(slice);
            elements = processor == null ? null : processor.getPixels();
        } else if (slice == image.getCurrentSlice()) {
            // Until another slice is shown, the stack may have the pixels from before an Undo.
            elements = image.getProcessor().getPixels();
        } else {
            elements = image.getStack().getPixels(slice);
        }
        if (elements == null || elements.getClass() != type() || Array.getLength(elements) != pixels) {
            throw Refusal.of("slice " + slice + " of " + image.getTitle() + " cannot be read as " + bitDepth
                    + "-bit image of " + image.getWidth() + " x " + image.getHeight() + " pixels",
                    "look whether its file is still there, and of the same kind as the others");
        }
        return elements;
    }

    private Class<?> type() {
        return switch (bitDepth) {
            case 8 -> byte[].class;
            case 16 -> short[].class;
            case 24 -> int[].class;
            default -> float[].class;
        };
    }

    /** ImageJ stores what is shown as a signed number with 32768 added. */
    private static void copySigned(short[] elements, long start, SharedArray array) {
        for (int done = 0; done < elements.length; done += Elements.PIECE) {
            short[] values = new short[Math.min(Elements.PIECE, elements.length - done)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (short) (elements[done + i] ^ 0x8000);
            }
            array.copyFrom(start + done, values);
        }
    }

    private static void copyColours(int[] elements, long start, SharedArray array) {
        for (int done = 0; done < elements.length; done += Elements.PIECE) {
            byte[] values = new byte[COLOURS * Math.min(Elements.PIECE, elements.length - done)];
            for (int i = 0; i < values.length; i += COLOURS) {
                int pixel = elements[done + i / COLOURS];
                values[i] = (byte) (pixel >> 16);
                values[i + 1] = (byte) (pixel >> 8);
                values[i + 2] = (byte) pixel;
            }
            array.copyFrom((start + done) * COLOURS, values);
        }
    }
}

package org.alcove.fiji;

import java.util.function.IntToLongFunction;
import org.alcove.DType;
import org.alcove.SharedArray;

/**
 * How elements become pixels of an ImageJ image. Values stay as they are, but for float64, which is rounded to float32,
 * and masks, whose true is 255.
 *
 * @param bitDepth ImageJ's: 8, 16, 24 (colours) or 32
 * @param isSigned whether 16-bit pixels stand for values that are less by 32768, ImageJ's way of storing a sign
 */
record Conversion(DType dtype, int bitDepth, boolean isSigned) {
    private static final int SIGN = 0x8000;
    private static final int GREATEST_SHORT = 0xFFFF;

    /**
     * The conversion for an array's values.
     *
     * @throws org.alcove.AlcoveException when ImageJ has no pixels that hold them
     */
    static Conversion of(SharedArray array, Layout layout) {
        DType dtype = array.dtype();
        return switch (dtype) {
            case BOOL -> new Conversion(dtype, 8, false);
            case UINT8 -> new Conversion(dtype, layout.hasColours() ? 24 : 8, false);
            case INT8, INT16 -> new Conversion(dtype, 16, true);
            case UINT16 -> new Conversion(dtype, 16, false);
            case FLOAT16, FLOAT32, FLOAT64 -> new Conversion(dtype, 32, false);
            case INT32, UINT32, INT64, UINT64 -> ofWhole(array);
            case COMPLEX64, COMPLEX128 -> throw Refusal.of("ImageJ has no pixels for the " + dtype.word()
                    + " values of this array", "show a part of them: numpy.abs(image), image.real or numpy.angle(image)");
        };
    }

    private static Conversion ofWhole(SharedArray array) {
        Whole numbers = Whole.numbersOf(array);
        if (numbers.areWithin(0, GREATEST_SHORT)) {
            return new Conversion(array.dtype(), 16, false);
        } else if (numbers.areFloats()) {
            return new Conversion(array.dtype(), 32, false);
        }
        throw Refusal.of(
                "ImageJ cannot hold the values of this " + array.dtype().word() + " array exactly: they reach from "
                        + numbers.least() + " to " + numbers.greatest(),
                "its 32-bit pixels are floats, exact up to 16777216; if rounding does no harm, return"
                        + " image.astype('float32')");
    }

    /**
     * The conversion for labels, 16 bits where they are enough.
     *
     * @throws org.alcove.AlcoveException when they are no labels, or too many
     */
    static Conversion ofLabels(SharedArray array) {
        DType dtype = array.dtype();
        switch (dtype) {
            case FLOAT16, FLOAT32, FLOAT64, COMPLEX64, COMPLEX128 ->
                throw Refusal.of("labels are whole numbers, and this array is " + dtype.word(),
                        "return labels.astype('int32'), or use toImagePlus for an image of floats");
            default -> { }
        }
        Whole numbers = Whole.numbersOf(array);
        if (!numbers.areWithin(0, Long.MAX_VALUE)) {
            throw Refusal.of("labels are 0 and greater, and one of these is " + numbers.least(),
                    "use toImagePlus for an image of whole numbers");
        } else if (numbers.areWithin(0, GREATEST_SHORT)) {
            return new Conversion(dtype, 16, false);
        } else if (numbers.areWithin(0, 1 << 24)) {
            return new Conversion(dtype, 32, false);
        }
        throw Refusal.of("ImageJ tells labels apart up to 16777216, and one of these is " + numbers.greatest(),
                "number them anew: skimage.segmentation.relabel_sequential(labels)[0]");
    }

    /** Whether pixels are elements, byte by byte. */
    boolean isNone() {
        return switch (dtype) {
            case UINT8 -> bitDepth == 8;
            case UINT16 -> bitDepth == 16;
            case FLOAT32 -> true;
            default -> false;
        };
    }

    /** A Java array for so many pixels. */
    Object pixels(int count) {
        return switch (bitDepth) {
            case 8 -> new byte[count];
            case 16 -> new short[count];
            case 24 -> new int[count];
            default -> new float[count];
        };
    }

    /** Turns elements that lie together into pixels that lie {@code step} apart; not for colours. */
    void convert(Object elements, int from, int count, Object pixels, int to, int step) {
        switch (bitDepth) {
            case 8 -> toBytes((byte[]) elements, from, count, (byte[]) pixels, to, step);
            case 16 -> toShorts(Elements.integers(dtype, elements), from, count, (short[]) pixels, to, step);
            default -> toFloats(elements, from, count, (float[]) pixels, to, step);
        }
    }

    private void toBytes(byte[] elements, int from, int count, byte[] pixels, int to, int step) {
        boolean isMask = dtype == DType.BOOL;
        for (int i = 0; i < count; i++) {
            byte element = elements[from + i];
            pixels[to + i * step] = isMask && element != 0 ? (byte) 255 : element;
        }
    }

    private void toShorts(IntToLongFunction elements, int from, int count, short[] pixels, int to, int step) {
        int shift = isSigned ? SIGN : 0;
        for (int i = 0; i < count; i++) {
            pixels[to + i * step] = (short) (elements.applyAsLong(from + i) + shift);
        }
    }

    private void toFloats(Object elements, int from, int count, float[] pixels, int to, int step) {
        if (elements instanceof float[] floats) {
            for (int i = 0; i < count; i++) {
                pixels[to + i * step] = floats[from + i];
            }
        } else if (elements instanceof double[] doubles) {
            for (int i = 0; i < count; i++) {
                pixels[to + i * step] = rounded(doubles[from + i]);
            }
        } else if (dtype == DType.FLOAT16) {
            for (int i = 0; i < count; i++) {
                pixels[to + i * step] = Elements.ofHalf(((short[]) elements)[from + i]);
            }
        } else {
            IntToLongFunction numbers = Elements.integers(dtype, elements);
            for (int i = 0; i < count; i++) {
                pixels[to + i * step] = toFloat(numbers.applyAsLong(from + i));
            }
        }
    }

    private static float rounded(double value) {
        float rounded = (float) value;
        if (Float.isInfinite(rounded) && !Double.isInfinite(value)) {
            throw Refusal.of("ImageJ's pixels are 32-bit floats, which end at 3.4e38, and one value is " + value,
                    "scale the values, or clip them");
        }
        return rounded;
    }

    private float toFloat(long number) {
        // Halved, a number beyond a long's range is within it; it is a float exactly, so its last digit is 0.
        return dtype == DType.UINT64 && number < 0 ? 2f * (number >>> 1) : number;
    }
}

package org.alcove.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.alcove.DType;
import org.alcove.SharedArray;

/**
 * The frames of an image: its planes one after the other, seen through a frame that wanders and changes its size. All axes
 * in front of y, x and colours are time.
 *
 * <p>One row behind the pixels carries a stamp: the bytes {@code ALCF}, the CRC-32 of the pixels (4 bytes), the number of
 * the frame from 1 (8 bytes), little-endian, then zeros. A frame of which one half is older than the other fits no
 * checksum.
 */
final class DemoFilm {
    static final int STAMP_BYTES = 16;
    static final int MAGIC = 'A' | 'L' << 8 | 'C' << 16 | 'F' << 24;

    private static final double[] FRACTIONS = {1, 0.75, 0.5, 0.875};
    private static final int FRAMES_OF_ONE_SIZE = 30;

    private final SharedArray image;
    private final long[] plane;
    private final int pixelBytes;
    private final long planes;

    DemoFilm(SharedArray image) {
        this.image = image;
        long[] shape = image.shape();
        boolean colours = !image.axes().isEmpty() && image.axes().get(shape.length - 1).type().equals("channel");
        int dimensions = colours ? 3 : 2;
        if (shape.length < dimensions) {
            throw DemoImages.failure("a line of pixels cannot be played", "take an image with the axes y and x");
        }
        this.plane = Arrays.copyOfRange(shape, shape.length - dimensions, shape.length);
        this.pixelBytes = image.dtype().bytes() * (colours ? (int) plane[2] : 1);
        this.planes = image.size() * image.dtype().bytes() / (plane[0] * plane[1] * pixelBytes);
        if (plane[1] < leastWidth()) {
            throw DemoImages.failure("the image is too narrow to be played", "it needs " + leastWidth() + " columns");
        }
    }

    DType dtype() {
        return image.dtype();
    }

    /** The shape of a frame with its stamp; frames are counted from 1. */
    long[] shape(long number) {
        long[] shape = plane.clone();
        shape[0] = height(number) + 1;
        shape[1] = width(number);
        return shape;
    }

    /** Puts a frame and its stamp into memory of that shape. */
    void draw(long number, ByteBuffer target) {
        int height = (int) height(number);
        int rowBytes = (int) width(number) * pixelBytes;
        long elements = plane[0] * plane[1] * pixelBytes / image.dtype().bytes();
        ByteBuffer source = image.buffer((number - 1) % planes * elements, elements);
        int top = swing(plane[0] - height, number / 40.0);
        int left = swing(plane[1] - width(number), number / 60.0);
        for (int row = 0; row < height; row++) {
            int from = ((top + row) * (int) plane[1] + left) * pixelBytes;
            target.put(row * rowBytes, source, from, rowBytes);
        }
        ByteBuffer stamp = target.slice(height * rowBytes, rowBytes).order(ByteOrder.LITTLE_ENDIAN);
        stamp.put(new byte[rowBytes]);
        CRC32 checksum = new CRC32();
        checksum.update(target.slice(0, height * rowBytes));
        stamp.putInt(0, MAGIC).putInt(4, (int) checksum.getValue()).putLong(8, number);
    }

    private long leastWidth() {
        return (STAMP_BYTES + pixelBytes - 1) / pixelBytes;
    }

    private long height(long number) {
        return Math.max(1, Math.round(plane[0] * fraction(number)));
    }

    private long width(long number) {
        return Math.max(leastWidth(), Math.round(plane[1] * fraction(number)));
    }

    private static double fraction(long number) {
        return FRACTIONS[(int) ((number - 1) / FRAMES_OF_ONE_SIZE % FRACTIONS.length)];
    }

    private static int swing(long room, double phase) {
        return (int) (room * (1 + Math.sin(phase)) / 2);
    }
}

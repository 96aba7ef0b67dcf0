package org.alcove.fiji;

import java.util.stream.IntStream;
import org.alcove.SharedArray;

/** The elements of an array on their way into ImageJ's planes, one Java array for each. */
final class Planes {
    private final SharedArray array;
    private final Layout layout;
    private final Conversion conversion;
    private final Object[] planes;

    private Planes(SharedArray array, Layout layout, Conversion conversion) {
        this.array = array;
        this.layout = layout;
        this.conversion = conversion;
        this.planes = new Object[layout.planes()];
    }

    /** All planes, in ImageJ's order: channels change fastest, then slices, then frames. */
    static Object[] of(SharedArray array, Layout layout, Conversion conversion) {
        Planes result = new Planes(array, layout, conversion);
        if (layout.isPlaneByPlane()) {
            IntStream.range(0, result.planes.length).parallel().forEach(result::copyPlane);
        } else {
            for (int i = 0; i < result.planes.length; i++) {
                result.planes[i] = conversion.pixels(layout.pixels());
            }
            Elements.forEachInParallel(array, result::scatter);
        }
        return result.planes;
    }

    /** Copies the plane that comes at this place in the array. */
    private void copyPlane(int place) {
        int count = layout.pixels();
        long start = (long) place * count * layout.size("s");
        Object pixels = conversion.pixels(count);
        if (conversion.isNone()) {
            array.copyTo(start, pixels);
        } else if (layout.hasColours()) {
            copyColours(start, (int[]) pixels);
        } else {
            Elements.forEach(array, start, count, (first, elements, length) ->
                    conversion.convert(elements, 0, length, pixels, (int) (first - start), 1));
        }
        planes[new Position(start).plane()] = pixels;
    }

    private void copyColours(long start, int[] pixels) {
        int samples = layout.size("s");
        int atOnce = Elements.PIECE / samples;
        for (int done = 0; done < pixels.length; done += atOnce) {
            int count = Math.min(atOnce, pixels.length - done);
            byte[] elements = new byte[count * samples];
            array.copyTo(start + (long) done * samples, elements);
            for (int i = 0; i < count; i++) {
                int at = i * samples;
                pixels[done + i] = 0xFF << 24
                        | (elements[at] & 0xFF) << 16
                        | (elements[at + 1] & 0xFF) << 8
                        | elements[at + 2] & 0xFF;
            }
        }
    }

    /** Puts each element where it belongs, line by line of the array's last axis. */
    private void scatter(long first, Object elements, int count) {
        long[] shape = array.shape();
        int last = shape.length - 1;
        int planeStep = layout.planeSteps()[last];
        int pixelStep = layout.pixelSteps()[last];
        Position position = new Position(first);
        for (int done = 0; done < count; ) {
            int length = (int) Math.min(shape[last] - position.index[last], count - done);
            if (planeStep == 0) {
                conversion.convert(elements, done, length, planes[position.plane()], position.pixel(), pixelStep);
            } else {
                int plane = position.plane();
                int pixel = position.pixel();
                for (int i = 0; i < length; i++) {
                    conversion.convert(elements, done + i, 1, planes[plane + i * planeStep], pixel, 1);
                }
            }
            done += length;
            position.advance(length);
        }
    }

    /** An element's index along each axis, and where that is in ImageJ. */
    private final class Position {
        private final long[] shape = array.shape();
        private final int[] planeSteps = layout.planeSteps();
        private final int[] pixelSteps = layout.pixelSteps();
        private final long[] index = new long[shape.length];

        Position(long element) {
            advance(element);
        }

        void advance(long count) {
            long carried = count;
            for (int i = index.length - 1; i >= 0 && carried > 0; i--) {
                long sum = index[i] + carried;
                index[i] = sum % shape[i];
                carried = sum / shape[i];
            }
        }

        int plane() {
            return sum(planeSteps);
        }

        int pixel() {
            return sum(pixelSteps);
        }

        private int sum(int[] steps) {
            long sum = 0;
            for (int i = 0; i < steps.length; i++) {
                sum += steps[i] * index[i];
            }
            return (int) sum;
        }
    }
}

package org.alcove.fiji;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.BiConsumer;
import java.util.function.IntUnaryOperator;

/**
 * Walks around all labels of a plane, along the edges of pixels, with the label on the right-hand side. Each edge is walked
 * once, so that many labels take no longer than few. Pixels that touch at a corner belong together.
 */
final class Outlines {
    private static final int[] STEP_X = {1, 0, -1, 0}; // east, south, west, north
    private static final int[] STEP_Y = {0, 1, 0, -1};
    /** From a corner the pixel that lies ahead on the left, by direction. */
    private static final int[] LEFT_X = {0, 0, -1, -1};
    private static final int[] LEFT_Y = {-1, 0, 0, -1};

    private final IntUnaryOperator pixels;
    private final int width;
    private final int height;
    private final BitSet walked; // upper edges of pixels

    Outlines(IntUnaryOperator pixels, int width, int height) {
        this.pixels = pixels;
        this.width = width;
        this.height = height;
        this.walked = new BitSet(width * height);
    }

    /** Every outline, those of holes too; each has an upper edge of a pixel of its label, and is met there first. */
    void forEach(BiConsumer<Integer, Outline> action) {
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int place = y * width + x;
                int label = pixels.applyAsInt(place);
                if (label != 0 && !walked.get(place) && at(x, y - 1) != label) {
                    action.accept(label, walk(x, y, label));
                }
            }
        }
    }

    private int at(int x, int y) {
        return x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels.applyAsInt(y * width + x);
    }

    private Outline walk(int startX, int startY, int label) {
        Corners corners = new Corners();
        int x = startX;
        int y = startY;
        int direction = 0;
        do {
            if (direction == 0) {
                walked.set(y * width + x);
            }
            x += STEP_X[direction];
            y += STEP_Y[direction];
            int next = turn(x, y, direction, label);
            if (next != direction) {
                corners.add(x, y);
            }
            direction = next;
        } while (x != startX || y != startY || direction != 0);
        return corners.outline();
    }

    private int turn(int x, int y, int direction, int label) {
        int right = (direction + 1) % 4;
        if (at(x + LEFT_X[direction], y + LEFT_Y[direction]) == label) {
            return (direction + 3) % 4;
        }
        // What lies ahead on the right is what lies ahead on the left of who looks to the right.
        return at(x + LEFT_X[right], y + LEFT_Y[right]) == label ? direction : right;
    }

    /** Corners as they come. */
    private static final class Corners {
        private int[] x = new int[16];
        private int[] y = new int[16];
        private int count;

        void add(int cornerX, int cornerY) {
            if (count == x.length) {
                x = Arrays.copyOf(x, 2 * count);
                y = Arrays.copyOf(y, 2 * count);
            }
            x[count] = cornerX;
            y[count++] = cornerY;
        }

        Outline outline() {
            return new Outline(Arrays.copyOf(x, count), Arrays.copyOf(y, count));
        }
    }
}

package org.alcove.imglib2;

import java.util.Arrays;
import net.imglib2.img.cell.CellGrid;
import net.imglib2.util.Intervals;

/**
 * An image divided into pieces of a limited size, each one stretch of memory: whole planes along the last axis, or rows
 * where a plane is too large, and so on. It depends on the image's size alone, not on its pixels' type: images of one size
 * are divided alike, so that ImgLib2 walks through them in step.
 */
final class Pieces {
    private final long[] dimensions;
    private final CellGrid grid;

    /**
     * @param dimensions the image's, in ImgLib2's order; it has pixels
     * @param most how many pixels a piece may have
     */
    Pieces(long[] dimensions, int most) {
        this.dimensions = dimensions;
        int[] piece = new int[dimensions.length];
        long left = most;
        for (int d = 0; d < dimensions.length; d++) {
            piece[d] = (int) Math.min(dimensions[d], left);
            left /= piece[d];
            left = Math.max(left, 1);
        }
        this.grid = new CellGrid(dimensions, piece);
    }

    /** One piece: where in the image it begins, its size, and how many pixels come before it in memory. */
    record Piece(long[] min, int[] size, long first) {
        int pixels() {
            return (int) Intervals.numElements(size);
        }
    }

    CellGrid grid() {
        return grid;
    }

    long count() {
        return Arrays.stream(grid.getGridDimensions()).reduce(1, (a, b) -> a * b);
    }

    /** Pieces are counted in the order in which they lie in memory. */
    Piece get(long index) {
        long[] min = new long[dimensions.length];
        int[] size = new int[dimensions.length];
        grid.getCellDimensions(index, min, size);
        long first = 0;
        for (int d = dimensions.length - 1; d >= 0; d--) {
            first = first * dimensions[d] + min[d];
        }
        return new Piece(min, size, first);
    }
}

package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.List;

/**
 * What the results of a call belong to.
 *
 * @param image the image that the op saw first, or null
 * @param outer axes that the op did not know and was called along, the last one fastest
 * @param positions what it was called for, one after the other; only one where there are no such axes
 * @param axes those of the image that the op did know, in its order
 */
record Scene(ImagePlus image, List<String> outer, List<Position> positions, List<String> axes) {
    private static final List<String> SPACE = List.of("z", "y", "x");

    /** For values that did not come from a call in ImageJ. */
    static Scene of(ImagePlus image) {
        return new Scene(image, List.of(), List.of(Position.EVERYWHERE), List.of("y", "x"));
    }

    /** Whether what has no axes came once for each position, in a list. */
    boolean isIterated() {
        return !outer.isEmpty();
    }

    /**
     * What the columns of coordinates are.
     *
     * @throws org.alcove.AlcoveException when there are fewer than two, or more than ImageJ has axes
     */
    List<String> columns(int count) {
        List<String> space = new ArrayList<>(SPACE);
        space.retainAll(axes);
        if (axes.size() == count) {
            return axes;
        } else if (space.size() == count) {
            return space;
        }
        return switch (count) {
            case 2 -> List.of("y", "x");
            case 3 -> axes.contains("t") && !axes.contains("z") ? List.of("t", "y", "x") : SPACE;
            case 4 -> List.of("t", "z", "y", "x");
            default -> throw Refusal.of(Words.of("Scene.columns", count), Words.of("Scene.columnsHint"));
        };
    }

    /** Where a row of coordinates is; it begins at {@code first}. */
    Position position(Position base, List<String> columns, double[] coordinates, int first) {
        Position found = base;
        for (int i = 0; i < columns.size(); i++) {
            String axis = columns.get(i);
            int length = length(axis);
            if (length > 1) {
                found = found.at(axis, (int) Math.max(1, Math.min(length, Math.round(coordinates[first + i]) + 1)));
            }
        }
        return found;
    }

    private int length(String axis) {
        if (image == null) {
            return 1;
        }
        return switch (axis) {
            case "c" -> image.getNChannels();
            case "z" -> image.getNSlices();
            case "t" -> image.getNFrames();
            default -> 1;
        };
    }
}

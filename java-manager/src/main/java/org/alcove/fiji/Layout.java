package org.alcove.fiji;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.SharedArray;

/**
 * Which dimension of an array is which of an ImageJ image: by the same rules by which image files are written, so that
 * an array looks the same in ImageJ whichever way it came there.
 *
 * @param names one a dimension: of {@code t z c y x}, {@code s} for red, green and blue of a pixel, or {@code ""} for a
 *     dimension of length 1 that ImageJ does not have
 */
record Layout(List<String> names, long[] shape, List<Axis> axes) {
    private static final List<String> KNOWN = List.of("t", "z", "c", "y", "x");
    private static final String SAMPLES = "s";
    /** What nameless dimensions become, the last one first: ImageJ opens pages as slices. */
    private static final List<String> FREE = List.of("z", "t", "c");

    /**
     * The layout of an array.
     *
     * @param mayBeColours whether 3 or 4 bytes in the last axis, if that is a channel, are the colours of a pixel
     * @throws org.alcove.AlcoveException when ImageJ has no place for one of the axes
     */
    static Layout of(SharedArray array, boolean mayBeColours) {
        long[] shape = array.shape();
        if (shape.length == 0 || array.size() == 0) {
            throw Refusal.of("an array of shape " + words(shape) + " has no pixels for ImageJ", "check what made it");
        }
        boolean areBytes = array.dtype() == DType.UINT8;
        List<String> given = array.axes().isEmpty()
                ? assumedNames(shape, mayBeColours && areBytes)
                : array.axes().stream().map(Axis::name).toList();
        List<String> names = fillIn(nameable(given, shape));
        boolean hasColours = mayBeColours && areBytes && haveColours(names, shape);
        if (hasColours) {
            names.set(names.size() - 1, SAMPLES);
        } else if (names.contains(SAMPLES) && !names.contains("c")) {
            names.set(names.indexOf(SAMPLES), "c");
        }
        requireKnown(names, hasColours, given);
        Layout layout = new Layout(List.copyOf(names), shape, array.axes());
        layout.requireSizes();
        return layout;
    }

    /** The axis that became this one, if the array has it and axes at all. */
    Optional<Axis> axis(String name) {
        return axes.isEmpty() || !names.contains(name) ? Optional.empty() : Optional.of(axes.get(names.indexOf(name)));
    }

    /** The length along an axis, 1 where there is none. */
    int size(String name) {
        return names.contains(name) ? (int) shape[names.indexOf(name)] : 1;
    }

    int pixels() {
        return size("x") * size("y");
    }

    int planes() {
        return size("c") * size("z") * size("t");
    }

    boolean hasColours() {
        return names.contains(SAMPLES);
    }

    /** The same, with the colours of a pixel as channels. */
    Layout withoutColours() {
        if (names.contains("c")) {
            throw Refusal.of("ImageJ has no place for pixels of " + size(SAMPLES) + " colours beside channels",
                    "take the first three colours, or one channel");
        }
        List<String> changed = new ArrayList<>(names);
        changed.set(names.indexOf(SAMPLES), "c");
        return new Layout(List.copyOf(changed), shape, axes);
    }

    /** Whether the pixels of a plane lie together, row by row. */
    boolean isPlaneByPlane() {
        List<String> extended = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] > 1) {
                extended.add(names.get(i));
            }
        }
        List<String> end = new ArrayList<>(List.of("y", "x", SAMPLES));
        end.retainAll(extended);
        return extended.subList(extended.size() - end.size(), extended.size()).equals(end);
    }

    /** How far ImageJ's planes are apart (channels first, then slices, then frames) from one element to the next. */
    int[] planeSteps() {
        return steps(Map.of("c", 1, "z", size("c"), "t", size("c") * size("z")));
    }

    /** How far pixels are apart within a plane from one element to the next. */
    int[] pixelSteps() {
        return steps(Map.of("x", 1, "y", size("x")));
    }

    private int[] steps(Map<String, Integer> byName) {
        return names.stream().mapToInt(name -> byName.getOrDefault(name, 0)).toArray();
    }

    /** Names for an array that came without: y and x last, or y, x and c where the last axis looks like colours. */
    private static List<String> assumedNames(long[] shape, boolean mayBeColours) {
        int count = shape.length;
        boolean colours = mayBeColours && count >= 3 && (shape[count - 1] == 3 || shape[count - 1] == 4);
        List<String> last = count == 1 ? List.of("x") : colours ? List.of("y", "x", "c") : List.of("y", "x");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count - last.size(); i++) {
            names.add("?");
        }
        names.addAll(last);
        return names;
    }

    /** The names with null for those that have to be given one, and {@code ""} for those that need none. */
    private static List<String> nameable(List<String> given, long[] shape) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            String name = given.get(i);
            boolean isKnown = KNOWN.contains(name) || name.equals(SAMPLES);
            names.add(isKnown ? name : shape[i] == 1 ? "" : null);
        }
        return names;
    }

    /** Gives what has no name, or one that comes again later, a free one of z, t and c, from the last to the first. */
    private static List<String> fillIn(List<String> names) {
        List<String> free = new ArrayList<>(FREE);
        free.removeAll(names);
        List<String> filled = new ArrayList<>(names);
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            boolean isTaken = name == null || !name.isEmpty() && filled.subList(i + 1, filled.size()).contains(name);
            if (isTaken) {
                filled.set(i, free.isEmpty() ? "?" : free.remove(0));
            }
        }
        return filled;
    }

    private static void requireKnown(List<String> names, boolean hasColours, List<String> given) {
        if (!names.contains("x")) {
            throw Refusal.of("an image needs an axis x, and this array has the axes " + String.join(" ", given),
                    "name its axes when it is made or returned, as \"z y x\"");
        }
        if (names.contains("?") || names.contains(SAMPLES) && !hasColours) {
            throw Refusal.of("ImageJ has no place for all of the axes " + String.join(" ", given),
                    "it has t, z, c, y and x: take a part of the array");
        }
    }

    private static boolean haveColours(List<String> names, long[] shape) {
        int count = names.size();
        return count >= 3
                && names.subList(count - 3, count - 1).equals(List.of("y", "x"))
                && (names.get(count - 1).equals("c") || names.get(count - 1).equals(SAMPLES))
                && (shape[count - 1] == 3 || shape[count - 1] == 4);
    }

    private void requireSizes() {
        long[] products = {1, 1};
        for (int i = 0; i < shape.length; i++) {
            boolean isInPlane = names.get(i).equals("x") || names.get(i).equals("y");
            int product = isInPlane ? 0 : 1;
            products[product] = Math.multiplyExact(products[product], names.get(i).equals(SAMPLES) ? 1 : shape[i]);
        }
        // A little less than the largest int is the longest that a Java array can be.
        if (products[0] > Integer.MAX_VALUE - 8 || products[1] > Integer.MAX_VALUE - 8) {
            throw Refusal.of("ImageJ cannot hold an image of " + words(shape), "take a part of it, or make it smaller");
        }
    }

    private static String words(long[] shape) {
        List<String> sizes = new ArrayList<>();
        for (long size : shape) {
            sizes.add(String.valueOf(size));
        }
        return sizes.isEmpty() ? "()" : String.join(" x ", sizes);
    }
}

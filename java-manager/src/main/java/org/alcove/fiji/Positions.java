package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alcove.Parameter;

/** Which axes of an image an op does not know, so that it is called for each position along them. */
final class Positions {
    private Positions() {}

    /** The axes that an image has when it is an array, in order: those of t, z and c with more than one position, y, x. */
    static List<String> axes(ImagePlus image) {
        List<String> axes = new ArrayList<>();
        if (image.getNFrames() > 1) {
            axes.add("t");
        }
        if (image.getNSlices() > 1) {
            axes.add("z");
        }
        if (image.getNChannels() > 1) {
            axes.add("c");
        }
        axes.addAll(List.of("y", "x"));
        if (image.getBitDepth() == 24) {
            axes.add(axes.contains("c") ? "s" : "c"); // red, green and blue
        }
        return axes;
    }

    /** How many positions an image has along one of its axes. */
    static int size(ImagePlus image, String axis) {
        return switch (axis) {
            case "t" -> image.getNFrames();
            case "z" -> image.getNSlices();
            case "c" -> image.getNChannels() > 1 ? image.getNChannels() : 3;
            case "y" -> image.getHeight();
            case "x" -> image.getWidth();
            default -> 3;
        };
    }

    /** Whether an axis is that of red, green and blue, of which a pixel has all. */
    static boolean isOfColours(ImagePlus image, String axis) {
        return axis.equals("s") || axis.equals("c") && image.getNChannels() == 1;
    }

    /** The axes of the image over which the op is called again and again; empty where it takes the image as a whole. */
    static List<String> outer(Parameter input, ImagePlus image) {
        if (input.axes().isEmpty()) {
            return List.of();
        }
        List<String> known = known(input);
        return axes(image).stream().filter(axis -> !known.contains(axis)).toList();
    }

    /** The axes that an input may have. */
    static List<String> known(Parameter input) {
        return Arrays.stream(input.axes().orElse("").split(" "))
                .map(axis -> axis.replace("?", ""))
                .toList();
    }

    /** The axes that an input must have. */
    static List<String> required(Parameter input) {
        return Arrays.stream(input.axes().orElse("").split(" "))
                .filter(axis -> !axis.isEmpty() && !axis.endsWith("?"))
                .toList();
    }
}

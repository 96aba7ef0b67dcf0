package org.alcove;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One axis of an array, in the terms of OME-NGFF.
 *
 * @param name {@code x}, {@code y}, {@code z}, {@code t}, {@code c} or any other word
 * @param type {@code space}, {@code time} or {@code channel}
 * @param unit {@code micrometer}, {@code second} and so on, or null when positions are elements
 * @param scale the step between two elements, in {@code unit}
 * @param translation the position of element 0, in {@code unit}
 */
public record Axis(String name, String type, String unit, double scale, double translation) {
    /** Names are texts and numbers are finite; {@code unit} alone may be null. */
    public Axis {
        Objects.requireNonNull(name, "an axis' name");
        Objects.requireNonNull(type, "an axis' type");
        if (!Double.isFinite(scale) || !Double.isFinite(translation)) {
            throw new IllegalArgumentException("scale and translation of axis " + name + " must be finite numbers");
        }
    }

    /** An axis without calibration; {@code t} is a time, {@code c} a channel, all others are space. */
    public static Axis named(String name) {
        String type = switch (name) {
            case "t" -> "time";
            case "c" -> "channel";
            default -> "space";
        };
        return new Axis(name, type, null, 1, 0);
    }

    /** Axes without calibration from their names, in numpy's order: {@code "z y x"}, x changing fastest. */
    public static List<Axis> list(String names) {
        List<Axis> axes = new ArrayList<>();
        for (String name : names.trim().split("\\s+")) {
            axes.add(named(name));
        }
        return List.copyOf(axes);
    }
}

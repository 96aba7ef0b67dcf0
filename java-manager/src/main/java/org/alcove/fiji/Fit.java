package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.alcove.Parameter;

/** Whether an image of ImageJ is what an op takes: as the worker sees it, which changes a dtype where nothing is lost. */
final class Fit {
    private static final Map<String, Integer> INTEGER_BITS_IN_FLOAT = Map.of("float16", 8, "float32", 16, "float64", 32);
    private static final List<String> PLACES = List.of("t", "z", "c", "y", "x");

    private Fit() {}

    /** Whether the image is what the input takes. */
    static boolean fits(Parameter input, ImagePlus image) {
        return takesKind(input, image) && takesAxes(input, image);
    }

    private static boolean takesKind(Parameter input, ImagePlus image) {
        return switch (input.role().orElse("")) {
            case "mask" -> image.getBitDepth() == 8;
            case "labels" -> areLabels(image) && (isConverted(input) || takes(input, dtypeOfLabels(image)));
            default -> takes(input, dtype(image));
        };
    }

    /** Whole numbers, one for each pixel. */
    private static boolean areLabels(ImagePlus image) {
        return image.getBitDepth() == 8 || image.getBitDepth() == 16 || image.getStack() instanceof LabelStack;
    }

    private static String dtypeOfLabels(ImagePlus image) {
        return image.getBitDepth() == 32 ? "uint32" : dtype(image);
    }

    private static boolean isConverted(Parameter input) {
        return input.direction().isEmpty() && input.dtypes().isEmpty();
    }

    private static boolean takesAxes(Parameter input, ImagePlus image) {
        return Positions.axes(image).containsAll(Positions.required(input));
    }

    private static boolean takes(Parameter input, String given) {
        List<String> wanted = input.dtypes();
        return wanted.isEmpty()
                || wanted.contains(given)
                || input.direction().isEmpty() && wanted.stream().anyMatch(dtype -> holds(dtype, given));
    }

    private static String dtype(ImagePlus image) {
        return switch (image.getBitDepth()) {
            case 16 -> image.getCalibration().isSigned16Bit() ? "int16" : "uint16";
            case 32 -> "float32";
            default -> "uint8";
        };
    }

    /** Whether every value of the one dtype is one of the other; as {@code conversion.py} in the worker says it. */
    static boolean holds(String wanted, String given) {
        if (wanted.startsWith("complex")) {
            return holds("float" + bits(wanted) / 2, given);
        }
        boolean isFloat = given.startsWith("float");
        if (wanted.startsWith("float")) {
            return isFloat ? bits(wanted) >= bits(given) : INTEGER_BITS_IN_FLOAT.get(wanted) >= bits(given);
        }
        if (isFloat || wanted.equals("bool")) {
            return false;
        }
        boolean isUnsigned = given.startsWith("u");
        return wanted.startsWith("u") == isUnsigned ? bits(wanted) >= bits(given) : isUnsigned && bits(wanted) > bits(given);
    }

    private static int bits(String dtype) {
        return Integer.parseInt(dtype.replaceAll("\\D", ""));
    }

    /** What the input takes, in a microscopist's words: 8-bit or 16-bit images with slices. */
    static String wanted(Parameter input) {
        List<String> axes = Positions.required(input).stream().filter(axis -> !axis.equals("y") && !axis.equals("x")).toList();
        String kind = kinds(input);
        return axes.isEmpty()
                ? kind
                : Words.of("Fit.with", kind, axes.stream().map(Fit::axis).collect(Collectors.joining(Words.of("Fit.and"))));
    }

    private static String kinds(Parameter input) {
        if (input.role().orElse("").equals("mask")) {
            return Words.of("Fit.mask");
        }
        if (input.role().orElse("").equals("labels")) {
            return Words.of("Fit.labels");
        }
        List<String> kinds = new ArrayList<>();
        add(kinds, input, "uint8", Words.of("Fit.8"));
        add(kinds, input, "uint16", Words.of("Fit.16"));
        add(kinds, input, "int16", Words.of("Fit.signed"));
        add(kinds, input, "float32", Words.of("Fit.32"));
        if (kinds.size() == 4) {
            return Words.of("Fit.any");
        }
        kinds.removeIf(kind -> kinds.contains(Words.of("Fit.16")) && kind.equals(Words.of("Fit.signed")));
        return kinds.isEmpty()
                ? Words.of("Fit.none", String.join(", ", input.dtypes()))
                : Words.of("Fit.image", String.join(Words.of("Fit.or"), kinds));
    }

    private static void add(List<String> kinds, Parameter input, String dtype, String words) {
        if (takes(input, dtype)) {
            kinds.add(words);
        }
    }

    private static String axis(String axis) {
        return switch (axis) {
            case "t" -> Words.of("Fit.frames");
            case "z" -> Words.of("Fit.slices");
            case "c" -> Words.of("Fit.channels");
            default -> Words.of("Fit.otherAxis", axis);
        };
    }

    /** Whether an image of ImageJ can ever be what the input takes. */
    static boolean isPossible(Parameter input) {
        return PLACES.containsAll(Positions.required(input));
    }

    /** What an image is: an RGB image, a 16-bit stack of 40 slices. */
    static String kind(ImagePlus image) {
        String depth = switch (image.getBitDepth()) {
            case 8 -> Words.of("Fit.8");
            case 16 -> image.getCalibration().isSigned16Bit() ? Words.of("Fit.signed") : Words.of("Fit.16");
            case 24 -> Words.of("Fit.rgb");
            default -> Words.of("Fit.32");
        };
        List<String> sizes = new ArrayList<>();
        addSize(sizes, image.getNChannels(), Words.of("Fit.channels"));
        addSize(sizes, image.getNSlices(), Words.of("Fit.slices"));
        addSize(sizes, image.getNFrames(), Words.of("Fit.frames"));
        return sizes.isEmpty()
                ? Words.of("Fit.plane", depth)
                : Words.of("Fit.stack", depth, String.join(", ", sizes));
    }

    private static void addSize(List<String> sizes, int size, String word) {
        if (size > 1) {
            sizes.add(size + " " + word);
        }
    }
}

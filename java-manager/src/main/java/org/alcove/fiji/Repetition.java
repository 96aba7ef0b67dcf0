package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.alcove.Parameter;

/**
 * How often an op is called for its images, because they have axes that it does not know.
 *
 * @param sizes by axis how many positions there are
 * @param isOptional whether it can be called for what is visible instead; the colours of RGB are always visible
 */
record Repetition(Map<String, Integer> sizes, boolean isOptional) {
    /** For these images, by the parameters that they are for. */
    static Repetition of(Map<Parameter, ImagePlus> images) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        for (String axis : List.of("t", "z", "c", "s")) {
            images.forEach((parameter, image) -> {
                if (Positions.outer(parameter, image).contains(axis)) {
                    sizes.merge(axis, Positions.size(image, axis), Math::max);
                }
            });
        }
        boolean isOptional = images.entrySet().stream()
                .anyMatch(given -> Positions.outer(given.getKey(), given.getValue()).stream()
                        .anyMatch(axis -> !Positions.isOfColours(given.getValue(), axis)));
        return new Repetition(sizes, isOptional);
    }

    boolean isOne() {
        return sizes.isEmpty();
    }

    /** {@code Run on each slice: 40}, {@code Run on each slice and frame: 40 x 10 = 400}. */
    String text() {
        List<String> words = new ArrayList<>();
        sizes.keySet().forEach(axis -> words.add(word(axis)));
        String count = sizes.values().stream().map(String::valueOf).collect(Collectors.joining(" × "));
        long product = sizes.values().stream().mapToLong(Integer::longValue).reduce(1, (one, other) -> one * other);
        return Words.of(
                "Repetition.each",
                listed(words),
                sizes.size() > 1 ? count + " = " + product : count);
    }

    private static String listed(List<String> words) {
        int last = words.size() - 1;
        return last < 1
                ? String.join("", words)
                : String.join(", ", words.subList(0, last)) + Words.of("Fit.and") + words.get(last);
    }

    private static String word(String axis) {
        return switch (axis) {
            case "t" -> Words.of("Repetition.frame");
            case "z" -> Words.of("Repetition.slice");
            default -> Words.of("Repetition.channel");
        };
    }
}

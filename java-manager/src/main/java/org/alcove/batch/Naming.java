package org.alcove.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.alcove.Op;
import org.alcove.Parameter;

/** What the files of outputs are called: a template whose words in braces are filled in for each item. */
final class Naming {
    private static final Pattern WORD = Pattern.compile("\\{([^{}]*)\\}");
    private static final Set<String> WORDS = Set.of("folder", "stem", "name", "number", "op", "output");
    private static final Pattern ENDING =
            Pattern.compile("(?i)(\\.ome\\.(tiff?|zarr)|\\.nii\\.gz|\\.[a-z][a-z0-9]{0,5})$");
    /** What some system does not allow in a file name; what one machine wrote another shall be able to copy. */
    private static final Pattern FORBIDDEN = Pattern.compile("[\\x00-\\x1f<>:\"|?*\\\\]|[. ]+$");

    private final String template;
    private final String op;
    private final Map<String, Object> defaults = new HashMap<>();

    Naming(String template, Op op) {
        this.template = template;
        this.op = op.name();
        op.inputs().forEach(input -> defaults.put(input.name(), input.defaultValue()));
        Set<String> known = new TreeSet<>(WORDS);
        op.inputs().stream().map(Parameter::name).forEach(known::add);
        WORD.matcher(template).results().map(word -> word.group(1)).filter(word -> !known.contains(word)).findFirst()
                .ifPresent(word -> {
                    throw Batch.wrong("the template '" + template + "' has {" + word + "}, which nothing stands for",
                            "use {" + String.join("}, {", known) + "}");
                });
        if (Path.of(template.replaceAll("[{}]", "")).isAbsolute() || Arrays.asList(template.split("/")).contains("..")) {
            throw Batch.wrong("the template '" + template + "' leads out of the output folder",
                    "choose the folder with the output, and names in it with the template");
        }
    }

    /** For one item: makes of an output's name a path in the output folder, with slashes and without ending. */
    UnaryOperator<String> of(BatchItem item, long index, Map<String, Object> inputs) {
        requireUsable(item.name());
        int slash = item.name().lastIndexOf('/');
        Function<String, String> known = word -> switch (word) {
            case "folder" -> slash < 0 ? "" : item.name().substring(0, slash);
            case "stem" -> stem(item.name().substring(slash + 1));
            case "name" -> item.name();
            case "number" -> String.format("%06d", index + 1);
            case "op" -> op;
            default -> part(inputs.containsKey(word) ? inputs.get(word) : defaults.get(word));
        };
        return output -> path(fill(word -> word.equals("output") ? output.replace('/', '_') : known.apply(word)));
    }

    private String fill(Function<String, String> words) {
        return WORD.matcher(template).replaceAll((MatchResult word) -> Matcher.quoteReplacement(words.apply(word.group(1))));
    }

    private static String path(String filled) {
        List<String> parts = new ArrayList<>();
        for (String part : filled.split("/")) {
            if (!part.isBlank()) {
                parts.add(FORBIDDEN.matcher(part).replaceAll("_"));
            }
        }
        return parts.stream().collect(Collectors.joining("/"));
    }

    private static String part(Object value) {
        String text = value instanceof Path file ? stem(String.valueOf(file.getFileName())) : String.valueOf(value);
        return text.replace('/', '_');
    }

    private static String stem(String fileName) {
        String stem = ENDING.matcher(fileName).replaceFirst("");
        return stem.isEmpty() ? fileName : stem;
    }

    private static void requireUsable(String name) {
        boolean leadsOut = name.isBlank() || name.startsWith("/") || Arrays.asList(name.split("/")).contains("..");
        if (leadsOut) {
            throw Batch.wrong("an item cannot be called '" + name + "'",
                    "give it the path of its file within a folder, or any other name without '..'");
        }
    }
}

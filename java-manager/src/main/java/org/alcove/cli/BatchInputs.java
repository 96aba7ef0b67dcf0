package org.alcove.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.batch.BatchItem;
import org.alcove.batch.BatchItems;

/** What was typed after {@code --over}, {@code --items} and {@code --set}, checked before anything is read or made. */
final class BatchInputs {
    private final Op op;
    private final Map<String, List<String>> over = new LinkedHashMap<>();
    private final Path table;
    private final Map<String, Object> common = new LinkedHashMap<>();
    private final Path output;
    private final boolean folders;

    BatchInputs(Op op, List<List<String>> over, Path table, List<String> common, Path output, boolean folders) {
        this.op = op;
        this.table = table;
        this.output = output;
        this.folders = folders;
        over.forEach(this::addOver);
        common.forEach(this::addCommon);
        if (over.isEmpty() == (table == null)) {
            throw wrong(
                    table == null ? "which items? nothing says what to go over" : "--items and --over cannot go together",
                    table == null
                            ? "add --over " + first(op) + "='folder/*.tif', or --items TABLE"
                            : "put what --over says into a column of the table");
        }
        if (table == null) {
            op.inputs().stream().filter(input -> input.required() && !isGiven(input)).findFirst().ifPresent(this::missing);
        }
    }

    /** The items, each with its name. */
    List<BatchItem> items() {
        BatchItems items = BatchItems.of(op).output(output).folders(folders);
        if (table != null) {
            return items.table(table).list();
        }
        for (Map.Entry<String, List<String>> input : over.entrySet()) {
            items = items.over(input.getKey(), input.getValue());
        }
        return items.list();
    }

    /** What all items have. */
    Map<String, Object> common() {
        return common;
    }

    /** {@code image=a.tif b.tif}, or {@code image a.tif b.tif}. */
    private void addOver(List<String> group) {
        String first = group.get(0);
        int equals = first.indexOf('=');
        String name = equals < 0 ? first : first.substring(0, equals);
        List<String> texts = new ArrayList<>(group.subList(1, group.size()));
        if (equals >= 0) {
            texts.add(0, first.substring(equals + 1));
        }
        Parameter input = input(name);
        if (texts.stream().allMatch(String::isBlank)) {
            throw wrong("--over " + name + " says not over what", "add " + name + "=" + example(input));
        }
        // A shell may have made several arguments, each with the name, of one with braces.
        texts.replaceAll(text -> text.startsWith(name + "=") ? text.substring(name.length() + 1) : text);
        over.computeIfAbsent(name, key -> new ArrayList<>()).addAll(texts);
    }

    private void addCommon(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 0) {
            throw wrong("'" + assignment + "' is not name=value", "as in --set sigma=2");
        }
        Parameter input = input(assignment.substring(0, equals));
        String text = assignment.substring(equals + 1);
        if (over.containsKey(input.name())) {
            throw wrong(input.name() + " is both in --over and in --set", "leave one of them out");
        }
        common.put(input.name(), input.type().equals("array") ? file(input, text) : input.parse(text));
    }

    private static Path file(Parameter input, String text) {
        Path file = Path.of(text);
        if (!Files.exists(file)) {
            throw wrong("no file " + text + " for " + input.name(), "check the path");
        }
        return file.toAbsolutePath().normalize();
    }

    private Parameter input(String name) {
        Parameter input = op.inputs().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() -> wrong(
                        op.name() + " has no input " + name,
                        op.inputs().isEmpty()
                                ? "it takes none"
                                : "it takes " + String.join(", ", op.inputs().stream().map(Parameter::name).toList())));
        if (InputTexts.WITHOUT_TEXT.contains(input.type())) {
            throw wrong(
                    name + " of " + op.name() + " is a " + input.type() + ", which a command line cannot give",
                    "run the batch from Java; or let the op take a Path, and read the file itself");
        }
        return input;
    }

    private boolean isGiven(Parameter input) {
        // What an op only writes to is made for it.
        return over.containsKey(input.name()) || common.containsKey(input.name())
                || input.direction().filter("out"::equals).isPresent();
    }

    private void missing(Parameter input) {
        throw wrong(
                op.name() + " needs " + input.name() + " (" + input.summary() + ")",
                "add --set " + input.name() + "=" + (input.type().equals("array") ? "FILE" : "VALUE") + ", or --over "
                        + input.name() + "=" + example(input) + " if each item has its own");
    }

    private static String example(Parameter input) {
        return List.of("array", "path").contains(input.type()) ? "'folder/*.tif'" : "'[1, 2]'";
    }

    private static String first(Op op) {
        return op.inputs().isEmpty() ? "image" : op.inputs().get(0).name();
    }

    private static AlcoveException wrong(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}

package org.alcove;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What an op takes, as its descriptor says, prepared once for all its calls. Inputs are checked before any environment is
 * made or anything sent; what the worker would refuse as well, is refused in the same words.
 */
final class Signature {
    private final boolean isKnown;
    private final Map<String, Declared> declared = new LinkedHashMap<>();
    private final int required;

    private record Declared(String name, Map<String, Object> descriptor, boolean isRequired, boolean isWritten) {}

    /** Of an op with this descriptor; without {@code inputs}, as of the toolbox's ops, nothing is known of them. */
    Signature(Map<String, Object> descriptor) {
        isKnown = descriptor.containsKey("inputs");
        for (Object item : Tree.list(descriptor.get("inputs"))) {
            Map<String, Object> parameter = Tree.object(item);
            String name = String.valueOf(parameter.get("name"));
            declared.put(name, new Declared(
                    name, parameter, Boolean.TRUE.equals(parameter.get("required")), parameter.containsKey("direction")));
        }
        required = (int) declared.values().stream().filter(Declared::isRequired).count();
    }

    /**
     * The inputs of a call.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} for the first that is unknown, cannot be sent, is missing
     *     or does not fit; {@code path} and {@code expected} are in its data
     */
    Inputs inputs(Map<String, ?> given) {
        Inputs simple = simple(given);
        return simple == null ? inputs(given, Set.of()) : simple;
    }

    /**
     * The inputs when they are simple and nothing is wrong with them, as with nearly all short calls; else null, and the whole
     * check, which takes several times as long, finds what it is.
     */
    private Inputs simple(Map<String, ?> given) {
        Map<String, Object> values = new LinkedHashMap<>();
        int found = 0;
        for (Map.Entry<?, ?> input : given.entrySet()) {
            Declared parameter = declared.get(input.getKey());
            Object value = input.getValue() instanceof Integer number ? Long.valueOf(number) : input.getValue();
            boolean isSimple = value instanceof Long
                    || value instanceof Double
                    || value instanceof String
                    || value instanceof Boolean
                    || value instanceof SharedArray;
            if (parameter == null || !isSimple || parameter.isWritten || !Fitting.fits(value, parameter.descriptor)) {
                return null;
            }
            values.put(parameter.name, value);
            found += parameter.isRequired ? 1 : 0;
        }
        return found == required ? new Inputs(values, Set.of()) : null;
    }

    /** As {@link #inputs(Map)} for inputs that are common to rows, which bring the inputs {@code inRows}. */
    Inputs inputs(Map<String, ?> given, Set<String> inRows) {
        Map<String, Object> values = Tree.object(Values.plain(new LinkedHashMap<>(given), Place.of("inputs")));
        if (!isKnown) {
            return new Inputs(values, Set.of());
        }
        requireKnown(values.keySet());
        requireKnown(inRows);
        Set<String> written = new LinkedHashSet<>();
        for (Declared parameter : declared.values()) {
            String name = parameter.name;
            if (values.containsKey(name)) {
                requireFit(name, values.get(name), parameter.descriptor);
                if (parameter.isWritten && values.get(name) != null) {
                    written.add(name);
                }
            } else if (parameter.isRequired && !inRows.contains(name)) {
                throw refused(
                        name, "a value", "input " + name + " is missing", "give " + Fitting.expected(parameter.descriptor));
            }
        }
        return new Inputs(values, written);
    }

    private void requireKnown(Set<String> names) {
        for (String name : names) {
            if (!declared.containsKey(name)) {
                String all = declared.isEmpty() ? "no inputs" : "one of " + String.join(", ", declared.keySet());
                throw refused(name, all, "no input " + name, "it takes " + all);
            }
        }
    }

    private static void requireFit(String name, Object value, Map<String, Object> parameter) {
        if (!Fitting.fits(value, parameter)) {
            String expected = Fitting.expected(parameter);
            Object description = parameter.get("description");
            throw refused(name, expected, "input " + name + " must be " + expected,
                    description == null ? "look at what the op takes" : name + ": " + description);
        }
    }

    private static AlcoveException refused(String name, String expected, String message, String hint) {
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                message,
                hint,
                Map.of("path", "inputs." + name, "expected", expected));
    }
}

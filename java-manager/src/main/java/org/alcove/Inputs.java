package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a call gives an op: plain values that fit the op's descriptor, a copy of the caller's. They are checked before any
 * environment is made or anything sent; what the worker would refuse as well, it refuses in the same words.
 *
 * @param values by name
 * @param written the names of those arrays that the op changes
 */
record Inputs(Map<String, Object> values, Set<String> written) {
    static final Inputs NONE = new Inputs(Map.of(), Set.of());

    /**
     * The inputs of a call to an op.
     *
     * @param descriptor the op's; without {@code inputs}, as of the toolbox's ops, nothing is known of them
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} for the first that is unknown, cannot be sent, is missing
     *     or does not fit; {@code path} and {@code expected} are in its data
     */
    static Inputs of(Map<String, Object> descriptor, Map<String, ?> given) {
        return of(descriptor, given, Set.of());
    }

    /** As above for inputs that are common to rows, which bring the inputs {@code inRows}. */
    static Inputs of(Map<String, Object> descriptor, Map<String, ?> given, Set<String> inRows) {
        Map<String, Object> values = Tree.object(Values.plain(new LinkedHashMap<>(given), Place.of("inputs")));
        if (!descriptor.containsKey("inputs")) {
            return new Inputs(values, Set.of());
        }
        Map<String, Map<String, Object>> declared = declared(descriptor);
        requireKnown(values.keySet(), declared.keySet());
        requireKnown(inRows, declared.keySet());
        Set<String> written = new LinkedHashSet<>();
        declared.forEach((name, parameter) -> {
            if (values.containsKey(name)) {
                requireFit(name, values.get(name), parameter);
                if (parameter.containsKey("direction") && values.get(name) != null) {
                    written.add(name);
                }
            } else if (Boolean.TRUE.equals(parameter.get("required")) && !inRows.contains(name)) {
                throw refused(name, "a value", "input " + name + " is missing", "give " + Fitting.expected(parameter));
            }
        });
        return new Inputs(values, written);
    }

    private static Map<String, Map<String, Object>> declared(Map<String, Object> descriptor) {
        Map<String, Map<String, Object>> declared = new LinkedHashMap<>();
        for (Object item : Tree.list(descriptor.get("inputs"))) {
            Map<String, Object> parameter = Tree.object(item);
            declared.put(String.valueOf(parameter.get("name")), parameter);
        }
        return declared;
    }

    private static void requireKnown(Set<String> names, Set<String> known) {
        for (String name : names) {
            if (!known.contains(name)) {
                String all = known.isEmpty() ? "no inputs" : "one of " + String.join(", ", known);
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

    /** An array in an input of a name, and whether the op changes it. */
    record InputArray(String name, SharedArray array, boolean isWritten) {}

    /** All arrays, each once an input. */
    List<InputArray> arrays() {
        List<InputArray> arrays = new ArrayList<>();
        values.forEach((name, value) -> Values.arraysIn(value)
                .forEach(array -> arrays.add(new InputArray(name, array, written.contains(name)))));
        return arrays;
    }

    /** Writes the object of all inputs. */
    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        writeMembers(json);
        json.writeEndObject();
    }

    /** Writes all inputs as members of the object that is begun. */
    void writeMembers(JsonGenerator json) throws IOException {
        for (Map.Entry<String, Object> input : values.entrySet()) {
            json.writeFieldName(input.getKey());
            if (written.contains(input.getKey())) {
                Values.writeArray(json, (SharedArray) input.getValue(), true);
            } else {
                Values.writePlain(json, input.getValue());
            }
        }
    }
}

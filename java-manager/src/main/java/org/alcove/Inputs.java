package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a call gives an op: plain values that fit the op's {@link Signature}, a copy of the caller's.
 *
 * @param values by name
 * @param written the names of those arrays that the op changes
 */
record Inputs(Map<String, Object> values, Set<String> written) {
    private static final int BYTES_BETWEEN = 6; // quotes, a colon and a comma
    private static final int BYTES_OF_INTEGER = 20;
    private static final int BYTES_OF_FLOAT = 26;
    private static final int BYTES_OF_NOT_FINITE = 48;

    static final Inputs NONE = new Inputs(Map.of(), Set.of());

    /** As {@link Signature#inputs(Map)} of an op with this descriptor. */
    static Inputs of(Map<String, Object> descriptor, Map<String, ?> given) {
        return new Signature(descriptor).inputs(given);
    }

    /** As above for inputs that are common to rows, which bring the inputs {@code inRows}. */
    static Inputs of(Map<String, Object> descriptor, Map<String, ?> given, Set<String> inRows) {
        return new Signature(descriptor).inputs(given, inRows);
    }

    /** An array in an input of a name, and whether the op changes it. */
    record InputArray(String name, SharedArray array, boolean isWritten) {}

    /** All arrays, each once an input. */
    List<InputArray> arrays() {
        List<InputArray> arrays = new ArrayList<>(0);
        values.forEach((name, value) -> {
            if (value instanceof SharedArray || value instanceof Table || value instanceof Map<?, ?> || value instanceof List<?>) {
                Values.arraysIn(value).forEach(array -> arrays.add(new InputArray(name, array, written.contains(name))));
            }
        });
        return arrays;
    }

    /** How long they are at most when they are written, in bytes; {@link Errand#UNBOUNDED} unless all are simple. */
    long bytes() {
        long sum = 0;
        for (Map.Entry<String, Object> input : values.entrySet()) {
            sum += bytes(input.getKey()) + BYTES_BETWEEN + bytesOfValue(input.getValue());
        }
        return sum;
    }

    private static long bytesOfValue(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Long) {
            return BYTES_OF_INTEGER;
        } else if (value instanceof Double number) {
            return Double.isFinite(number) ? BYTES_OF_FLOAT : BYTES_OF_NOT_FINITE;
        }
        return value instanceof String text ? bytes(text) : Errand.UNBOUNDED;
    }

    /** Of a text without its quotes, if each character is written as an escape. */
    static long bytes(String text) {
        return 6L * text.length();
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

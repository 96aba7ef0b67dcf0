package org.alcove;

import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What {@link Op#mapArrays} returned: each output of all rows as a column. Closing it closes the arrays in it. */
public final class Columns implements AutoCloseable {
    private final Map<String, Object> columns;
    private final Map<Integer, AlcoveException> errors;

    Columns(Map<String, Object> columns, Map<Integer, AlcoveException> errors) {
        this.columns = columns;
        this.errors = errors;
    }

    /** The names of the op's outputs, in the order of its signature. */
    public List<String> names() {
        return List.copyOf(columns.keySet());
    }

    /**
     * An output of numbers or booleans: INT64, FLOAT64 or BOOL, of one dimension. Where a row failed it is 0, NaN or false.
     *
     * @throws IllegalArgumentException when there is none of that name, or it is no array
     */
    public SharedArray array(String name) {
        if (column(name) instanceof SharedArray array) {
            return array;
        }
        throw new IllegalArgumentException("output " + name + " is no array, because not all of its values are numbers");
    }

    /**
     * An output of any type: a SharedArray as {@link #array} returns it, where all values are numbers or booleans that one
     * holds; else a List of what {@link Outputs#asMap} holds, with null where a row failed.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Object column(String name) {
        if (!columns.containsKey(name)) {
            throw new IllegalArgumentException("no output " + name + "; there is " + String.join(", ", columns.keySet()));
        }
        return columns.get(name);
    }

    /** Why rows failed, by their index. */
    public Map<Integer, AlcoveException> errors() {
        return Collections.unmodifiableMap(errors);
    }

    @Override
    public void close() {
        for (Object column : columns.values()) {
            if (column instanceof SharedArray array) {
                array.close();
            }
        }
    }
}

package org.alcove;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What an op returned, by name. Closing it closes the arrays in it. */
public final class Outputs implements AutoCloseable {
    private final Map<String, Object> values;
    private final Set<SharedArray> arrays;

    Outputs(Map<String, Object> values) {
        this.values = values;
        this.arrays = Values.arraysIn(values);
    }

    /** The names, in the order of the op's signature. */
    public Set<String> names() {
        return java.util.Collections.unmodifiableSet(values.keySet());
    }

    /**
     * All values: Boolean, Long or BigInteger, Double, Complex, String, byte[], SharedArray, Table, lists and maps of these,
     * or null.
     */
    public Map<String, Object> asMap() {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The value of any type. */
    public Object get(String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("no output " + name + "; there is " + String.join(", ", values.keySet()));
        }
        return values.get(name);
    }

    /** An array. It is closed with these outputs. */
    public SharedArray array(String name) {
        return typed(name, SharedArray.class);
    }

    /** An integer that fits into a long. */
    public long integer(String name) {
        return typed(name, Long.class);
    }

    /** A number, integers included. */
    public double number(String name) {
        return typed(name, Number.class).doubleValue();
    }

    /** A data frame. The arrays in it are closed with these outputs. */
    public Table table(String name) {
        return typed(name, Table.class);
    }

    /** A text. */
    public String text(String name) {
        return typed(name, String.class);
    }

    @Override
    public void close() {
        arrays.forEach(SharedArray::close);
    }

    /** From here on the caller is who has to close them. */
    Outputs handedOver() {
        arrays.forEach(SharedArray::handedOver);
        return this;
    }

    private <T> T typed(String name, Class<T> type) {
        Object value = get(name);
        if (!type.isInstance(value)) {
            throw new ClassCastException("output " + name + " is no " + type.getSimpleName() + " but "
                    + (value == null ? "null" : "a " + value.getClass().getSimpleName()));
        }
        return type.cast(value);
    }
}

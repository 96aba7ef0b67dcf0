package org.alcove;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows that come as columns: arrays of one dimension, all equally long. */
final class ArrayRows implements RowBatch.Source, AutoCloseable {
    /**
     * Of one request: a multiple of {@link SharedArray#ALIGNMENT}, so that each begins where an array may, and so few that
     * the reasons why each of them failed fit into an answer.
     */
    static final int MOST_ROWS = 4096;

    private final List<SharedArray> columns = new ArrayList<>();
    private final List<SharedArray> own = new ArrayList<>();
    private final int size;

    /**
     * The columns in this order.
     *
     * @param given by name a SharedArray, or a Java array of numbers or booleans, which is copied
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} for what is none, and when they are not equally long
     */
    ArrayRows(SharedMemory memory, Map<String, ?> given) {
        try {
            given.forEach((name, column) -> columns.add(column(memory, name, column)));
            size = checkedSize(new ArrayList<>(given.keySet()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private SharedArray column(SharedMemory memory, String name, Object column) {
        if (column instanceof SharedArray array) {
            if (array.shape().length != 1) {
                throw refused(name, "an array of one dimension, not of " + array.shape().length);
            }
            return array;
        }
        Object elements = column instanceof boolean[] flags ? bytes(flags) : column;
        DType dtype = dtype(column);
        if (dtype == null) {
            throw refused(name, "a SharedArray, or a Java array of numbers or booleans");
        }
        SharedArray copy = NumberColumns.allocate(memory, dtype, Array.getLength(elements));
        own.add(copy);
        copy.copyFrom(elements);
        return copy;
    }

    private static DType dtype(Object elements) {
        if (elements instanceof long[]) return DType.INT64;
        if (elements instanceof int[]) return DType.INT32;
        if (elements instanceof short[]) return DType.INT16;
        if (elements instanceof byte[]) return DType.INT8;
        if (elements instanceof double[]) return DType.FLOAT64;
        if (elements instanceof float[]) return DType.FLOAT32;
        return elements instanceof boolean[] ? DType.BOOL : null;
    }

    private static byte[] bytes(boolean[] flags) {
        byte[] bytes = new byte[flags.length];
        for (int i = 0; i < flags.length; i++) {
            bytes[i] = (byte) (flags[i] ? 1 : 0);
        }
        return bytes;
    }

    private int checkedSize(List<String> names) {
        if (columns.isEmpty()) {
            throw refused(null, "at least one column");
        }
        long length = columns.get(0).size();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).size() != length) {
                throw refused(names.get(i), length + " elements, as " + names.get(0) + " has");
            }
        }
        if (length > PrimitiveArrays.LONGEST) {
            throw refused(names.get(0), "at most " + PrimitiveArrays.LONGEST + " elements");
        }
        return (int) length;
    }

    private static AlcoveException refused(String name, String expected) {
        String path = name == null ? "columns" : "columns." + name;
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS, path + " must be " + expected,
                "give each column as an array of one dimension, all of one length",
                Map.of("path", path, "expected", expected));
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public RowBatch from(int first) {
        return new RowBatch.OfArrays(Math.min(size - first, MOST_ROWS), columns, first, false);
    }

    @Override
    public void close() {
        own.forEach(SharedArray::close);
    }
}

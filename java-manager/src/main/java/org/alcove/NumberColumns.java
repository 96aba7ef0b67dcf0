package org.alcove;

import java.util.List;
import java.util.function.IntFunction;

/** Columns of numbers, or of booleans: from rows into shared memory, and from there back to Java's own. */
final class NumberColumns {
    private static final long LARGEST_EXACT = 1L << 53; // up to which a double holds every integer

    private final SharedMemory memory;
    private final List<Boolean> floats;

    /** {@code floats} says of each column whether an integer in it may become a float. */
    NumberColumns(SharedMemory memory, List<Boolean> floats) {
        this.memory = memory;
        this.floats = floats;
    }

    /** The rows as columns; null where a row is of another length, a column holds anything else, or there is no room. */
    RowBatch of(List<? extends List<?>> rows) {
        Object[] columns = new Object[floats.size()];
        List<?> sample = rows.get(0);
        if (sample == null || sample.size() != columns.length) {
            return null;
        }
        for (int i = 0; i < columns.length; i++) {
            columns[i] = column(sample.get(i), floats.get(i), rows.size());
            if (columns[i] == null) {
                return null;
            }
        }
        int index = 0;
        for (List<?> row : rows) {
            if (row == null || row.size() != columns.length || !put(row, columns, index++)) {
                return null;
            }
        }
        return batch(columns, rows.size());
    }

    /** Where the numbers of a column go whose first this is; null for what is no number. */
    private static Object column(Object cell, boolean isFloat, int count) {
        if (cell instanceof Double || cell instanceof Float || isFloat && isInteger(cell)) {
            return new double[count];
        } else if (isInteger(cell)) {
            return new long[count];
        }
        return cell instanceof Boolean ? new byte[count] : null;
    }

    private static boolean isInteger(Object cell) {
        return cell instanceof Integer || cell instanceof Long || cell instanceof Short || cell instanceof Byte;
    }

    private boolean put(List<?> row, Object[] columns, int index) {
        for (int i = 0; i < columns.length; i++) {
            Object cell = row.get(i);
            if (columns[i] instanceof long[] integers && isInteger(cell)) {
                integers[index] = ((Number) cell).longValue();
            } else if (columns[i] instanceof double[] numbers && isNumber(cell, floats.get(i))) {
                numbers[index] = ((Number) cell).doubleValue();
            } else if (columns[i] instanceof byte[] flags && cell instanceof Boolean flag) {
                flags[index] = (byte) (flag ? 1 : 0);
            } else {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(Object cell, boolean isFloat) {
        return cell instanceof Double
                || cell instanceof Float
                || isFloat && isInteger(cell) && Math.abs(((Number) cell).longValue()) <= LARGEST_EXACT;
    }

    private RowBatch batch(Object[] columns, int count) {
        SharedArray[] arrays = new SharedArray[columns.length];
        try {
            for (int i = 0; i < columns.length; i++) {
                DType dtype = columns[i] instanceof long[]
                        ? DType.INT64
                        : columns[i] instanceof double[] ? DType.FLOAT64 : DType.BOOL;
                arrays[i] = allocate(memory, dtype, count);
                arrays[i].copyFrom(columns[i]);
            }
            return new RowBatch.OfArrays(count, List.of(arrays), 0, true);
        } catch (AlcoveException full) {
            close(arrays);
            if (full.kind() == ErrorKind.OUT_OF_SHARED_MEMORY) {
                return null;
            }
            throw full;
        }
    }

    static void close(SharedArray[] arrays) {
        for (SharedArray array : arrays) {
            if (array != null) {
                array.close();
            }
        }
    }

    /** An array of one dimension, to be filled. */
    static SharedArray allocate(SharedMemory memory, DType dtype, long count) {
        Block block = count == 0 ? null : memory.allocate(Math.multiplyExact(count, (long) dtype.bytes()));
        return new SharedArray(memory, block, 0, dtype, new long[] {count}, List.of());
    }

    /** The cells of a column that came from a worker: Long, Double, Boolean, or what is in the list. */
    static IntFunction<Object> cells(Object column) {
        if (column instanceof List<?> list) {
            return list::get;
        }
        SharedArray array = (SharedArray) column;
        switch (array.dtype()) {
            case INT64 -> {
                long[] integers = array.toLongs();
                return index -> integers[index];
            }
            case FLOAT64 -> {
                double[] numbers = array.toDoubles();
                return index -> numbers[index];
            }
            case BOOL -> {
                byte[] flags = array.toBytes();
                return index -> flags[index] != 0;
            }
            default -> throw Connection.violation("a column of " + array.dtype().word());
        }
    }
}

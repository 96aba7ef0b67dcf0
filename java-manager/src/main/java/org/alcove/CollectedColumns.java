package org.alcove;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Collects the outputs of many rows, request by request: each into one array for as long as that can hold it. */
final class CollectedColumns implements RowBatch.Sink, AutoCloseable {
    private final SharedMemory memory;
    private final int size;
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final Map<Integer, AlcoveException> errors = new HashMap<>();
    private int first;

    /** The columns of so many rows of an op with this descriptor. */
    CollectedColumns(SharedMemory memory, Map<String, Object> descriptor, int size) {
        this.memory = memory;
        this.size = size;
        for (Object output : Tree.list(descriptor.get("outputs"))) {
            Map<String, Object> declared = Tree.object(output);
            columns.put(String.valueOf(declared.get("name")), new Column(String.valueOf(declared.get("type"))));
        }
    }

    @Override
    public void takeRows(List<List<Object>> rows) {
        throw new IllegalStateException("rows for columns");
    }

    @Override
    public void takeColumns(int count, List<Object> next, Map<Integer, AlcoveException> failures) {
        errors.putAll(failures);
        int index = 0;
        for (Column column : columns.values()) {
            column.add(next.get(index++), count);
        }
        first += count;
    }

    /** What has been collected; from here on whoever gets it is to close it. */
    Map<String, Object> taken() {
        Map<String, Object> taken = new LinkedHashMap<>();
        columns.forEach((name, column) -> taken.put(name, column.taken()));
        return taken;
    }

    @Override
    public void close() {
        columns.values().forEach(Column::close);
    }

    private final class Column {
        private final DType declared;
        private SharedArray array;
        private List<Object> values;

        Column(String type) {
            declared = switch (type) {
                case "integer" -> DType.INT64;
                case "float" -> DType.FLOAT64;
                case "boolean" -> DType.BOOL;
                default -> null;
            };
            if (declared == null) {
                values = new ArrayList<>();
            }
        }

        void add(Object part, int count) {
            if (values == null && part instanceof SharedArray numbers && holds(numbers.dtype())) {
                array().copyFrom(first, declared == numbers.dtype() ? elements(numbers) : doubles(numbers, count));
                return;
            }
            if (values == null) {
                values = new ArrayList<>();
                addAll(array(), first, 0);
                close();
            }
            addAll(part, count, first);
        }

        /** An op that declares a float may return integers. */
        private double[] doubles(SharedArray integers, int count) {
            double[] numbers = Arrays.stream(integers.toLongs()).asDoubleStream().toArray();
            errors.keySet().stream()
                    .filter(row -> row >= first && row < first + count)
                    .forEach(row -> numbers[row - first] = Double.NaN);
            return numbers;
        }

        private boolean holds(DType dtype) {
            return dtype == declared || declared == DType.FLOAT64 && dtype == DType.INT64;
        }

        private SharedArray array() {
            if (array == null) {
                array = NumberColumns.allocate(memory, declared, size);
            }
            return array;
        }

        private void addAll(Object part, int count, int begin) {
            IntFunction<Object> cells = NumberColumns.cells(part);
            for (int i = 0; i < count; i++) {
                values.add(errors.containsKey(begin + i) ? null : cells.apply(i));
            }
        }

        Object taken() {
            Object taken = values == null ? array() : Collections.unmodifiableList(values);
            array = null;
            return taken;
        }

        void close() {
            if (array != null) {
                array.close();
                array = null;
            }
        }
    }

    private static Object elements(SharedArray numbers) {
        return switch (numbers.dtype()) {
            case INT64 -> numbers.toLongs();
            case FLOAT64 -> numbers.toDoubles();
            default -> numbers.toBytes();
        };
    }
}

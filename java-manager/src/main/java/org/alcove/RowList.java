package org.alcove;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * The outputs of rows, appended request by request. Those that came as columns stay columns: to make objects of all, to be
 * kept until somebody looks, would cost more than what the rows are for.
 */
final class RowList extends AbstractList<List<Object>> implements RandomAccess {
    private final TreeMap<Integer, IntFunction<List<Object>>> pieces = new TreeMap<>(); // by their first row
    private int size;

    void append(List<List<Object>> rows) {
        pieces.put(size, rows::get);
        size += rows.size();
    }

    /**
     * Appends rows by column.
     *
     * @param columns for each output its cell in a row, counted from the first of these
     * @param failed which rows failed, counted among all
     */
    void append(int count, List<IntFunction<Object>> columns, Set<Integer> failed) {
        int first = size;
        IntFunction<List<Object>> rows = index -> row(columns, index);
        pieces.put(first, failed.isEmpty() ? rows : index -> failed.contains(first + index) ? null : rows.apply(index));
        size += count;
    }

    private static List<Object> row(List<IntFunction<Object>> columns, int index) {
        Object[] row = new Object[columns.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = columns.get(i).apply(index);
        }
        return Collections.unmodifiableList(Arrays.asList(row));
    }

    @Override
    public List<Object> get(int index) {
        Objects.checkIndex(index, size);
        Map.Entry<Integer, IntFunction<List<Object>>> piece = pieces.floorEntry(index);
        return piece.getValue().apply(index - piece.getKey());
    }

    @Override
    public int size() {
        return size;
    }
}

package org.alcove;

import java.util.List;
import java.util.Map;

/**
 * What {@link Op#map} returned for many rows of inputs.
 *
 * @param columns the names of the op's outputs
 * @param rows for each row of inputs, in their order, the outputs in the order of {@code columns}; null for one that
 *     failed. They are what {@link Outputs#asMap} holds, but no arrays
 * @param errors why rows failed, by their index
 */
public record Rows(List<String> columns, List<List<Object>> rows, Map<Integer, AlcoveException> errors) {
    /**
     * The output of this name of all rows, null for those that failed.
     *
     * @throws IllegalArgumentException when there is none
     */
    public List<Object> column(String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no output " + name + "; there is " + String.join(", ", columns));
        }
        return rows.stream().map(row -> row == null ? null : row.get(index)).collect(
                java.util.stream.Collectors.toCollection(java.util.ArrayList::new));
    }
}

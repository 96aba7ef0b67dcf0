package org.alcove;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A data frame: columns of equal length, each with a name. It does not change, except for what is in the SharedArrays of
 * its columns; those are closed by whoever made them, or with the {@link Outputs} that the table came in.
 */
public final class Table {
    private final Map<String, Object> columns = new LinkedHashMap<>();
    private final long rows;

    /**
     * A table of columns in this order.
     *
     * @param columns by name a list, a Java array, or a SharedArray of one dimension. The cells of a list are null,
     *     Boolean, integers, floats, Complex, texts, or dates and times of java.time, which become ISO 8601 texts
     * @throws IllegalArgumentException when the columns are not equally long, or something is no cell
     */
    public Table(Map<String, ?> columns) {
        columns.forEach((name, column) ->
                this.columns.put(Objects.requireNonNull(name, "a column's name"), checkedColumn(name, column)));
        rows = this.columns.values().stream().mapToLong(Table::length).findFirst().orElse(0);
        this.columns.forEach((name, column) -> {
            if (length(column) != rows) {
                throw new IllegalArgumentException("the columns of a table must be equally long: " + name + " has "
                        + length(column) + " cells, " + names().get(0) + " has " + rows);
            }
        });
    }

    /** The names of the columns in their order. */
    public List<String> names() {
        return List.copyOf(columns.keySet());
    }

    /**
     * A column: a SharedArray of one dimension, or a List whose cells are Boolean, Long, BigInteger, Double, Complex,
     * String or null.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Object column(String name) {
        if (!columns.containsKey(name)) {
            throw new IllegalArgumentException("no column " + name + "; there is " + String.join(", ", columns.keySet()));
        }
        return columns.get(name);
    }

    /** How many cells each column has. */
    public long rows() {
        return rows;
    }

    Map<String, Object> columns() {
        return columns;
    }

    /** Whether names, their order, and the cells are the same; a SharedArray is the same only as itself. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Table table && columns.equals(table.columns) && names().equals(table.names());
    }

    @Override
    public int hashCode() {
        return columns.hashCode();
    }

    @Override
    public String toString() {
        return "Table of " + rows + " rows: " + String.join(", ", columns.keySet());
    }

    private static Object checkedColumn(String name, Object column) {
        if (column instanceof SharedArray array) {
            if (array.shape().length != 1) {
                throw new IllegalArgumentException(
                        "column " + name + " has " + array.shape().length + " dimensions instead of one");
            }
            return array;
        }
        List<?> given = Values.items(column).orElseThrow(
                () -> new IllegalArgumentException("column " + name + " is neither a list nor a SharedArray"));
        List<Object> cells = new ArrayList<>(given.size());
        for (Object cell : given) {
            cells.add(checkedCell(cell, Place.of("column " + name).item(cells.size())));
        }
        return Collections.unmodifiableList(cells);
    }

    private static Object checkedCell(Object cell, Place place) {
        Object plain = timeAsText(cell);
        try {
            plain = Values.plain(plain, place);
        } catch (AlcoveException unsendable) {
            throw new IllegalArgumentException(unsendable.getMessage(), unsendable);
        }
        if (plain == null || plain instanceof Boolean || plain instanceof Number || plain instanceof String
                || plain instanceof Complex) {
            return plain;
        }
        throw new IllegalArgumentException(place + ": a " + cell.getClass().getName() + " is no cell of a table");
    }

    /** Those types of java.time whose texts are ISO 8601. */
    private static Object timeAsText(Object cell) {
        if (cell instanceof ZonedDateTime time) {
            return time.toOffsetDateTime().toString();
        }
        boolean isTime = cell instanceof Instant || cell instanceof LocalDate || cell instanceof LocalTime
                || cell instanceof LocalDateTime || cell instanceof OffsetDateTime;
        return isTime ? cell.toString() : cell;
    }

    private static long length(Object column) {
        return column instanceof SharedArray array ? array.size() : ((List<?>) column).size();
    }
}

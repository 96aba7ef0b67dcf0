package org.alcove.gui;

import java.util.List;
import java.util.function.Function;
import javax.swing.table.AbstractTableModel;

/**
 * Things of one kind as the rows of a table. A cell is what its column is sorted by; renderers say it to people.
 *
 * @param <T> what a row is
 */
abstract class RowTableModel<T> extends AbstractTableModel {
    private final List<Column<T>> columns;
    private List<T> rows = List.of();

    /**
     * What stands below a heading.
     *
     * @param type what its renderer is chosen by
     */
    record Column<T>(String heading, Class<?> type, Function<T, Object> value) {
        static <T> Column<T> ofText(String heading, Function<T, Object> value) {
            return new Column<>(heading, String.class, value);
        }
    }

    RowTableModel(List<Column<T>> columns) {
        this.columns = columns;
    }

    /** Shows others. Says so only when there is a difference, so that a table keeps what is selected in it. */
    void show(List<T> others) {
        if (!others.equals(rows)) {
            rows = List.copyOf(others);
            fireTableDataChanged();
        }
    }

    /** Shows the same things as they are now: a table keeps what is selected in it. */
    final void showAnew(List<T> same) {
        rows = List.copyOf(same);
        if (!rows.isEmpty()) {
            fireTableRowsUpdated(0, rows.size() - 1);
        }
    }

    final T at(int row) {
        return rows.get(row);
    }

    final List<T> all() {
        return rows;
    }

    @Override
    public final int getRowCount() {
        return rows.size();
    }

    @Override
    public final int getColumnCount() {
        return columns.size();
    }

    @Override
    public final String getColumnName(int column) {
        return columns.get(column).heading();
    }

    @Override
    public final Class<?> getColumnClass(int column) {
        return columns.get(column).type();
    }

    @Override
    public final Object getValueAt(int row, int column) {
        return columns.get(column).value().apply(rows.get(row));
    }
}

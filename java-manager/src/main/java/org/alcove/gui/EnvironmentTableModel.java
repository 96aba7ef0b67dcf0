package org.alcove.gui;

import java.time.Instant;
import java.util.List;
import javax.swing.table.AbstractTableModel;
import org.alcove.EnvironmentInfo;

/** The environments as rows; a cell is what it is sorted by, and {@link EnvironmentCells} says it to people. */
final class EnvironmentTableModel extends AbstractTableModel {
    static final int NAME = 0;
    static final int STATE = 1;
    static final int IN_USE = 2;
    static final int ENGINE = 3;
    static final int PYTHON = 4;
    static final int SIZE = 5;
    static final int LAST_USED = 6;
    private static final int COLUMNS = 7;

    private List<EnvironmentInfo> rows = List.of();

    /** Shows others. Says so only when there is a difference, so that a table keeps what is selected in it. */
    void show(List<EnvironmentInfo> environments) {
        if (!environments.equals(rows)) {
            rows = List.copyOf(environments);
            fireTableDataChanged();
        }
    }

    EnvironmentInfo at(int row) {
        return rows.get(row);
    }

    List<EnvironmentInfo> all() {
        return rows;
    }

    @Override
    public int getRowCount() {
        return rows.size();
    }

    @Override
    public int getColumnCount() {
        return COLUMNS;
    }

    @Override
    public String getColumnName(int column) {
        return switch (column) {
            case NAME -> Words.of("EnvironmentTableModel.name");
            case STATE -> Words.of("EnvironmentTableModel.state");
            case IN_USE -> Words.of("EnvironmentTableModel.inUse");
            case ENGINE -> Words.of("EnvironmentTableModel.engine");
            case PYTHON -> Words.of("EnvironmentTableModel.python");
            case SIZE -> Words.of("EnvironmentTableModel.size");
            default -> Words.of("EnvironmentTableModel.lastUsed");
        };
    }

    @Override
    public Class<?> getColumnClass(int column) {
        return switch (column) {
            case SIZE -> Long.class;
            case LAST_USED -> Instant.class;
            default -> String.class;
        };
    }

    @Override
    public Object getValueAt(int row, int column) {
        EnvironmentInfo environment = rows.get(row);
        return switch (column) {
            case NAME -> environment.name();
            case STATE -> EnvironmentCells.state(environment);
            case IN_USE -> environment.isInUse() ? Words.of("EnvironmentTableModel.yes") : "";
            case ENGINE -> environment.engine();
            case PYTHON -> environment.pythonVersion();
            case SIZE -> environment.sizeBytes();
            default -> environment.lastUsed().orElse(Instant.MIN);
        };
    }
}

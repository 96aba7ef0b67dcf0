package org.alcove.gui;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.swing.table.AbstractTableModel;
import org.alcove.WorkerInfo;

/** The workers as rows; a cell is what it is sorted by, and {@link WorkerCells} says it to people. */
final class WorkerTableModel extends AbstractTableModel {
    static final int STATE = 0;
    static final int OP = 1;
    static final int SINCE = 2;
    static final int MEMORY = 3;
    static final int CPU = 4;
    static final int CALLS = 5;
    static final int ENVIRONMENT = 6;
    static final int PROGRAM = 7;
    static final int PID = 8;
    private static final int COLUMNS = 9;

    private List<WorkerInfo> rows = List.of();
    private Instant now = Instant.now();

    /** Shows others; says what is new so that a table keeps what is selected where the workers are the same. */
    void show(List<WorkerInfo> workers, Instant time) {
        boolean isSame = keys(workers).equals(keys(rows));
        rows = List.copyOf(workers);
        now = time;
        if (!isSame) {
            fireTableDataChanged();
        } else if (!rows.isEmpty()) {
            fireTableRowsUpdated(0, rows.size() - 1);
        }
    }

    private static List<String> keys(List<WorkerInfo> workers) {
        return workers.stream().map(WorkerTableModel::key).toList();
    }

    /** What stays the same for as long as it is the same worker. */
    static String key(WorkerInfo worker) {
        return worker.host() + " " + worker.pid() + " " + worker.environment();
    }

    WorkerInfo at(int row) {
        return rows.get(row);
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
            case STATE -> Words.of("WorkerTableModel.state");
            case OP -> Words.of("WorkerTableModel.op");
            case SINCE -> Words.of("WorkerTableModel.since");
            case MEMORY -> Words.of("WorkerTableModel.memory");
            case CPU -> Words.of("WorkerTableModel.cpu");
            case CALLS -> Words.of("WorkerTableModel.calls");
            case ENVIRONMENT -> Words.of("WorkerTableModel.environment");
            case PROGRAM -> Words.of("WorkerTableModel.program");
            default -> Words.of("WorkerTableModel.pid");
        };
    }

    @Override
    public Class<?> getColumnClass(int column) {
        return switch (column) {
            case SINCE, CPU -> Duration.class;
            case MEMORY, CALLS, PID -> Long.class;
            default -> String.class;
        };
    }

    @Override
    public Object getValueAt(int row, int column) {
        WorkerInfo worker = rows.get(row);
        return switch (column) {
            case STATE -> WorkerCells.state(worker);
            case OP -> WorkerCells.op(worker);
            case SINCE -> Duration.between(worker.since(), now);
            case MEMORY -> worker.memory().orElse(0);
            case CPU -> Duration.ofMillis((long) (worker.cpuSeconds().orElse(0) * 1000));
            case CALLS -> worker.callsDone();
            case ENVIRONMENT -> WorkerCells.environment(worker);
            case PROGRAM -> WorkerCells.program(worker);
            default -> worker.pid();
        };
    }
}

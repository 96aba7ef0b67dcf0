package org.alcove.gui;

import java.time.Duration;
import java.time.Instant;
import javax.swing.JTable;
import org.alcove.WorkerInfo;

/** How workers look in a table. */
final class WorkerCells {
    private static final int[] LETTERS = {14, 18, 8, 10, 8, 7, 22, 16, 9};

    private WorkerCells() {}

    /** A table of them that is sorted by who clicks on its columns. */
    static JTable table(WorkerTableModel model) {
        JTable table = new JTable(model);
        table.setName("workers");
        table.getAccessibleContext().setAccessibleName(Words.of("WorkerCells.table"));
        Dialogs.roomy(table);
        table.setShowVerticalLines(false);
        table.setAutoCreateRowSorter(true);
        table.getTableHeader().setReorderingAllowed(false);
        table.setDefaultRenderer(Duration.class, new TrailingCell(value -> Quantities.brief((Duration) value)));
        table.setDefaultRenderer(
                Instant.class, new TrailingCell(value -> Quantities.brief(Duration.between((Instant) value, Instant.now()))));
        table.setDefaultRenderer(Long.class, new TrailingCell(String::valueOf));
        table.getColumnModel().getColumn(WorkerTableModel.MEMORY).setCellRenderer(TrailingCell.ofBytes());
        table.getColumnModel().getColumn(WorkerTableModel.PID).setCellRenderer(new TrailingCell(WorkerCells::process));
        int letter = table.getFontMetrics(table.getFont()).charWidth('n');
        for (int column = 0; column < LETTERS.length; column++) {
            table.getColumnModel().getColumn(column).setPreferredWidth(LETTERS[column] * letter);
        }
        return table;
    }

    /** What it does, in a word or two. */
    static String state(WorkerInfo worker) {
        if (!worker.isResponsive()) {
            return Words.of("WorkerCells.silent");
        }
        return switch (worker.state()) {
            case STARTING -> Words.of("WorkerCells.starting");
            case IDLE -> Words.of("WorkerCells.idle");
            case BUSY -> Words.of("WorkerCells.busy");
            case STOPPING -> Words.of("WorkerCells.stopping");
            case GONE -> Words.of("WorkerCells.gone");
            case FAILED -> Words.of("WorkerCells.failed");
        };
    }

    /** The op that runs, or nothing. */
    static String op(WorkerInfo worker) {
        return worker.op().orElse("");
    }

    static String environment(WorkerInfo worker) {
        return worker.gpu()
                .map(gpu -> Words.of("WorkerCells.withGpu", worker.environment(), gpu))
                .orElse(worker.environment());
    }

    /** Whose worker it is. */
    static String program(WorkerInfo worker) {
        return worker.host() == ProcessHandle.current().pid()
                ? Words.of("WorkerCells.thisProgram")
                : Words.of("WorkerCells.otherProgram", String.valueOf(worker.host()));
    }

    /** A number that is a name: without a comma between thousands, and none where there is no process. */
    private static String process(Object pid) {
        return pid instanceof Long number && number > 0 ? String.valueOf(number) : "";
    }
}

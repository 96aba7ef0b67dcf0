package org.alcove.gui;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.alcove.WorkerInfo;

/** The workers as rows; {@link WorkerCells} says to people what stands in them. */
final class WorkerTableModel extends RowTableModel<WorkerInfo> {
    static final int STATE = 0;
    static final int OP = 1;
    static final int MEMORY = 3;
    static final int PROGRAM = 7;
    static final int PID = 8;

    WorkerTableModel() {
        super(List.of(
                Column.ofText(Words.of("WorkerTableModel.state"), WorkerCells::state),
                Column.ofText(Words.of("WorkerTableModel.op"), WorkerCells::op),
                new Column<>(Words.of("WorkerTableModel.since"), Instant.class, WorkerInfo::since),
                new Column<>(Words.of("WorkerTableModel.memory"), Long.class, worker -> worker.memory().orElse(0)),
                new Column<>(
                        Words.of("WorkerTableModel.cpu"),
                        Duration.class,
                        worker -> Duration.ofMillis((long) (worker.cpuSeconds().orElse(0) * 1000))),
                new Column<>(Words.of("WorkerTableModel.calls"), Long.class, WorkerInfo::callsDone),
                Column.ofText(Words.of("WorkerTableModel.environment"), WorkerCells::environment),
                Column.ofText(Words.of("WorkerTableModel.program"), WorkerCells::program),
                new Column<>(Words.of("WorkerTableModel.pid"), Long.class, WorkerInfo::pid)));
    }

    /** Those that are the same workers stay selected, whatever they do now. */
    @Override
    void show(List<WorkerInfo> workers) {
        if (keys(workers).equals(keys(all()))) {
            showAnew(workers);
        } else {
            super.show(workers);
        }
    }

    private static List<String> keys(List<WorkerInfo> workers) {
        return workers.stream().map(WorkerTableModel::key).toList();
    }

    /** What stays the same for as long as it is the same worker. */
    static String key(WorkerInfo worker) {
        return worker.host() + " " + worker.pid() + " " + worker.environment();
    }
}

package org.alcove.gui;

import static org.assertj.swing.core.matcher.JButtonMatcher.withText;
import static org.assertj.swing.finder.WindowFinder.findDialog;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import javax.swing.JDialog;
import javax.swing.JFrame;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.Workbench;
import org.alcove.WorkerInfo;
import org.assertj.swing.data.TableCell;
import org.assertj.swing.fixture.FrameFixture;
import org.assertj.swing.fixture.JTableFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of workers, with a real one that is watched and stopped. */
class WorkersPageTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    @RegisterExtension
    private final Display display = new Display();

    private WorkersPage page;

    @Test
    void aWorkerComesIsSeenAtItsWorkAndStopped() throws Exception {
        Alcove alcove = bench.open();
        Op op = bench.op(alcove, "wait", """
                import time
                from alcove import op

                @op
                def wait(seconds: float) -> float:
                    print("waiting here", flush=True)
                    time.sleep(seconds)
                    return seconds
                """);
        page = EventThread.ask(() -> new WorkersPage(alcove));
        FrameFixture window = show();
        JTableFixture table = window.table("workers");

        Call call = op.callAsync(Map.of("seconds", 600));
        Eventually.becomes("a row of the op", () -> row(table, "wait") >= 0);
        assertEquals("running", cell(table, "wait", WorkerTableModel.STATE));
        assertEquals("this one", cell(table, "wait", WorkerTableModel.PROGRAM));
        long pid = call.worker().orElseThrow();
        assertEquals(String.valueOf(pid), cell(table, "wait", WorkerTableModel.PID));
        window.button(withText("Stop…")).requireDisabled();
        table.selectRows(row(table, "wait"));
        Eventually.becomes("what it wrote", () -> window.textBox("lines").text().contains("waiting here"));
        Eventually.becomes("its memory", () -> cell(table, "wait", WorkerTableModel.MEMORY).endsWith("MB"));

        SwingTree.press(window.target(), "Stop…");
        SwingTree.press(findDialog(JDialog.class).withTimeout(60_000).using(display.robot()).target(), "Stop");

        assertEquals(ErrorKind.WORKER_DIED, assertThrows(AlcoveException.class, call::await).kind());
        Eventually.becomes("its end", () -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        Eventually.becomes("no row", () -> row(table, "wait") < 0);
        window.button(withText("Stop…")).requireDisabled();
    }

    @AfterEach
    void close() {
        if (page != null) {
            EventThread.run(page::close);
        }
    }

    @Test
    void aWorkerIsShownOnceThoughItsNumberWasAnotherWhenItStarted() {
        Instant started = Instant.ofEpochSecond(1_000_000, 123_456_789);
        WorkerInfo now = worker(12, WorkerInfo.State.IDLE, started);
        WorkerInfo written = worker(11, WorkerInfo.State.STARTING, started.truncatedTo(ChronoUnit.MILLIS));
        WorkerInfo other = worker(13, WorkerInfo.State.IDLE, started.plusSeconds(1));
        assertEquals(List.of(now, other), WorkersPage.together(List.of(now), List.of(written, other)));
    }

    private static WorkerInfo worker(long pid, WorkerInfo.State state, Instant started) {
        return new WorkerInfo(
                pid, 1, "cells", "ops", state, Optional.empty(), started, started, 0, OptionalLong.empty(),
                OptionalDouble.empty(), 1, Optional.empty(), true, List.of(), "");
    }

    private FrameFixture show() {
        JFrame frame = EventThread.ask(() -> {
            JFrame made = new JFrame("workers");
            made.add(page.component());
            made.setSize(900, 500);
            return made;
        });
        FrameFixture window = new FrameFixture(display.robot(), frame);
        window.show(new java.awt.Dimension(900, 500));
        EventThread.run(page::shown);
        return window;
    }

    /** Of the worker that runs an op; -1 while there is none. */
    private static int row(JTableFixture table, String op) {
        return EventThread.ask(() -> {
            for (int row = 0; row < table.target().getRowCount(); row++) {
                if (op.equals(table.target().getValueAt(row, WorkerTableModel.OP))) {
                    return row;
                }
            }
            return -1;
        });
    }

    private static String cell(JTableFixture table, String op, int column) {
        return table.valueAt(TableCell.row(row(table, op)).column(column));
    }
}

package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.Frame;
import java.awt.GraphicsEnvironment;
import java.awt.event.KeyEvent;
import java.util.Map;
import javax.swing.JDialog;
import javax.swing.JFrame;
import javax.swing.JTextField;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.Workbench;
import org.assertj.swing.core.BasicRobot;
import org.assertj.swing.core.Robot;
import org.assertj.swing.edt.GuiActionRunner;
import org.assertj.swing.fixture.FrameFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The window beside a call that takes long, clicked at. */
class RunWindowTest {
    private static final String OPS = """
            import time
            from alcove import op, progress

            @op
            def count(to: int) -> int:
                print("counting")
                for number in range(to):
                    progress(number / to, f"at {number}")
                    time.sleep(0.01)
                return to

            @op(grace=600)
            def stuck() -> None:
                print("stuck", flush=True)
                while True:
                    try:
                        time.sleep(1)
                    except BaseException:
                        pass
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Robot robot;
    private Alcove alcove;

    @BeforeEach
    void open() {
        assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        robot = BasicRobot.robotWithNewAwtHierarchy();
        alcove = bench.open();
    }

    @AfterEach
    void close() {
        if (robot != null) {
            robot.cleanUp();
        }
    }

    @Test
    void itShowsHowFarTheCallIsAndCancelsIt() throws Exception {
        Call call = bench.op(alcove, "count", OPS).callAsync(Map.of("to", 100_000));
        FrameFixture window = window(RunWindow.watch(alcove, call, "Count"));
        assertEquals("Count", window.target().getTitle());
        Eventually.becomes("progress", () -> window.label("headline").text().startsWith("at "));
        window.toggleButton("showLog").click();
        Eventually.becomes("the log", () -> window.textBox("log").text().contains("counting"));
        window.button("cancel").click();
        assertThrows(CancelledException.class, call::await);
        expectGone(window);
    }

    @Test
    void escapeCancelsToo() throws Exception {
        Call call = bench.op(alcove, "count", OPS).callAsync(Map.of("to", 100_000));
        FrameFixture window = window(RunWindow.watch(alcove, call, "Count"));
        window.button("cancel").pressAndReleaseKeys(KeyEvent.VK_ESCAPE);
        assertThrows(CancelledException.class, call::await);
        expectGone(window);
    }

    @Test
    void stopNowEndsTheWorkerAtOnce() throws Exception {
        Call call = bench.op(alcove, "stuck", OPS).callAsync(Map.of());
        FrameFixture window = window(RunWindow.watch(alcove, call, "Stuck"));
        Eventually.becomes("it runs", () -> !call.log().isEmpty());
        long worker = call.worker().orElseThrow();
        window.button("stop").click();
        Eventually.becomes("it has ended", () -> call.future().isDone());
        AlcoveException failure = assertThrows(AlcoveException.class, call::await);
        assertTrue(failure instanceof CancelledException || failure.kind() == ErrorKind.WORKER_DIED, failure.toString());
        Eventually.becomes("no worker", () -> ProcessHandle.of(worker).isEmpty());
        expectGone(window);
    }

    @Test
    void oneThatWaitsForItsTurnSaysSo() throws Exception {
        Alcove small = bench.open(bench.settings().workers(1));
        Op op = bench.op(small, "stuck", OPS);
        Call first = op.callAsync(Map.of());
        Eventually.becomes("it runs", () -> !first.log().isEmpty());
        Call second = op.callAsync(Map.of());
        FrameFixture window = window(RunWindow.watch(small, second, "Second"));
        Eventually.becomes("it is queued", () -> window.label("headline").text().startsWith("Waiting for its turn"));
        second.cancel();
        expectGone(window);
        small.workers().stop(first.worker().orElseThrow());
        assertThrows(AlcoveException.class, first::await);
    }

    @Test
    void itLeavesTheKeysToADialogThatIsBeingAnswered() throws Exception {
        Call call = bench.op(alcove, "count", OPS).callAsync(Map.of("to", 100_000));
        JTextField field = new JTextField(20);
        JDialog dialog = GuiActionRunner.execute(() -> {
            JDialog made = new JDialog((Frame) null, "Another command");
            made.add(field);
            made.pack();
            return made;
        });
        robot.showWindow(dialog);
        robot.focusAndWaitForFocusGain(field);
        FrameFixture window = window(RunWindow.watch(alcove, call, "Count"));
        window.requireVisible();
        robot.enterText("2.5");
        Eventually.becomes("what was typed", () -> field.getText().equals("2.5"));
        call.cancel();
        expectGone(window);
    }

    @Test
    void aShortCallShowsNone() throws Exception {
        Call call = bench.op(alcove, "count", OPS).callAsync(Map.of("to", 1));
        RunWindow window = RunWindow.watch(alcove, call, "Short");
        assertEquals(1, call.await().integer("result"));
        Eventually.becomes("closed", window::isClosed);
        window.open();
        robot.waitForIdle();
        assertFalse(robot.hierarchy().roots().stream().anyMatch(root -> "run".equals(root.getName()) && root.isShowing()));
    }

    private FrameFixture window(RunWindow window) {
        window.open();
        robot.waitForIdle();
        return new FrameFixture(robot, robot.finder().findByName("run", JFrame.class, true));
    }

    private static void expectGone(FrameFixture window) throws Exception {
        Eventually.becomes("the window is gone", () -> !window.target().isShowing());
    }
}

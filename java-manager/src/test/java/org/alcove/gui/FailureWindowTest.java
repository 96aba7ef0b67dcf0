package org.alcove.gui;

import static org.assertj.swing.finder.WindowFinder.findDialog;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Dialog;
import java.awt.Toolkit;
import java.awt.datatransfer.DataFlavor;
import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.swing.JDialog;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.assertj.swing.core.GenericTypeMatcher;
import org.assertj.swing.edt.GuiActionRunner;
import org.assertj.swing.fixture.DialogFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The windows of failures, clicked at. */
class FailureWindowTest {
    @RegisterExtension
    private final Display display = new Display();

    @TempDir
    private Path folder;

    @Test
    void itOpensTheFileAtTheLineAndCopiesAllOfIt() throws Exception {
        Path file = Files.writeString(folder.resolve("cells ü.py"), "\n");
        BlockingQueue<String> opened = new LinkedBlockingQueue<>();
        FailureWindow.Opener opener = (path, line) -> opened.add(path.getFileName() + ":" + line);
        FailureWindow.show(null, raised(file, 12), file, opener, "Segment failed");
        DialogFixture window = window("Segment failed");
        window.textBox("where").requireText("cells ü.py, line 12, in segment");
        window.textBox("message").requireText("ValueError: no");
        assertEquals(Dialog.ModalityType.MODELESS, window.target().getModalityType());

        SwingTree.press(window.target(), "Open File");
        assertEquals("cells ü.py:12", opened.poll(60, TimeUnit.SECONDS));

        SwingTree.press(window.target(), "Show Details");
        assertTrue(window.textBox("details").text().contains("Traceback"), "the traceback");
        SwingTree.press(window.target(), "Copy");
        Eventually.becomes("copied", () -> window.label("status").text().startsWith("Copied"));
        String copied = (String) Toolkit.getDefaultToolkit().getSystemClipboard().getData(DataFlavor.stringFlavor);
        assertTrue(copied.startsWith("cells ü.py, line 12, in segment\nValueError: no\n"), copied);
        assertTrue(copied.contains("Traceback") && copied.contains(file.toString()) && copied.contains("Alcove "), copied);

        window.pressAndReleaseKeys(KeyEvent.VK_ESCAPE);
        Eventually.becomes("closed", () -> open().isEmpty());
    }

    @Test
    void whatIsTooMuchToReadIsCounted() throws Exception {
        for (int i = 0; i < FailureWindow.MOST_WINDOWS; i++) {
            FailureWindow.show(null, died(i), null, null, "Op " + i);
            window("Op " + i);
        }
        FailureWindow.show(null, died(1), null, null, "Op 1");
        FailureWindow.show(null, died(1), null, null, "Op 1");
        Eventually.becomes("counted", () -> window("Op 1").label("counts").text().equals("This has happened 3 times."));
        FailureWindow.show(null, died(8), null, null, "Op 8");
        FailureWindow.show(null, died(9), null, null, "Op 9");
        String last = "Op " + (FailureWindow.MOST_WINDOWS - 1);
        Eventually.becomes("counted", () -> window(last).label("counts").text().equals("2 more failures are not shown."));
        assertEquals(FailureWindow.MOST_WINDOWS, open().size());

        SwingTree.press(window(last).target(), "Close");
        Eventually.becomes("closed", () -> open().size() == FailureWindow.MOST_WINDOWS - 1);
        FailureWindow.show(null, died(10), null, null, "Op 10");
        window("Op 10");
    }

    @Test
    void longWordsBreakAndTheWindowStaysOnTheScreen() {
        AlcoveException failure = new AlcoveException(
                ErrorKind.OP_FAILED, "ValueError: " + "/a/long/path/without/blanks".repeat(60), "x".repeat(3000), Map.of());
        FailureWindow.show(null, failure, null, null, "Long");

        DialogFixture window = window("Long");

        assertTrue(window.target().getWidth() < 1000, "as wide as others, not " + window.target().getWidth());
        assertTrue(window.target().getHeight() < 600, "no higher than people can see, not " + window.target().getHeight());
    }

    private static AlcoveException raised(Path file, int line) {
        return new AlcoveException(ErrorKind.OP_FAILED, "ValueError: no", null, Map.of(
                "traceback", "Traceback (most recent call last):\nValueError: no\n",
                "frames", List.of(Map.of("file", file.toString(), "line", (long) line, "function", "segment"))));
    }

    private static AlcoveException died(int number) {
        return new AlcoveException(ErrorKind.WORKER_DIED, "worker " + number + " died", null, Map.of());
    }

    private DialogFixture window(String title) {
        return findDialog(new GenericTypeMatcher<JDialog>(JDialog.class) {
            @Override
            protected boolean isMatching(JDialog dialog) {
                return dialog.isShowing() && title.equals(dialog.getTitle());
            }
        }).withTimeout(60_000).using(display.robot());
    }

    private static List<java.awt.Window> open() {
        return GuiActionRunner.execute(() ->
                Arrays.stream(java.awt.Window.getWindows()).filter(java.awt.Window::isShowing).toList());
    }
}

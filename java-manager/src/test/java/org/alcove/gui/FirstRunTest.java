package org.alcove.gui;

import static org.assertj.swing.core.matcher.JButtonMatcher.withText;
import static org.assertj.swing.finder.WindowFinder.findDialog;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.swing.JDialog;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Progress;
import org.alcove.Workbench;
import org.assertj.swing.fixture.DialogFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The question before the first download, by keyboard alone. */
class FirstRunTest {
    private static final Progress HALF_WAY = new Progress(Progress.Stage.TOOLBOX, OptionalDouble.of(0.5),
            "Downloading numpy: 8 of 16 MB, package 3 of 38",
            Map.of("done_bytes", 8_000_000L, "total_bytes", 16_000_000L, "done_packages", 2L, "total_packages", 38L));

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @RegisterExtension
    private final Display display = new Display();

    @Test
    void nothingIsMadeUnlessSomebodyAgreesAndAFailureCanBeTriedAgain() throws Exception {
        Path data = bench.folder().resolve("data ü");
        Alcove alcove = bench.open(bench.settings().dataDirectory(data));
        CompletableFuture<Boolean> refused = CompletableFuture.supplyAsync(() -> FirstRun.prepare(null, alcove));
        DialogFixture window = window();
        assertTrue(text(window).contains("about 100 MB"), text(window));
        assertTrue(text(window).contains(data.resolve("toolbox").toString()), text(window));
        window.pressAndReleaseKeys(KeyEvent.VK_ESCAPE);
        assertFalse(refused.get(60, TimeUnit.SECONDS));
        assertFalse(Files.exists(data.resolve("toolbox")), "nothing was begun");

        Files.writeString(data.resolve("toolbox"), "a file where the folder should be");
        CompletableFuture<Boolean> failing = CompletableFuture.supplyAsync(() -> FirstRun.prepare(null, alcove));
        press(KeyEvent.VK_ENTER, "Download");
        DialogFixture failed = window();
        Eventually.becomes("the failure", () -> failed.textBox("message").text().contains("could not be written"));
        press(KeyEvent.VK_SPACE, "Close");
        assertFalse(failing.get(60, TimeUnit.SECONDS));
    }

    @Test
    void progressIsShownAndEscapeCancelsAndASecondTrySucceeds() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch finish = new CountDownLatch(1);
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        show(listener -> {
            listener.accept(HALF_WAY);
            if (tries.incrementAndGet() == 1) {
                throw new AlcoveException(ErrorKind.ENVIRONMENT_FAILED, "no network", "look for it", Map.of());
            }
            await(finish);
        }, answer);
        press(KeyEvent.VK_ENTER, "Download");
        Eventually.becomes("the failure", () -> window().textBox("message").text().equals("No network"));
        press(KeyEvent.VK_ENTER, "Try Again");
        DialogFixture window = window();
        Eventually.becomes("bytes", () -> window.label("facts").text().contains("8.0 MB of 16 MB"));
        assertEquals("Downloading numpy", window.label("headline").text());
        finish.countDown();
        assertTrue(answer.get(60, TimeUnit.SECONDS));

        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        show(listener -> await(new CountDownLatch(1)), cancelled);
        press(KeyEvent.VK_ENTER, "Download");
        window().button(withText("Cancel")).focus();
        window().pressAndReleaseKeys(KeyEvent.VK_ESCAPE);
        assertFalse(cancelled.get(60, TimeUnit.SECONDS));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AlcoveException(ErrorKind.CANCELLED, "cancelled", null, Map.of());
        }
    }

    private void show(FirstRunDialog.Work work, CompletableFuture<Boolean> answer) {
        FirstRunText text = new FirstRunText(Map.of("To download:", "about 1 MB"), "Then more.", "");
        FirstRunDialog dialog = EventThread.ask(() -> new FirstRunDialog(null, text, work, answer));
        EventThread.run(dialog::show);
        answer.whenComplete((is, failure) -> EventThread.run(dialog::close));
    }

    /** Presses a key when a button has the focus, which it gets by itself where it is the first. */
    private void press(int key, String button) throws Exception {
        DialogFixture window = window();
        Eventually.becomes(button, () -> isShowing(window, button));
        window.button(withText(button)).focus();
        display.robot().pressAndReleaseKeys(key);
    }

    private static boolean isShowing(DialogFixture window, String button) {
        return EventThread.ask(() -> SwingTree.buttons(window.target()).contains(button));
    }

    private static String text(DialogFixture window) {
        return EventThread.ask(() -> String.join("\n", SwingTree.texts(window.target())));
    }

    private DialogFixture window() {
        return findDialog(JDialog.class).withTimeout(60_000).using(display.robot());
    }
}

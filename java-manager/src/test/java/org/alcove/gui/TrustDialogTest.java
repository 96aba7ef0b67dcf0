package org.alcove.gui;

import static org.assertj.swing.core.matcher.JButtonMatcher.withText;
import static org.assertj.swing.finder.WindowFinder.findDialog;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.swing.JDialog;
import org.alcove.Eventually;
import org.alcove.catalog.TrustQuestion;
import org.assertj.swing.fixture.DialogFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The question whether an op file may run, answered by keys and clicks. */
class TrustDialogTest {
    @RegisterExtension
    private final Display display = new Display();

    @TempDir
    private Path folder;

    @Test
    void onlyWhoSaysSoAgrees() throws Exception {
        CompletableFuture<Boolean> entered = ask(question(false));
        window().pressAndReleaseKeys(KeyEvent.VK_ENTER);
        assertFalse(entered.get(60, TimeUnit.SECONDS), "Enter is no agreement");

        CompletableFuture<Boolean> escaped = ask(question(false));
        window().pressAndReleaseKeys(KeyEvent.VK_ESCAPE);
        assertFalse(escaped.get(60, TimeUnit.SECONDS), "Escape is no agreement");

        CompletableFuture<Boolean> agreed = ask(question(true));
        DialogFixture window = window();
        SwingTree.press(window.target(), "View File");
        Eventually.becomes("the file", () -> window.textBox("content").text().contains("import os"));
        assertTrue(window.textBox("content").text().contains("# helper.py"), "the module, too");
        SwingTree.press(window.target(), "Run It");
        assertTrue(agreed.get(60, TimeUnit.SECONDS));
    }

    private TrustQuestion question(boolean changed) throws Exception {
        Path file = Files.writeString(folder.resolve("cells ü.py"), "import os\n");
        Path module = Files.writeString(folder.resolve("helper.py"), "x = 1\n");
        return new TrustQuestion(file, changed, List.of(module), List.of("numpy"), "0");
    }

    private static CompletableFuture<Boolean> ask(TrustQuestion question) {
        return CompletableFuture.supplyAsync(() -> TrustDialog.ask(null, question));
    }

    private DialogFixture window() {
        DialogFixture window = findDialog(JDialog.class).withTimeout(60_000).using(display.robot());
        window.button(withText("Don’t Run")).focus();
        return window;
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The thread that starts child processes: their end would be its own, where the kernel watches it. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @Test
    void itsThreadLivesAsLongAsWhatItStarted() throws Exception {
        Process one = Launcher.start(new ProcessBuilder("sleep", "1000"));
        Process two = Launcher.start(new ProcessBuilder("sleep", "1000"));
        Thread thread = thread().orElseThrow();
        one.destroyForcibly().waitFor();
        Process three = Launcher.start(new ProcessBuilder("sleep", "1000"));
        assertEquals(Optional.of(thread), thread());
        two.destroyForcibly().waitFor();
        three.destroyForcibly().waitFor();
        thread.join();
        Process four = Launcher.start(new ProcessBuilder("sleep", "1000"));
        assertNotEquals(Optional.of(thread), thread());
        four.destroyForcibly().waitFor();
        Eventually.becomes("no thread is left", () -> thread().isEmpty());
    }

    @Test
    void whatCannotBeStartedKeepsNoThread() throws Exception {
        assertThrows(IOException.class, () -> Launcher.start(new ProcessBuilder("/no such program ü")));
        Eventually.becomes("no thread is left", () -> thread().isEmpty());
    }

    @Test
    void whoeverIsInterruptedLeavesNoProcess() throws Exception {
        List<Long> before = children();
        Thread.currentThread().interrupt();
        assertThrows(IOException.class, () -> Launcher.start(new ProcessBuilder("sleep", "1000")));
        assertTrue(Thread.interrupted());
        Eventually.becomes("the process is gone", () -> thread().isEmpty() && children().equals(before));
    }

    private static Optional<Thread> thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("alcove-launcher"))
                .findFirst();
    }

    private static List<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
    }
}

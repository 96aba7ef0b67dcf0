package org.alcove;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A program that is run to its end on behalf of a call, whose cancel ends it with all that it started. */
record Command(List<String> line) {
    private static final int LAST_LINES = 50;

    /** How a program ended, and the last lines that it wrote to stdout or stderr. */
    record Result(int exitCode, List<String> lastLines) {}

    Result run(Call call, Consumer<String> onLine) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        Launch.removeForeign(builder.environment());
        Process process = Launcher.start(builder);
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            if (call.begin(() -> ProcessTree.kill(process))) {
                throw new CancelledException("cancelled");
            }
            for (String text; (text = reader.readLine()) != null; ) {
                if (last.size() == LAST_LINES) {
                    last.removeFirst();
                }
                last.addLast(text);
                onLine.accept(text.strip());
            }
            int exitCode = process.waitFor();
            if (call.isCancelled()) {
                throw new CancelledException("cancelled");
            }
            return new Result(exitCode, List.copyOf(last));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } finally {
            ProcessTree.kill(process);
        }
    }

    /** Waits a little; a cancelled or interrupted call does not go on. */
    static void pause(long milliseconds, Call call) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        }
        if (call.isCancelled()) {
            throw new CancelledException("cancelled");
        }
    }
}

package org.alcove;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A program that is run to its end on behalf of a call, whose cancel ends it with all that it started.
 *
 * @param line the program and its arguments
 * @param variables sets, changes and removes variables of its environment
 */
record Command(List<String> line, Consumer<Map<String, String>> variables) {
    private static final int LAST_LINES = 50;

    /** How a program ended, and the last lines that it wrote to stdout or stderr. */
    record Result(int exitCode, List<String> lastLines) {
        /** Why it failed: its last line that says so, else how it ended. */
        String reason() {
            for (int i = lastLines.size() - 1; i >= 0; i--) {
                String line = lastLines.get(i).strip();
                if (line.matches("(?i)(error|critical)\\b.*")) {
                    String text = line.replaceFirst("(?i)^(error|critical)\\s*:?\\s*(libmamba\\s+)?", "");
                    boolean goesOn = text.endsWith(":") && i + 1 < lastLines.size();
                    return goesOn ? text + " " + lastLines.get(i + 1).strip() : text;
                }
            }
            return ProcessExit.describe(exitCode);
        }
    }

    Result run(Call call, Consumer<String> onLine) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        Launch.removeForeign(builder.environment());
        variables.accept(builder.environment());
        ProcessTree tree = ProcessTree.start(builder, Launcher::start);
        Process process = tree.process();
        Deque<String> last = new ArrayDeque<>();
        Lines lines = new Lines(process);
        try {
            if (call.begin(tree::kill)) {
                throw new CancelledException("cancelled");
            }
            for (String text; (text = lines.next()) != null; ) {
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
            tree.kill();
        }
    }

    /**
     * What a process writes, until it has ended. The pipe may stay open for long after that: a child that a killed process
     * had just started has it, too.
     */
    private static final class Lines {
        private static final long MILLISECONDS_BETWEEN_LOOKS = 100;
        private static final int LOOKS_AFTER_END = 10;
        private final Process process;
        private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>(); // empty at the end

        Lines(Process process) {
            this.process = process;
            Thread thread = new Thread(this::read, "output of process " + process.pid());
            thread.setDaemon(true);
            thread.start();
        }

        private void read() {
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line; (line = reader.readLine()) != null; ) {
                    lines.add(Optional.of(line));
                }
            } catch (IOException e) {
                // Its end, too.
            }
            lines.add(Optional.empty());
        }

        /** The next line; null at the end. */
        String next() throws InterruptedException {
            for (int looks = 0; looks < LOOKS_AFTER_END; looks += process.isAlive() ? 0 : 1) {
                Optional<String> line = lines.poll(MILLISECONDS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
                if (line != null) {
                    return line.orElse(null);
                }
            }
            return null;
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

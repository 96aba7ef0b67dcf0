package org.alcove;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** The last lines of a worker's stderr. It is always drained, or the worker would block in a print. */
final class BoundedLog {
    private static final int MAX_LINES = 50;
    private static final int MAX_LINE_LENGTH = 1000;
    private static final int MAX_MESSAGE_LENGTH = 1 << 16;

    private final Deque<String> lines = new ArrayDeque<>();
    private final Predicate<String> hear;
    private final Thread drain;

    BoundedLog(InputStream stream, String name) {
        this(stream, name, line -> false);
    }

    /** {@code hear} gets each line, on the draining thread, and says whether it was a message, which is not kept. */
    BoundedLog(InputStream stream, String name, Predicate<String> hear) {
        this.hear = hear;
        drain = new Thread(() -> drain(stream), "alcove-stderr-" + name);
        drain.setDaemon(true);
        drain.start();
    }

    /** The last lines, oldest first. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The end of a sentence that says how a process ended: its last line, or nothing. */
    synchronized String lastWords() {
        return lines.isEmpty() ? "" : "; its last words: " + lines.getLast().strip();
    }

    void awaitEnd(long milliseconds) throws InterruptedException {
        drain.join(milliseconds);
    }

    private void drain(InputStream stream) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            // Character by character: readLine would collect gigabytes that have no newline.
            for (int next; (next = reader.read()) >= 0; ) {
                if (next == '\n') {
                    add(line.toString());
                    line.setLength(0);
                } else if (line.length() < MAX_MESSAGE_LENGTH) {
                    line.append((char) next);
                }
            }
            if (line.length() > 0) {
                add(line.toString());
            }
        } catch (IOException e) {
            // The pipe broke: the worker is dead.
        }
    }

    private void add(String line) {
        if (!hear.test(line)) {
            synchronized (this) {
                if (lines.size() == MAX_LINES) {
                    lines.removeFirst();
                }
                lines.addLast(line.substring(0, Math.min(line.length(), MAX_LINE_LENGTH)));
            }
        }
    }
}

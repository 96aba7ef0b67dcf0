package org.alcove;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The last lines of a process's stderr. It is always drained, or the process would block in a print; however much comes,
 * with newlines or without, little is kept.
 */
final class BoundedLog {
    private static final int MAX_LINES = 50;
    private static final int MAX_LINE_LENGTH = 1000;
    private static final int MAX_MESSAGE_BYTES = 1 << 16;
    private static final int CHUNK_BYTES = 1 << 16;
    private static final int MOST_LINES_OF_A_CHUNK = 2000;
    private static final String CRASH = "Fatal Python error:";

    private final Deque<Kept> lines = new ArrayDeque<>(); // guarded by this, as is the next
    private long call;
    private final Predicate<String> hear;
    private final Thread drain;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // these are the draining thread's
    private boolean wasReturn;

    /** A line, and the number of the call during which it came. */
    private record Kept(String text, long call) {}

    /** {@code hear} gets each line, on the draining thread, and says whether it was a message, which is not kept. */
    BoundedLog(InputStream stream, String name, Predicate<String> hear) {
        this.hear = hear;
        drain = new Thread(() -> drain(stream), "alcove-stderr-" + name);
        drain.setDaemon(true);
        drain.start();
    }

    /** The last lines, oldest first. */
    synchronized List<String> lines() {
        return lines.stream().map(Kept::text).toList();
    }

    /** Those that came since the last call began; where it wrote nothing, all that are known. */
    synchronized List<String> linesOfCall() {
        List<String> own = lines.stream().filter(each -> each.call == call).map(Kept::text).toList();
        return own.isEmpty() ? lines() : own;
    }

    /** The process begins with another call. */
    synchronized void nextCall() {
        call++;
    }

    /** The end of a sentence that says how a process ended: its last line, or nothing. */
    synchronized String lastWords() {
        List<String> all = lines();
        int last = all.size() - 1;
        // What Python writes of a crash by itself tells where it was, not why.
        for (int i = last; i >= 0; i--) {
            if (all.get(i).startsWith(CRASH)) {
                last = Math.max(0, i - 1);
            }
        }
        return all.isEmpty() ? "" : "; its last words: " + all.get(last).strip();
    }

    void awaitEnd(long milliseconds) throws InterruptedException {
        drain.join(milliseconds);
    }

    private void drain(InputStream stream) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (stream) {
            for (int count; (count = stream.read(chunk)) >= 0; ) {
                try {
                    take(chunk, count);
                } catch (OutOfMemoryError e) {
                    line.reset(); // a line less; but the process would block in a print if nobody read on
                }
            }
        } catch (IOException e) {
            // The pipe broke: the process is dead.
        }
        if (line.size() > 0) {
            endLine();
        }
    }

    /** A flood of tiny lines would keep everybody busy who hears of each: of its middle some are left out. */
    private void take(byte[] chunk, int count) {
        int leftOut = lines(chunk, count) - MOST_LINES_OF_A_CHUNK;
        if (leftOut <= 0) {
            take(chunk, 0, count);
            return;
        }
        int half = afterLine(chunk, 0, MOST_LINES_OF_A_CHUNK / 2);
        take(chunk, 0, half);
        tell("(" + leftOut + " lines left out)");
        take(chunk, afterLine(chunk, half, leftOut), count);
    }

    private static int lines(byte[] chunk, int count) {
        int lines = 0;
        for (int i = 0; i < count; i++) {
            lines += chunk[i] == '\n' ? 1 : 0;
        }
        return lines;
    }

    /** Where so many lines after the start have ended. */
    private static int afterLine(byte[] chunk, int start, int lines) {
        int position = start;
        for (int ended = 0; ended < lines; position++) {
            ended += chunk[position] == '\n' ? 1 : 0;
        }
        return position;
    }

    private void take(byte[] chunk, int from, int end) {
        int start = from;
        for (int i = from; i < end; i++) {
            byte next = chunk[i];
            if (next != '\n' && next != '\r' && !wasReturn) {
                continue;
            }
            append(chunk, start, i);
            if (next == '\n') {
                endLine();
            } else if (next != '\r') {
                line.reset(); // a bar of progress, drawn anew on the same line
            }
            wasReturn = next == '\r';
            start = next == '\n' || next == '\r' ? i + 1 : i;
        }
        append(chunk, start, end);
    }

    private void append(byte[] chunk, int start, int end) {
        int room = MAX_MESSAGE_BYTES - line.size(); // gigabytes may come without a newline
        line.write(chunk, start, Math.max(0, Math.min(room, end - start)));
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        tell(text);
    }

    private void tell(String text) {
        if (!hear.test(text)) {
            synchronized (this) {
                if (lines.size() == MAX_LINES) {
                    lines.removeFirst();
                }
                lines.addLast(new Kept(text.substring(0, Math.min(text.length(), MAX_LINE_LENGTH)), call));
            }
        }
    }
}

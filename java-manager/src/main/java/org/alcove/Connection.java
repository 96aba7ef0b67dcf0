package org.alcove;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/**
 * Lines to and from one worker. It knows streams, not processes. One thread always reads, or a large request and a
 * large reply would wait for each other for ever.
 */
final class Connection {
    /** What a connection tells its worker; called on the reading thread, if nothing else is said. */
    interface Listener {
        /** A well-formed message. */
        void received(Map<String, Object> message);

        /** Nothing more will come: the stream ended ({@code violation} is null), or what came was no protocol. */
        void ended(AlcoveException violation);

        /** The other side takes nothing any more. On the thread that sends; be quick. */
        default void unwritable() {}
    }

    private final InputStream input;
    private final OutputStream output;
    private final int maxLineBytes;
    private final Listener listener;
    private final Thread reader;

    Connection(InputStream input, OutputStream output, int maxLineBytes, String name, Listener listener) {
        this.input = input;
        this.output = output;
        this.maxLineBytes = maxLineBytes;
        this.listener = listener;
        this.reader = new Thread(this::readAll, "alcove-reader-" + name);
        this.reader.setDaemon(true);
    }

    void start() {
        reader.start();
    }

    /** Writes one whole line; lines of several threads do not mix. */
    void send(byte[] line) throws IOException {
        if (line.length > maxLineBytes) {
            throw new AlcoveException(
                    ErrorKind.MESSAGE_TOO_LARGE,
                    "a message of " + line.length + " bytes; the limit is " + maxLineBytes,
                    "pass large data as arrays",
                    Map.of("bytes", line.length, "limit", maxLineBytes));
        }
        try {
            synchronized (output) {
                output.write(line);
                output.flush();
            }
        } catch (IOException e) {
            listener.unwritable();
            throw e;
        }
    }

    /** Closes the worker's stdin, which is the order to stop. */
    void closeOutput() {
        try {
            output.close();
        } catch (IOException e) {
            // The worker is gone already.
        }
    }

    /** Waits until everything that the worker wrote was received. */
    void awaitEnd(long milliseconds) throws InterruptedException {
        reader.join(milliseconds);
    }

    private void readAll() {
        AlcoveException violation = null;
        try {
            readLines();
        } catch (IOException e) {
            // The pipe broke: the same as its end.
        } catch (AlcoveException e) {
            violation = e;
        } catch (RuntimeException | Error e) {
            // Whatever it was, calls wait, and this thread alone can tell that they wait for nothing.
            FullHeap.awaitRoom();
            violation = violation("a reply that makes no sense: " + e);
        }
        listener.ended(violation);
    }

    private void readLines() throws IOException {
        byte[] buffer = new byte[1 << 16];
        ByteArrayOutputStream partial = new ByteArrayOutputStream();
        for (int count; (count = input.read(buffer)) >= 0; ) {
            int start = 0;
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    if (partial.size() == 0) {
                        receive(buffer, start, i - start);
                    } else {
                        partial.write(buffer, start, i - start);
                        receive(partial.toByteArray(), 0, partial.size());
                        partial.reset();
                    }
                    start = i + 1;
                }
            }
            partial.write(buffer, start, count - start);
            if (partial.size() > maxLineBytes) {
                throw violation("a line longer than " + maxLineBytes + " bytes");
            }
        }
    }

    private void receive(byte[] bytes, int start, int length) {
        if (isBlank(bytes, start, length)) {
            return;
        }
        Object message;
        try {
            message = Json.parse(bytes, start, length);
        } catch (IOException e) {
            throw violation("a line that is not JSON: " + e.getMessage());
        }
        if (!(message instanceof Map<?, ?>) || !"2.0".equals(Tree.object(message).get("jsonrpc"))) {
            throw violation("a line that is no message");
        }
        listener.received(Tree.object(message));
    }

    private static boolean isBlank(byte[] bytes, int start, int length) {
        int i = start;
        while (i < start + length && (bytes[i] == '\r' || bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        return i == start + length;
    }

    static AlcoveException violation(String what) {
        return new AlcoveException(
                ErrorKind.PROTOCOL_VIOLATION, "the worker sent " + what, "the worker was stopped; the next call starts one");
    }
}

package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Lines to and from one worker. It knows streams, not processes. Somebody always reads, or a large request and a large reply
 * would wait for each other for ever: a thread of its own, and a caller in its place who waits for the only answer.
 */
final class Connection {
    private static final long MICROSECONDS_BEFORE_BLOCKING = 20;
    private static final long MICROSECONDS_IN_CALLERS = 100;

    /** What a connection tells its worker; called by whoever reads, if nothing else is said. */
    interface Listener {
        /** A well-formed message. */
        void received(Map<String, Object> message);

        /** Nothing more will come: the stream ended ({@code violation} is null), or what came was no protocol. */
        void ended(AlcoveException violation);

        /** Whether an answer is to come. While none is, nobody waits when what comes is read some milliseconds late. */
        default boolean awaitsAnswers() {
            return true;
        }

        /** The other side takes nothing any more. On the thread that sends; be quick. */
        default void unwritable() {}
    }

    private final InputStream input;
    private final OutputStream output;
    private final int maxLineBytes;
    private final Listener listener;
    private final Thread reader;
    private final ReaderPlace place;
    private final Polling beforeBlocking = new Polling(MICROSECONDS_BEFORE_BLOCKING);
    private final Polling inCallers = new Polling(MICROSECONDS_IN_CALLERS);
    private final byte[] buffer = new byte[1 << 16]; // this and the next are of whoever has the reader's place
    private final Lines lines;
    private Throwable failure; // what ended the reading

    Connection(InputStream input, OutputStream output, int maxLineBytes, String name, Listener listener) {
        this.input = input;
        this.output = output;
        this.maxLineBytes = maxLineBytes;
        this.listener = listener;
        this.reader = new Thread(this::readAll, "alcove-reader-" + name);
        this.reader.setDaemon(true);
        this.place = new ReaderPlace(reader);
        this.lines = new Lines(maxLineBytes, this::receive);
    }

    void start() {
        reader.start();
    }

    /** @throws AlcoveException {@link ErrorKind#MESSAGE_TOO_LARGE} */
    void requireSendable(byte[] line) {
        if (line.length > maxLineBytes) {
            throw new AlcoveException(
                    ErrorKind.MESSAGE_TOO_LARGE,
                    "a message of " + line.length + " bytes; the limit is " + maxLineBytes,
                    "pass large data as arrays",
                    Map.of("bytes", line.length, "limit", maxLineBytes));
        }
    }

    /** Writes whole lines, each of them {@link #requireSendable sendable}; those of several threads do not mix. */
    void send(byte[] lines) throws IOException {
        try {
            synchronized (output) {
                output.write(lines);
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
        try {
            readLines();
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        listener.ended(violation());
    }

    private void readLines() throws IOException {
        while (failure == null) {
            if (listener.awaitsAnswers() && beforeBlocking.isWorthwhile()) {
                beforeBlocking.ended(awaitInput(beforeBlocking.end()) > 0);
            }
            int count = input.read(buffer);
            if (count < 0) {
                return;
            }
            lines.take(buffer, count);
            letCallersRead();
        }
    }

    private void letCallersRead() {
        if (place.isWanted() && !listener.awaitsAnswers()) {
            place.leave();
            if (listener.awaitsAnswers()) {
                place.wake(); // somebody's request was sent between these two, who relies on this thread
            }
            place.rest();
        }
    }

    /** What ended the reading, if the other side is to blame. */
    private AlcoveException violation() {
        if (failure == null || failure instanceof IOException) {
            return null; // when the pipe broke, that is the same as its end
        } else if (failure instanceof AlcoveException violation) {
            return violation;
        }
        // Whatever it was, calls wait, and this thread alone can tell that they wait for nothing.
        FullHeap.awaitRoom();
        return violation("a reply that makes no sense: " + failure);
    }

    /** Somebody is about to wait for an answer who does not read. */
    void wakeReader() {
        place.wake();
    }

    /**
     * Reads on this thread instead of the reading one, until {@code done} or as long as it is worth to poll. Never blocks, so
     * that an interrupt, a cancel or the death of the worker find this thread where they always do: waiting for its call.
     */
    void readUntil(BooleanSupplier done) {
        if (!inCallers.isWorthwhile()) {
            place.wake();
        } else if (place.take()) {
            boolean isDone = false;
            try {
                isDone = readHere(done);
            } catch (IOException | RuntimeException | Error e) {
                failure = e; // for the reading thread to tell
            }
            place.giveBack(!isDone);
            if (isDone && listener.awaitsAnswers()) {
                place.wake(); // others wait, too
            }
        }
    }

    private boolean readHere(BooleanSupplier done) throws IOException {
        long end = inCallers.end();
        boolean isDone = done.getAsBoolean();
        for (int available; !isDone && (available = awaitInput(end)) > 0; isDone = done.getAsBoolean()) {
            // Not more than there is: else the stream looks whether there is more, which takes as long as reading.
            int count = input.read(buffer, 0, Math.min(available, buffer.length));
            if (count < 0) {
                return false; // the reading thread comes to the end, too
            }
            lines.take(buffer, count);
        }
        inCallers.ended(isDone);
        return isDone;
    }

    /** Polls for input; 0 when nothing has come at the end. */
    private int awaitInput(long end) throws IOException {
        int available;
        while ((available = input.available()) == 0 && System.nanoTime() - end < 0) {
            Thread.yield();
        }
        return available;
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

package org.alcove;

import java.io.ByteArrayOutputStream;

/** Puts lines together from what comes of a stream, in pieces of any length. */
final class Lines {
    private final int maxLineBytes;
    private final Consumer consumer;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

    /** Takes a line without its newline; the bytes are its own only until it returns. */
    interface Consumer {
        void accept(byte[] bytes, int start, int length);
    }

    Lines(int maxLineBytes, Consumer consumer) {
        this.maxLineBytes = maxLineBytes;
        this.consumer = consumer;
    }

    /**
     * Takes the first bytes of a buffer.
     *
     * @throws AlcoveException {@link ErrorKind#PROTOCOL_VIOLATION} for a line that is too long; and what the consumer throws
     */
    void take(byte[] buffer, int count) {
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (buffer[i] == '\n') {
                end(buffer, start, i - start);
                start = i + 1;
            }
        }
        partial.write(buffer, start, count - start);
        if (partial.size() > maxLineBytes) {
            throw Connection.violation("a line longer than " + maxLineBytes + " bytes");
        }
    }

    private void end(byte[] buffer, int start, int length) {
        if (partial.size() == 0) {
            consumer.accept(buffer, start, length);
        } else {
            partial.write(buffer, start, length);
            byte[] line = partial.toByteArray();
            partial.reset();
            consumer.accept(line, 0, line.length);
        }
    }
}

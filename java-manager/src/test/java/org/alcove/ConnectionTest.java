package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines in and out, without any process. */
class ConnectionTest {
    private static final int MAX_LINE_BYTES = 1 << 17;

    /** Remembers what it was told. */
    private static final class Listener implements Connection.Listener {
        final List<Map<String, Object>> messages = new ArrayList<>();
        final CompletableFuture<Optional<AlcoveException>> end = new CompletableFuture<>();

        @Override
        public void received(Map<String, Object> message) {
            messages.add(message);
        }

        @Override
        public void ended(AlcoveException violation) {
            end.complete(Optional.ofNullable(violation));
        }

        AlcoveException violation() throws Exception {
            return end.get(1, TimeUnit.MINUTES).orElse(null);
        }
    }

    /** A stream that hands out a few bytes at a time, as a pipe may. */
    private static InputStream inPieces(byte[] bytes, int size) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(length, size));
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1 << 16})
    void splitsLinesHoweverTheyArrive(int pieces) throws Exception {
        String first = message(1, "µ\uD83D\uDD2C\u2028");
        String text = first + "\n" + message(2, "") + "\r\n\n\r\n \n" + message(3, "x") + "\n";
        Listener listener = listen(inPieces(text.getBytes(UTF_8), pieces));
        assertNull(listener.violation());
        assertEquals(List.of(1L, 2L, 3L), ids(listener));
        assertEquals("µ\uD83D\uDD2C\u2028", listener.messages.get(0).get("text"));
    }

    @Test
    void readsALineThatIsAsLongAsAllowed() throws Exception {
        int rest = MAX_LINE_BYTES - message(1, "").length();
        Listener listener = listen(message(1, "x".repeat(rest)) + "\n" + message(2, "") + "\n");
        assertNull(listener.violation());
        assertEquals(List.of(1L, 2L), ids(listener));
    }

    @Test
    void refusesALineThatNeverEndsBeforeMemoryIsFull() throws Exception {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return ' ';
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                java.util.Arrays.fill(buffer, offset, offset + length, (byte) ' ');
                return length;
            }
        };
        assertTrue(listen(endless).violation().getMessage().contains("longer than " + MAX_LINE_BYTES));
    }

    @Test
    void ignoresHalfALineBeforeTheEnd() throws Exception {
        Listener listener = listen(message(1, "") + "\n{\"jsonrpc\": \"2.0\", \"id\"");
        assertNull(listener.violation());
        assertEquals(List.of(1L), ids(listener));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Hello, world",
                "[]",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}]",
                "1",
                "{}",
                "{\"id\":1,\"result\":{}}",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}",
                "\uFEFF{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":NaN}}"
            })
    void takesNothingAfterALineThatIsNoMessage(String line) throws Exception {
        Listener listener = listen(message(1, "") + "\n" + line + "\n" + message(2, "") + "\n");
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, listener.violation().kind());
        assertEquals(List.of(1L), ids(listener));
    }

    @Test
    void callsInvalidUtf8AViolation() throws Exception {
        byte[] line = message(1, "a").getBytes(UTF_8);
        line[line.length - 3] = (byte) 0xFF;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(line);
        bytes.write('\n');
        Listener listener = listen(new ByteArrayInputStream(bytes.toByteArray()));
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, listener.violation().kind());
    }

    @Test
    void takesABrokenPipeForTheEnd() throws Exception {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken pipe");
            }
        };
        assertNull(listen(broken).violation());
    }

    @Test
    void tellsOfTheEndWhateverAListenerThrows() throws Exception {
        for (Throwable thrown : List.of(new IllegalStateException("one"), new StackOverflowError("two"))) {
            CompletableFuture<AlcoveException> end = new CompletableFuture<>();
            connect(new ByteArrayInputStream((message(1, "") + "\n").getBytes(UTF_8)), OutputStream.nullOutputStream(),
                    new Connection.Listener() {
                        @Override
                        public void received(Map<String, Object> message) {
                            ConnectionTest.<RuntimeException>sneak(thrown);
                        }

                        @Override
                        public void ended(AlcoveException violation) {
                            end.complete(violation);
                        }
                    });
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, end.get(1, TimeUnit.MINUTES).kind());
        }
    }

    @Test
    void refusesToSendALineThatIsTooLong() {
        Connection connection = connect(InputStream.nullInputStream(), OutputStream.nullOutputStream(), new Listener());
        connection.requireSendable(new byte[MAX_LINE_BYTES]);
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> connection.requireSendable(new byte[MAX_LINE_BYTES + 1]));
        assertEquals(ErrorKind.MESSAGE_TOO_LARGE, failure.kind());
        assertEquals(MAX_LINE_BYTES + 1, failure.data().get("bytes"));
    }

    @Test
    void keepsLinesOfSeveralThreadsApart() throws Exception {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int one) {
                sent.write(one);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    sent.write(bytes[offset + i]);
                    Thread.yield();
                }
            }
        };
        Connection connection = connect(InputStream.nullInputStream(), slow, new Listener());
        List<Thread> threads = new ArrayList<>();
        for (char letter = 'a'; letter < 'e'; letter++) {
            byte[] line = (String.valueOf(letter).repeat(1000) + "\n").getBytes(UTF_8);
            threads.add(new Thread(() -> {
                try {
                    for (int i = 0; i < 20; i++) {
                        connection.send(line);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        Set<String> lines = new HashSet<>(List.of(sent.toString(UTF_8).split("\n")));
        assertEquals(4, lines.size(), "lines are mixed");
    }

    @Test
    void closesQuietlyWhenTheOtherSideIsGone() {
        OutputStream gone = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("broken pipe");
            }

            @Override
            public void close() throws IOException {
                throw new IOException("broken pipe");
            }
        };
        Connection connection = connect(InputStream.nullInputStream(), gone, new Listener());
        assertThrows(IOException.class, () -> connection.send(new byte[] {'\n'}));
        connection.closeOutput();
        connection.closeOutput();
    }

    private static String message(int id, String text) {
        return "{\"jsonrpc\": \"2.0\", \"id\": " + id + ", \"text\": \"" + text + "\", \"result\": {}}";
    }

    private static List<Object> ids(Listener listener) {
        return listener.messages.stream().map(message -> message.get("id")).toList();
    }

    private static Listener listen(String text) {
        return listen(new ByteArrayInputStream(text.getBytes(UTF_8)));
    }

    private static Listener listen(InputStream input) {
        Listener listener = new Listener();
        connect(input, OutputStream.nullOutputStream(), listener);
        return listener;
    }

    private static Connection connect(InputStream input, OutputStream output, Connection.Listener listener) {
        Connection connection = new Connection(input, output, MAX_LINE_BYTES, "test", listener);
        connection.start();
        return connection;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }
}

package org.alcove;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callers that take the place of the reading thread, without any process. */
class ConnectionReadingTest {
    private static final int MAX_LINE_BYTES = 1 << 16;

    private final Source source = new Source();
    private final BlockingQueue<Thread> readBy = new LinkedBlockingQueue<>();
    private final CompletableFuture<Optional<AlcoveException>> end = new CompletableFuture<>();
    private final AtomicInteger awaited = new AtomicInteger();
    private volatile Consumer<Map<String, Object>> onMessage = message -> {};
    private Connection connection;

    /** A pipe that never breaks. */
    private static final class Source extends InputStream {
        private final Deque<byte[]> pieces = new ArrayDeque<>();
        private boolean isClosed;

        synchronized void write(String text) {
            pieces.addLast(text.getBytes(US_ASCII));
            notifyAll();
        }

        @Override
        public synchronized void close() {
            isClosed = true;
            notifyAll();
        }

        @Override
        public synchronized int available() {
            return pieces.isEmpty() ? 0 : pieces.getFirst().length;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public synchronized int read(byte[] bytes, int offset, int length) {
            while (pieces.isEmpty() && !isClosed) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new AssertionError("nobody interrupts who reads", e);
                }
            }
            if (pieces.isEmpty()) {
                return -1;
            }
            byte[] piece = pieces.removeFirst();
            int count = Math.min(length, piece.length);
            System.arraycopy(piece, 0, bytes, offset, count);
            if (count < piece.length) {
                pieces.addFirst(java.util.Arrays.copyOfRange(piece, count, piece.length));
            }
            return count;
        }
    }

    @BeforeEach
    void open() {
        connection = new Connection(source, OutputStream.nullOutputStream(), MAX_LINE_BYTES, "test", new Connection.Listener() {
            @Override
            public void received(Map<String, Object> message) {
                onMessage.accept(message);
                awaited.decrementAndGet();
                readBy.add(Thread.currentThread());
            }

            @Override
            public void ended(AlcoveException violation) {
                end.complete(Optional.ofNullable(violation));
            }

            @Override
            public boolean awaitsAnswers() {
                return awaited.get() > 0;
            }
        });
        connection.start();
    }

    @AfterEach
    void close() {
        source.close();
    }

    /** Who reads a message that is there when a caller comes to read. */
    private Thread readerOf(String message) {
        int before = awaited.incrementAndGet();
        source.write(message + "\n");
        connection.readUntil(() -> awaited.get() < before);
        return reader();
    }

    private Thread reader() {
        try {
            Thread thread = readBy.poll(1, TimeUnit.MINUTES);
            assertTrue(thread != null, "nobody reads");
            return thread;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void letACallerRead() throws Exception {
        Eventually.becomes("a caller reads", () -> readerOf(message()) == Thread.currentThread());
    }

    private static String message() {
        return "{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {}}";
    }

    @Test
    void aCallerReadsWhatItWaitsForOnceOneHasComeToRead() throws Exception {
        assertTrue(readerOf(message()) != Thread.currentThread(), "the reading thread blocks in reading at first");
        letACallerRead();
        letACallerRead(); // and again
    }

    @Test
    void theThreadReadsAgainWhenNoCallerDoes() throws Exception {
        letACallerRead();
        source.write(message() + "\n");
        assertTrue(reader() != Thread.currentThread());
    }

    @Test
    void theThreadReadsWhatDoesNotComeAtOnce() throws Exception {
        letACallerRead();
        awaited.incrementAndGet();
        connection.readUntil(() -> false);
        source.write(message() + "\n");
        assertTrue(reader() != Thread.currentThread());
    }

    @Test
    void theThreadReadsForOthersWhenACallerHasItsAnswer() throws Exception {
        letACallerRead();
        awaited.addAndGet(2);
        source.write(message() + "\n");
        connection.readUntil(() -> awaited.get() < 2);
        reader();
        source.write(message() + "\n");
        assertTrue(reader() != Thread.currentThread());
    }

    @Test
    void aCallerReadsALineThatBeganBefore() throws Exception {
        Eventually.becomes("a caller reads the rest of a line", () -> {
            letACallerRead();
            String line = message();
            source.write(line.substring(0, 10)); // whoever may read it
            return readerOf(line.substring(10)) == Thread.currentThread();
        });
    }

    @Test
    void whatACallerReadsThatIsNoProtocolEndsTheConnection() throws Exception {
        letACallerRead();
        source.write("nonsense\n" + message() + "\n");
        connection.readUntil(() -> false);
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, end.get(1, TimeUnit.MINUTES).orElseThrow().kind());
        connection.readUntil(() -> false);
        assertNull(readBy.poll(), "nothing is read after that");
    }

    @Test
    void whatACallersMessageThrowsEndsTheConnection() throws Exception {
        letACallerRead();
        onMessage = message -> {
            throw new StackOverflowError("deep");
        };
        source.write(message() + "\n");
        connection.readUntil(() -> false);
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, end.get(1, TimeUnit.MINUTES).orElseThrow().kind());
    }

    @Test
    void theEndIsNoticedWhileCallersRead() throws Exception {
        letACallerRead();
        source.close();
        connection.readUntil(() -> false);
        assertEquals(Optional.empty(), end.get(1, TimeUnit.MINUTES));
    }

    @Test
    void anInterruptStaysWithTheThreadThatReads() throws Exception {
        letACallerRead();
        Thread.currentThread().interrupt();
        source.write(message() + "\n");
        connection.readUntil(() -> false);
        assertTrue(Thread.interrupted());
        reader();
    }

    /** Callers that read, and others, against a worker that answers at once or a little later. */
    @Test
    void everybodyGetsAnAnswerWhoeverReads() throws Exception {
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        Source answers = new Source();
        AtomicInteger wrong = new AtomicInteger();
        Requests[] requests = new Requests[1];
        Connection shared = new Connection(answers, hearing(asked), MAX_LINE_BYTES, "shared", new Connection.Listener() {
            @Override
            public void received(Map<String, Object> message) {
                requests[0].received(message, blocks -> {});
            }

            @Override
            public void ended(AlcoveException violation) {
                wrong.addAndGet(violation == null ? 0 : 1);
            }

            @Override
            public boolean awaitsAnswers() {
                return requests[0].awaitsAnswers();
            }
        });
        requests[0] = new Requests(shared, Runnable::run);
        shared.start();
        Thread worker = new Thread(() -> answer(asked, answers));
        worker.start();
        List<Thread> callers = List.of(
                new Thread(() -> ask(requests[0], shared, 1)), new Thread(() -> ask(requests[0], shared, 2)));
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join(60_000);
            assertTrue(!caller.isAlive(), "an answer did not come");
        }
        asked.add(0L);
        worker.join();
        answers.close();
        assertEquals(0, wrong.get());
    }

    private static OutputStream hearing(BlockingQueue<Long> asked) {
        return new OutputStream() {
            @Override
            public void write(int one) {}

            @Override
            public void write(byte[] line, int offset, int length) {
                try {
                    asked.add((Long) Tree.object(Json.parse(line, offset, length)).get("id"));
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    private static void answer(BlockingQueue<Long> asked, Source answers) {
        Random random = new Random(7);
        try {
            for (long id = asked.take(); id > 0; id = asked.take()) {
                long until = System.nanoTime() + random.nextInt(10) * random.nextInt(20_000); // some outlast the polling
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                answers.write("{\"jsonrpc\": \"2.0\", \"id\": " + id + ", \"result\": {}}\n");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void ask(Requests requests, Connection connection, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            boolean reads = random.nextInt(4) > 0;
            CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
            requests.send("call", json -> json.writeNull(), new Requests.Requester() {
                @Override
                public boolean isReadByCaller() {
                    return reads;
                }

                @Override
                public void succeeded(Map<String, Object> result) {
                    answer.complete(result);
                }

                @Override
                public void failed(AlcoveException failure) {
                    answer.completeExceptionally(failure);
                }
            }, () -> false, id -> {});
            if (reads) {
                connection.readUntil(answer::isDone);
            }
            answer.join();
        }
    }
}

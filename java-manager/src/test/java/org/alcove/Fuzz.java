package org.alcove;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Streams of any bytes, as if a worker had sent them while calls wait. Whatever comes, every call has one outcome, the
 * connection ends with the stream or by calling it a violation of the protocol, and nothing else is thrown.
 */
final class Fuzz implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 1 << 16;
    private static final long SECONDS_UNTIL_IT_HANGS = 60;

    /** What was found wrong, each with the stream that shows it. */
    final List<String> findings = new ArrayList<>();

    int streams;
    int violations;
    int succeeded;
    int failed;

    private final SharedMemory memory;
    private final Map<String, Block> blocks = new HashMap<>();

    Fuzz(Path memoryDirectory) {
        memory = SharedMemory.open(memoryDirectory);
        for (String name : List.of("b-0", "b-1")) {
            blocks.put(name, new Block(name, 4096, memoryDirectory.resolve(name), null));
        }
    }

    /** Somebody who waits, and decodes what comes as a call does. */
    private final class Requester implements Requests.Requester {
        private final Task task;
        private int outcomes;
        private AlcoveException failure;
        private Throwable thrown;

        Requester(Task task) {
            this.task = task;
        }

        @Override
        public void succeeded(Map<String, Object> result) {
            try {
                decode(task.outputs(result));
                outcomes++;
            } catch (AlcoveException violation) {
                throw violation;
            } catch (RuntimeException | Error e) {
                thrown = e;
                throw e;
            }
        }

        @Override
        public void failed(AlcoveException failure) {
            outcomes++;
            this.failure = failure;
        }
    }

    /** What was read can be written, and then reads the same. */
    private void decode(Map<String, Object> outputs) {
        Object value = Values.read(outputs, memory, blocks);
        try {
            byte[] written = Json.line(json -> Values.writePlain(json, value));
            Object again = Values.read(Json.parse(written), memory, blocks);
            Values.arraysIn(again).forEach(SharedArray::close);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("what was written cannot be read", e);
        } finally {
            Values.arraysIn(value).forEach(SharedArray::close);
        }
    }

    void stream(byte[] bytes) throws Exception {
        CompletableFuture<AlcoveException> ended = new CompletableFuture<>();
        Requests[] requests = new Requests[1];
        Connection connection = new Connection(
                new ByteArrayInputStream(bytes), OutputStream.nullOutputStream(), MAX_LINE_BYTES, "fuzz",
                new Connection.Listener() {
                    @Override
                    public void received(Map<String, Object> message) {
                        requests[0].received(message, forgotten -> {});
                    }

                    @Override
                    public void ended(AlcoveException violation) {
                        ended.complete(violation);
                    }
                });
        requests[0] = new Requests(connection, Runnable::run);
        ListedRows listed = new ListedRows(null, List.of("a"), Set.of(), List.of(List.of(1), List.of(2), List.of(3)));
        RowsTask rows = new RowsTask(Map.of(), List.of("a"), Map.of(), false, listed, listed);
        rows.next();
        List<Requester> waiting = List.of(
                new Requester(new Task.Run(Inputs.NONE)), new Requester(rows), new Requester(new Task.Run(Inputs.NONE)));
        for (Requester requester : waiting) {
            requests[0].send("call", json -> json.writeNull(), requester, () -> false, id -> {});
        }
        connection.start();
        try {
            AlcoveException violation = ended.get(SECONDS_UNTIL_IT_HANGS, TimeUnit.SECONDS);
            requests[0].workerGone(violation == null ? Connection.violation("the end") : violation);
            judge(bytes, violation, waiting);
        } catch (TimeoutException e) {
            find("it hangs", bytes);
        }
    }

    private void judge(byte[] bytes, AlcoveException violation, List<Requester> waiting) {
        streams++;
        if (violation != null) {
            violations++;
            if (violation.kind() != ErrorKind.PROTOCOL_VIOLATION || violation.getMessage().contains("makes no sense")) {
                find("ends with " + violation.kind() + ": " + violation.getMessage(), bytes);
            }
        }
        for (Requester requester : waiting) {
            if (requester.outcomes != 1) {
                find(requester.outcomes + " outcomes", bytes);
            } else if (requester.failure == null) {
                succeeded++;
            } else {
                failed++;
            }
            if (requester.thrown != null) {
                find("throws " + requester.thrown, bytes);
            }
        }
        if (blocks.values().stream().anyMatch(block -> block.users != 0)) {
            find("a block is still in use", bytes);
            blocks.values().forEach(block -> block.users = 0);
        }
    }

    private void find(String what, byte[] bytes) {
        findings.add(what + "\n    " + new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Override
    public String toString() {
        return streams + " streams: " + violations + " ended by a violation, " + succeeded + " calls succeeded, " + failed
                + " failed, " + findings.size() + " findings";
    }

    @Override
    public void close() {
        memory.close();
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A worker that says what a session has it say, to a real {@link Connection} and {@link Requests} over streams in memory,
 * and compares what they write with what the session's host sends.
 *
 * <p>The params of {@code call} and {@code map} are made as the library makes them: values are decoded and encoded again.
 * Where it refuses to, because no worker would take them, they are sent as they stand. Not driven, because this host never
 * says it: {@code send_text}, and the errors without an id that answer it. {@code initialize} is sent as it stands.
 */
final class PlayedWorker implements AutoCloseable, Connection.Listener {
    private static final long BLOCK_BYTES = 1 << 30;

    private final PipedOutputStream output = new PipedOutputStream();
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final BlockingQueue<Map<String, Object>> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<AlcoveException> ended = new CompletableFuture<>();
    private final Map<Long, Outcome> outcomes = new LinkedHashMap<>();
    private final Map<String, Object> captured = new HashMap<>();
    private final SharedMemory memory;
    private final Connection connection;
    private final Requests requests;
    private boolean gone;

    PlayedWorker(Path memoryDirectory) throws IOException {
        memory = SharedMemory.open(memoryDirectory);
        connection = new Connection(new PipedInputStream(output, 1 << 20), heard, Worker.MAX_LINE_BYTES, "played", this);
        requests = new Requests(connection, Runnable::run);
        connection.start();
    }

    /** What came of a request. */
    private static final class Outcome implements Requests.Requester {
        final CompletableFuture<Map<String, Object>> result = new CompletableFuture<>();
        final List<List<Object>> progress = new ArrayList<>();
        boolean unstarted;
        Task task;
        ListedRows rows;

        @Override
        public void succeeded(Map<String, Object> value) {
            result.complete(value);
        }

        @Override
        public void failed(AlcoveException failure) {
            assertTrue(result.completeExceptionally(failure), "a second outcome");
        }

        @Override
        public void unstarted(AlcoveException failure) {
            unstarted = true;
            failed(failure);
        }

        @Override
        public void progress(Double fraction, String message, Map<String, Object> details) {
            progress.add(java.util.Arrays.asList(fraction, message, details));
        }

        AlcoveException failure() {
            return (AlcoveException) result.handle((value, failure) -> failure).orTimeout(1, TimeUnit.MINUTES).join();
        }
    }

    @Override
    public void received(Map<String, Object> message) {
        requests.received(message, blocks -> {});
        received.add(message);
    }

    @Override
    public void ended(AlcoveException violation) {
        ended.complete(violation);
    }

    void play(List<Object> steps) throws Exception {
        for (Object step : steps) {
            Map<String, Object> members = Tree.object(step);
            if (members.containsKey("send")) {
                send(Tree.object(resolved(members.get("send"))));
            } else if (members.containsKey("receive")) {
                answer(members.get("receive"));
            } else if (members.containsKey("receive_any_order")) {
                for (Object pattern : Tree.list(members.get("receive_any_order"))) {
                    answer(pattern);
                }
            } else if (members.containsKey("exit")) {
                end();
            }
        }
        end();
        for (Map.Entry<Long, Outcome> request : outcomes.entrySet()) {
            assertTrue(request.getValue().result.isDone(), "request " + request.getKey() + " has no outcome");
        }
    }

    private void send(Map<String, Object> message) throws IOException {
        String method = (String) message.get("method");
        Map<String, Object> params = Tree.object(message.get("params"));
        heard.reset();
        if (method.equals("cancel")) {
            requests.cancel((Long) params.get("id"));
        } else if (!message.containsKey("id")) {
            requests.notify(method, raw(params));
        } else {
            Outcome outcome = new Outcome();
            Json.Writer writer = params(method, params, outcome);
            requests.send(method, writer, outcome, () -> false, id -> outcomes.put(id, outcome));
            if (gone) {
                assertTrue(outcome.unstarted, "a request to a worker that is gone");
                return;
            }
        }
        assertEquals(normal(message), normal(Json.parse(heard.toByteArray())));
    }

    private Json.Writer params(String method, Map<String, Object> params, Outcome outcome) {
        boolean isCall = method.equals("call") || method.equals("map");
        boolean isMap = params.get("columns") instanceof List<?> && params.get("rows") instanceof List<?>;
        if (!isCall || !(params.get("inputs") instanceof Map<?, ?>) || method.equals("map") && !isMap) {
            return raw(params);
        }
        try {
            Object adapt = params.getOrDefault("adapt", "lossless");
            Adaptation adaptation = Adaptation.valueOf(String.valueOf(adapt).toUpperCase(Locale.ROOT));
            String op = (String) params.get("op");
            outcome.task = method.equals("call") ? new Task.Run(inputs(params.get("inputs"))) : rows(params, outcome);
            return Worker.params(outcome.task, op, adaptation);
        } catch (AlcoveException | ClassCastException | IllegalArgumentException notFromThisHost) {
            return raw(params);
        }
    }

    private Inputs inputs(Object encoded) {
        Set<String> written = new LinkedHashSet<>();
        Tree.object(encoded).forEach((name, value) -> {
            if (Boolean.TRUE.equals(Tree.object(value).get("writable"))) {
                written.add(name);
            }
        });
        return new Inputs(Tree.object(decoded(encoded)), written);
    }

    private RowsTask rows(Map<String, Object> params, Outcome outcome) {
        List<List<Object>> rows = new ArrayList<>();
        for (Object row : Tree.list(params.get("rows"))) {
            rows.add(Tree.list((List<?>) decoded(row)));
        }
        Map<String, Object> common = Tree.object(decoded(params.get("inputs")));
        boolean stops = "stop".equals(params.getOrDefault("on_error", "stop"));
        List<String> columns = Tree.strings(params.get("columns"));
        outcome.rows = new ListedRows(memory, columns, Set.of(), rows);
        RowsTask task = new RowsTask(Map.of(), columns, common, stops, outcome.rows, outcome.rows);
        task.next();
        return task;
    }

    private Object decoded(Object encoded) {
        Map<String, Block> blocks = new HashMap<>();
        Values.blocksIn(encoded)
                .forEach(name -> blocks.put(name, new Block(name, BLOCK_BYTES, memory.directory().resolve(name), null)));
        return Values.read(encoded, memory, blocks);
    }

    private static Json.Writer raw(Object value) {
        return json -> writeRaw(json, value);
    }

    static void writeRaw(com.fasterxml.jackson.core.JsonGenerator json, Object value) throws IOException {
        if (value instanceof Map<?, ?> members) {
            json.writeStartObject();
            for (Map.Entry<String, Object> member : Tree.object(members).entrySet()) {
                json.writeFieldName(member.getKey());
                writeRaw(json, member.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof List<?> items) {
            json.writeStartArray();
            for (Object item : items) {
                writeRaw(json, item);
            }
            json.writeEndArray();
        } else {
            Values.writePlain(json, value);
        }
    }

    /** The worker says what fits the pattern, and whoever is concerned hears it. */
    private void answer(Object pattern) throws Exception {
        Map<String, Object> message = new LinkedHashMap<>(Map.of("jsonrpc", "2.0"));
        message.putAll(Tree.object(resolved(pattern)));
        if (!message.containsKey("method") && message.get("id") == null) {
            return; // to a line that this host never sends
        }
        output.write(Json.line(raw(message)));
        output.flush();
        Map<String, Object> taken = null;
        while (taken == null && !ended.isDone()) {
            taken = received.poll(10, TimeUnit.MILLISECONDS);
        }
        assertEquals(message, taken, () -> "what the host takes, not " + ended.getNow(null));
        if ("progress".equals(message.get("method"))) {
            checkProgress(Tree.object(message.get("params")));
        } else if (!message.containsKey("method")) {
            checkReply(message, outcomes.get(message.get("id")));
        }
    }

    private void checkProgress(Map<String, Object> params) {
        Outcome outcome = outcomes.get(params.get("id"));
        if (outcome != null && !outcome.result.isDone()) {
            List<Object> said = java.util.Arrays.asList(
                    Tree.decimal(params.get("fraction")),
                    params.getOrDefault("message", ""),
                    params.getOrDefault("details", Map.of()));
            assertEquals(said, outcome.progress.get(outcome.progress.size() - 1));
        }
    }

    private void checkReply(Map<String, Object> message, Outcome outcome) {
        AlcoveException failure = outcome.failure();
        if (message.get("error") == null) {
            assertNull(failure);
            Map<String, Object> result = outcome.result.join();
            assertEquals(message.get("result"), result);
            if (outcome.task != null) {
                decoded(outcome.task.outputs(result));
            }
            if (outcome.task instanceof RowsTask rows) {
                rows.take(new Outputs(Map.of()));
                checkRows(result, new Rows(rows.outputs(), outcome.rows.results(), rows.errors()));
            }
            return;
        }
        Map<String, Object> error = Tree.object(message.get("error"));
        Map<String, Object> data = Tree.object(error.get("data"));
        assertEquals(data.get("kind"), failure.kind().word());
        assertEquals(error.get("message"), failure.getMessage());
        if (failure.kind() != ErrorKind.CANCELLED) {
            data.forEach((name, value) -> assertEquals(value, failure.data().get(name), name));
        }
    }

    private void checkRows(Map<String, Object> result, Rows rows) {
        assertEquals(result.get("columns"), rows.columns());
        assertEquals(decoded(result.get("rows")), rows.rows());
        Map<String, Object> errors = Tree.object(result.get("errors"));
        assertEquals(errors.size(), rows.errors().size());
        rows.errors().forEach((row, failure) -> {
            Map<String, Object> data = Tree.object(Tree.object(errors.get(String.valueOf(row))).get("data"));
            assertEquals(data.get("kind"), failure.kind().word());
            assertEquals((long) row, failure.data().get("row"));
        });
    }

    /** The worker's stdout ends, and with it whatever waits: the oldest request fails, the others have not begun. */
    private void end() throws Exception {
        if (gone) {
            return;
        }
        gone = true;
        output.close();
        assertNull(ended.get(1, TimeUnit.MINUTES), "a violation");
        List<Outcome> waiting =
                outcomes.values().stream().filter(outcome -> !outcome.result.isDone()).toList();
        requests.workerGone(new AlcoveException(ErrorKind.WORKER_DIED, "as the session has it", null));
        for (int i = 0; i < waiting.size(); i++) {
            assertEquals(ErrorKind.WORKER_DIED, waiting.get(i).failure().kind());
            assertEquals(i > 0, waiting.get(i).unstarted);
        }
    }

    /** What has the same meaning said in one way: defaults are left out, axes have all their members. */
    private static Object normal(Object value) {
        if (value instanceof List<?> items) {
            return items.stream().map(PlayedWorker::normal).toList();
        } else if (!(value instanceof Map<?, ?>)) {
            return value;
        }
        Map<String, Object> members = new LinkedHashMap<>();
        Tree.object(value).forEach((name, item) -> members.put(name, normal(item)));
        members.remove("writable", false);
        members.remove("adapt", "lossless");
        members.remove("on_error", "stop");
        if (members.containsKey("axes") && "ndarray".equals(members.get("$type"))) {
            members.put("axes", Tree.list(members.get("axes")).stream().map(PlayedWorker::wholeAxis).toList());
        }
        return members;
    }

    private static Map<String, Object> wholeAxis(Object axis) {
        Map<String, Object> members = new LinkedHashMap<>(Map.of("type", "space", "scale", 1.0, "translation", 0.0));
        Tree.object(axis).forEach((name, value) ->
                members.put(name, value instanceof Long number ? (Object) number.doubleValue() : value));
        return members;
    }

    /** A pattern's example with the places filled in. */
    private Object resolved(Object pattern) {
        if (pattern instanceof String text) {
            return text.replace("{folder}", "/folder").replace("{ops}", "/folder/ops.py").replace("{memory}", "/memory")
                    .replace("{prefix}", "{host}-w1-").replace("{host}", "alcove-01234567");
        } else if (pattern instanceof List<?> items) {
            return items.stream().map(this::resolved).collect(ArrayList::new, List::add, List::addAll);
        } else if (!(pattern instanceof Map<?, ?>)) {
            return pattern;
        }
        Map<String, Object> members = Tree.object(pattern);
        if (members.containsKey("$any")) {
            return resolved(members.get("$any"));
        } else if (members.containsKey("$contains")) {
            return resolved(members.get("$contains"));
        } else if (members.containsKey("$capture")) {
            Object example = resolved(members.get("example"));
            captured.put((String) members.get("$capture"), example);
            return example;
        } else if (members.containsKey("$captured")) {
            String name = (String) members.get("$captured");
            assertTrue(captured.containsKey(name), "captured before: " + name);
            return captured.get(name);
        }
        Map<String, Object> filled = new LinkedHashMap<>();
        members.forEach((name, value) -> filled.put(name, resolved(value)));
        return filled;
    }

    @Override
    public void close() throws IOException {
        output.close();
        memory.close();
    }
}

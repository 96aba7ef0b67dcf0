package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many calls under way that one thread has begun without waiting. */
class FlightTest {
    private static final int MANY = 400;
    private static final int ENOUGH_TO_LEARN = 40;
    private static final String OPS = """
            import os, signal, time
            from pathlib import Path
            from alcove import op

            numbers = []

            @op
            def add(number: int, folder: Path, text: str = "") -> int:
                \"""Says as the how manieth it ran, counted from 0.\"""
                while (folder / "closed").exists():
                    time.sleep(0.002)
                if text == "stop":
                    os.kill(os.getpid(), signal.SIGSTOP)
                numbers.append(number)
                return len(numbers) - 1

            @op
            def begin() -> int:
                numbers.clear()
                return os.getpid()
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Path gate;
    private Op add;
    private Op begin;

    /** Ops whose worker is there and has learnt that they are short. */
    private void open(String source) throws Exception {
        Alcove alcove = bench.open();
        List<Op> ops = alcove.ops(bench.file("flight.py", source), Workbench.python());
        add = op(ops, "add").workers(1);
        begin = op(ops, "begin").workers(1);
        gate = bench.folder().resolve("closed");
        begin.call(Map.of()).close();
        for (int i = 0; i < ENOUGH_TO_LEARN; i++) {
            add.call(inputs(i, "")).close();
        }
        begin.call(Map.of()).close();
    }

    private static Op op(List<Op> ops, String name) {
        return ops.stream().filter(op -> op.name().equals(name)).findFirst().orElseThrow();
    }

    private Map<String, Object> inputs(int number, String text) {
        return Map.of("number", number, "folder", bench.folder(), "text", text);
    }

    private static Object result(Call call) {
        try (Outputs outputs = call.await()) {
            return outputs.get("result");
        }
    }

    @Test
    void aWorkerHasACallBeforeItsMethodReturns() throws Exception {
        open(OPS);
        Files.createFile(gate);
        Call call = add.callAsync(inputs(7, ""));
        assertTrue(call.worker().isPresent(), "no other thread is needed");
        Files.delete(gate);
        assertEquals(0L, result(call));
    }

    @Test
    void aThreadThatIsInterruptedCanBeginCalls() throws Exception {
        open(OPS);
        Thread.currentThread().interrupt();
        Call call = add.callAsync(inputs(7, ""));
        assertTrue(Thread.interrupted());
        assertEquals(0L, result(call));
    }

    @Test
    void callsOfOneThreadRunInTheirOrderHoweverTheyGoToTheWorker() throws Exception {
        open(OPS);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            calls.add(add.callAsync(inputs(i, i % 7 == 3 ? "long enough for a thread of its own".repeat(40) : "")));
        }
        expectInOrder(calls);
    }

    private static void expectInOrder(List<Call> calls) {
        List<Object> places = calls.stream().map(FlightTest::result).toList();
        assertEquals(LongStream.range(0, calls.size()).boxed().toList(), places);
    }

    /** If more was written than a pipe takes, this would wait for ever. */
    @Test
    void nobodyWaitsForAWorkerThatReadsNothing() throws Exception {
        open(OPS);
        String worker = String.valueOf(result(begin));
        List<Call> calls = new ArrayList<>(List.of(add.callAsync(inputs(0, "stop"))));
        for (int i = 1; i < MANY; i++) {
            calls.add(add.callAsync(inputs(i, "ü".repeat(600))));
        }
        while (!calls.get(0).future().isDone()) { // once may be too early
            new ProcessBuilder("kill", "-CONT", worker).start().waitFor();
        }
        expectInOrder(calls);
    }

    @Test
    void aChangeOfTheOpFileIsSeenByTheVeryNextCall() throws Exception {
        open(OPS);
        Object before = result(begin.callAsync(Map.of()));
        for (int i = 1; i <= 5; i++) {
            String changed = OPS.replace("return os.getpid()", "return " + i);
            for (int j = 0; j < 5; j++) {
                add.callAsync(inputs(j, "")).future().thenAccept(Outputs::close); // so that calls are under way
            }
            bench.file("flight.py", changed);
            assertEquals((long) i, i % 2 == 0 ? result(begin.callAsync(Map.of())) : result(begin));
        }
        bench.file("flight.py", OPS);
        assertEquals(before, result(begin.callAsync(Map.of())));
    }

    private static Object result(Op op) {
        try (Outputs outputs = op.call(Map.of())) {
            return outputs.get("result");
        }
    }

    @Test
    void aLineIsNeverLongerThanIsKnownBefore() {
        List<Object> values = new ArrayList<>(List.of(
                Long.MIN_VALUE, 0L, true, -Double.MAX_VALUE, -Double.MIN_VALUE, -1.2345678901234567e-300, Double.NaN,
                Double.NEGATIVE_INFINITY, "", "plain", "\"\\\n\u0000\u001f", "ü€\ud83d\ude00\ud800"));
        values.add(null);
        for (Object value : values) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (int i = 0; i < 9; i++) {
                members.put("input ü" + i, value);
            }
            Task task = new Task.Run(new Inputs(members, Set.of()));
            String op = "opérate";
            byte[] line = Json.line(json -> {
                json.writeStartObject();
                json.writeStringField("jsonrpc", "2.0");
                json.writeNumberField("id", Long.MAX_VALUE);
                json.writeStringField("method", task.method());
                json.writeFieldName("params");
                Worker.params(task, "0123456789ab:" + op, Adaptation.CONVERT).write(json);
                json.writeEndObject();
            });
            assertTrue(line.length <= task.bytes(op), value + ": " + line.length + " > " + task.bytes(op));
        }
        assertTrue(new Task.Run(new Inputs(Map.of("list", List.of(1L)), Set.of())).bytes("op")
                >= Errand.UNBOUNDED);
    }
}

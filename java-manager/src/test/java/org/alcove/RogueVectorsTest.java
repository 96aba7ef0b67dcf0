package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * The workers in {@code rogues/}, which lie in every way that one can. Whatever they say, the call ends, with the right
 * kind, and nothing is left: no process, thread or block.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the rogue is started by a shell script")
class RogueVectorsTest {
    private static final long GRACE = 5000;
    private static final Duration UNTIL_IT_HANGS = Duration.ofMinutes(1);

    @TestFactory
    Stream<DynamicTest> everyCallEndsAndNothingIsLeft() throws IOException {
        return Vectors.files("rogues", ".json").stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file)));
    }

    private static void play(Path file) throws Exception {
        Map<String, Object> script = Vectors.read(file);
        Workbench bench = new Workbench();
        bench.beforeEach(null);
        try {
            Path python = executable(bench, file);
            AlcoveException failure = outcome(() -> {
                if (script.containsKey("start_deadline")) {
                    start(bench, python);
                } else if ("two".equals(script.get("call"))) {
                    callTwice(bench, python);
                } else {
                    Alcove alcove = bench.open();
                    call(alcove, alcove.op(bench.file("op.py", ""), "op", EnvironmentSpec.existing(python)), script);
                }
            });
            checkKind(script.get("kind"), failure);
            if (failure != null) {
                checkFacts(script, failure);
            }
            if (script.containsKey("ends")) {
                Eventually.becomes("the rogue is gone", () -> ProcessHandle.current().children().findAny().isEmpty());
            }
        } finally {
            bench.afterEach(null);
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private static AlcoveException outcome(Attempt attempt) {
        return assertTimeoutPreemptively(UNTIL_IT_HANGS, () -> {
            try {
                attempt.run();
                return null;
            } catch (AlcoveException failure) {
                return failure;
            }
        });
    }

    private static void call(Alcove alcove, Op op, Map<String, Object> script) throws Exception {
        String how = String.valueOf(script.get("call"));
        if (how.equals("map")) {
            op.mapOrThrow(List.of("value"), List.of(List.of(1), List.of(2)), Map.of());
            return;
        } else if (how.equals("map_arrays")) {
            op.mapArraysOrThrow(Map.of("value", new long[] {1, 2}), Map.of()).close();
            return;
        } else if (how.equals("array")) {
            try (SharedArray array = alcove.allocate(DType.UINT8, List.of(), 4)) {
                call(op, Map.of("array", array), script);
            }
            return;
        }
        call(op, Map.of(), script);
    }

    private static void call(Op op, Map<String, Object> inputs, Map<String, Object> script) throws Exception {
        String how = String.valueOf(script.get("call"));
        Call call = op.callAsync(inputs);
        if (how.equals("cancel")) {
            call.onProgress(begun -> call.cancel());
        }
        try (Outputs outputs = call.await()) {
            if (script.containsKey("outputs")) {
                assertEquals(script.get("outputs"), outputs.asMap());
            }
        }
    }

    /** Straight to the worker: a pool sends one call behind another only when it knows them to be short. */
    private static void callTwice(Workbench bench, Path python) {
        try (SharedMemory memory = SharedMemory.open(bench.memoryDirectory());
                Host host = new Host(memory)) {
            Launch launch = new Launch(Environment.of("rogue", python), bench.folder(), "ops");
            Worker worker = Worker.begin(launch, Allotment.WHOLE, host, memory.prefix() + "-w1-").ready().join();
            Call[] calls = {new Call(host, "op", Inputs.NONE, null), new Call(host, "op", Inputs.NONE, null)};
            String op = worker.load(OpSource.file(bench.file("op.py", "")), "op", calls[0], GRACE);
            for (Call call : calls) {
                worker.run(new Task.Run(Inputs.NONE), op, Adaptation.LOSSLESS, call, GRACE, false, new Requests.Requester() {
                    @Override
                    public void succeeded(Map<String, Object> result) {
                        call.succeed(new Outputs(Map.of()));
                    }

                    @Override
                    public void failed(AlcoveException failure) {
                        call.fail(failure);
                    }
                });
            }
            AlcoveException ofFirst = assertThrows(AlcoveException.class, calls[0]::await);
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, ofFirst.kind());
            worker.gone().join();
            calls[1].await();
        }
    }

    private static void start(Workbench bench, Path python) {
        try (SharedMemory memory = SharedMemory.open(bench.memoryDirectory());
                Host host = new Host(memory)) {
            Launch launch = new Launch(Environment.of("rogue", python), bench.folder(), "ops");
            Worker.begin(launch, Allotment.WHOLE, host, memory.prefix() + "-w1-", 1).awaitReady();
        }
    }

    private static void checkKind(Object expected, AlcoveException failure) {
        Object kind = failure == null ? null : failure.kind().word();
        if (expected instanceof List<?> either) {
            assertTrue(either.contains(kind), () -> kind + " is none of " + either);
        } else {
            assertEquals(expected, kind, () -> "because of " + failure);
        }
    }

    /** Who dies is reported with last words and exit code, who lies with what one can do. */
    private static void checkFacts(Map<String, Object> script, AlcoveException failure) {
        List<Map<String, Object>> steps = Tree.list(script.get("steps")).stream().map(Tree::object).toList();
        boolean died = failure.kind() == ErrorKind.WORKER_DIED || failure.kind() == ErrorKind.START_FAILED;
        for (Map<String, Object> step : steps) {
            if (died && step.get("stderr") instanceof String words) {
                assertTrue(failure.getMessage().contains(words.strip()), failure.getMessage());
            }
            if (died && step.get("exit") instanceof Long code) {
                assertEquals(code.intValue(), failure.data().get("exit_code"));
            }
        }
        if (died || failure.kind() == ErrorKind.PROTOCOL_VIOLATION) {
            assertTrue(failure.hint().isPresent(), failure::toString);
        }
    }

    private static Path executable(Workbench bench, Path script) throws IOException {
        Path rogue = Vectors.FOLDER.resolve("rogue_worker.py");
        Path shell = Files.writeString(bench.folder().resolve("python"), "#!/bin/sh\nexec '"
                + PythonProgram.executable() + "' -S '" + rogue + "' '" + script + "'\n");
        assertTrue(shell.toFile().setExecutable(true));
        return shell;
    }
}

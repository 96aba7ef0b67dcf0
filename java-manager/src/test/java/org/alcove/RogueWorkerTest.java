package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that lie. Whatever they say, every call ends, with the right kind, and nothing is left. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the rogue is started by a shell script")
class RogueWorkerTest {
    private static final String PRELUDE = """
            import json, os, signal, sys, time

            def raw(line):
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()

            def send(**message):
                raw(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\\n")

            def read():
                line = sys.stdin.readline()
                if not line:
                    sys.exit()
                return json.loads(line)

            def initialize():
                message = read()
                send(id=message["id"], result={"protocol": 1, "worker": {}, "features": []})
                return message["params"]["memory"]

            def load():
                descriptor = {"id": "0123:op", "name": "op", "grace": 0.2, "inputs": [], "outputs": []}
                send(id=read()["id"], result={"ops": [descriptor]})

            def for_ever():
                sys.stdin.read()

            def array(block, **changes):
                return {"outputs": {"result": {"$type": "ndarray", "block": block, "offset": 0, "dtype": "uint8",
                                               "shape": [4], **changes}}}

            def block():
                name = memory["prefix"] + "0"
                with open(os.path.join(memory["directory"], name), "wb") as file:
                    file.write(b"abcd" * 1024)
                return name

            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void anHonestRogueIsBelieved() throws Exception {
        Op op = rogue("while True: send(id=read()['id'], result={'outputs': {'result': 1}})");
        for (int i = 0; i < 3; i++) {
            try (Outputs outputs = op.call(Map.of())) {
                assertEquals(1, outputs.integer("result"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "raw(b'Traceback: oh no\\n'); for_ever()",
                "raw(b'garbage\\n')", // and gone at once
                "raw(b'\\xff\\xfe\\n'); for_ever()",
                "raw(b'[]\\n'); for_ever()",
                "raw(b'{}\\n'); for_ever()",
                "raw(b' ' * (17 << 20)); for_ever()",
                "send(id=999, result={}); for_ever()",
                "send(id='3', result={}); for_ever()",
                "send(id=3.0, result={}); for_ever()",
                "send(id=True, result={}); for_ever()",
                "send(result={}); for_ever()",
                "send(id=None, error={'code': -32700, 'message': 'x', 'data': {'kind': 'parse_error'}}); for_ever()",
                "send(id=call['id'], result={'outputs': {'a': {'$type': 'moon'}}}); for_ever()",
                "send(id=call['id'], result={'outputs': {'a': {'$type': 'complex'}}}); for_ever()",
                "send(id=call['id'], result=array(None)); for_ever()",
                "send(id=call['id'], result=array('elsewhere-0')); for_ever()",
                "send(id=call['id'], result=array('../' + memory['prefix'] + '0')); for_ever()",
                "send(id=call['id'], result=array(memory['prefix'] + '99')); for_ever()",
                "send(id=call['id'], result=array(block(), shape=[5000])); for_ever()",
                "send(id=call['id'], result=array(block(), offset=4096)); for_ever()",
                "send(id=call['id'], result=array(block(), offset=-64)); for_ever()",
                "send(id=call['id'], result=array(block(), dtype='object')); for_ever()",
                "send(id=call['id'], result=array(block(), shape=[1 << 40, 1 << 40])); for_ever()",
            })
    void aLieEndsTheCallAndTheWorker(String lie) throws Exception {
        Op op = rogue("call = read(); " + lie);
        Call call = op.callAsync(Map.of());
        assertEquals(
                ErrorKind.PROTOCOL_VIOLATION,
                assertThrows(AlcoveException.class, call::await).kind());
        Eventually.becomes("the rogue is gone", () -> ProcessHandle.current().children().findAny().isEmpty());
    }

    @Test
    void aComplaintAboutTheHostFailsAllCallsAndTellsWhat() throws Exception {
        Op op = rogue("""
                for _ in range(3):
                    read()
                send(id=None, error={"code": -32700, "message": "line 3 is no JSON", "data": {"kind": "parse_error"}})
                for_ever()
                """);
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(op.callAsync(Map.of()));
        }
        for (Call call : calls) {
            AlcoveException failure = assertThrows(AlcoveException.class, call::await);
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind());
            assertTrue(failure.getMessage().contains("line 3 is no JSON"), failure.getMessage());
        }
    }

    @Test
    void theSecondOfTwoAnswersIsTheLie() throws Exception {
        Op op = rogue("""
                call = read()
                for answer in (1, 2):
                    send(id=call["id"], result={"outputs": {"result": answer}})
                for_ever()
                """);
        try (Outputs outputs = op.call(Map.of())) {
            assertEquals(1, outputs.integer("result"));
        }
        Eventually.becomes("the rogue is gone", () -> ProcessHandle.current().children().findAny().isEmpty());
    }

    @Test
    void halfALineIsNoAnswer() throws Exception {
        AlcoveException failure = fails(rogue("""
                call = read()
                print("farewell", file=sys.stderr, flush=True)
                raw(b'{"jsonrpc": "2.0", "id": 3, "result": {"outputs"')
                os._exit(9)
                """));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertEquals(9, failure.data().get("exit_code"));
        assertTrue(failure.getMessage().contains("farewell"), failure.getMessage());
    }

    @Test
    void anAnswerBeforeDeathCounts() throws Exception {
        Op op = rogue("send(id=read()['id'], result={'outputs': {'result': 7}}); os._exit(1)");
        try (Outputs outputs = op.call(Map.of())) {
            assertEquals(7, outputs.integer("result"));
        }
    }

    @Test
    void aWorkerThatClosesItsOutputIsOfNoUse() throws Exception {
        AlcoveException failure = fails(rogue("read(); os.close(1); for_ever()"));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.getMessage().contains("closed its output"), failure.getMessage());
    }

    @Test
    void progressThatMakesNoSenseIsHarmless() throws Exception {
        Op op = rogue("""
                call = read()
                for params in ({}, {"id": 99}, {"id": "x", "fraction": 2}, {"id": call["id"], "fraction": "half"},
                               {"id": call["id"], "fraction": None, "message": None}, [], None, 5):
                    send(method="progress", params=params)
                send(method="log", params={"id": None, "level": "info", "logger": "x", "message": "y"})
                send(method="surprise", params={"a": 1})
                send(method="forget", params={"blocks": ["a", 1, None]})
                send(id=call["id"], result={"outputs": {"result": 1}})
                for_ever()
                """);
        List<Progress> heard = new ArrayList<>();
        op.callAsync(Map.of()).onProgress(heard::add).await().close();
        assertTrue(heard.stream().allMatch(progress -> progress.fraction().isEmpty()), heard::toString);
    }

    @Test
    void anArrayWhoseBlockVanishesSaysSo() throws Exception {
        Op op = rogue("""
                send(id=read()["id"], result=array(block()))
                read()
                os._exit(0)
                """);
        Outputs outputs = op.call(Map.of());
        Files.delete(bench.memoryDirectory().resolve(outputs.array("result").block().name));
        assertEquals(
                ErrorKind.ARRAY_UNAVAILABLE,
                assertThrows(AlcoveException.class, () -> outputs.array("result").toBytes()).kind());
        // The next one finds a dead worker, whose blocks cannot be looked into any more.
        assertEquals(ErrorKind.WORKER_DIED, fails(op).kind());
        outputs.close();
    }

    @Test
    void aForeignWorkersBlockIsNotItsOwn() throws Exception {
        Alcove alcove = bench.open();
        Op honest = op(alcove, "send(id=read()['id'], result=array(block())); for_ever()");
        try (Outputs outputs = honest.call(Map.of())) {
            String name = outputs.array("result").block().name;
            Op thief = op(alcove, "send(id=read()['id'], result=array('" + name + "')); for_ever()");
            assertEquals(ErrorKind.PROTOCOL_VIOLATION, fails(thief).kind());
            assertArrayEquals(new byte[] {'a', 'b', 'c', 'd'}, outputs.array("result").toBytes());
        }
    }

    @Test
    void aFreeBlockOfTheHostsIsNobodysOutput() throws Exception {
        Alcove alcove = bench.open();
        SharedArray array = alcove.allocate(DType.UINT8, List.of(), 4);
        String name = array.block().name;
        array.close();
        Op thief = op(alcove, "send(id=read()['id'], result=array('" + name + "')); for_ever()");
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, fails(thief).kind());
    }

    @Test
    void itCannotMakeTheHostForgetItsOwnBlocks() throws Exception {
        Alcove alcove = bench.open();
        try (SharedArray array = alcove.allocate(DType.UINT8, List.of(), 4)) {
            String name = array.block().name;
            Op op = op(alcove, """
                    send(method="forget", params={"blocks": ["%s"]})
                    send(id=read()["id"], result=array("%s"))
                    for_ever()
                    """.formatted(name, name));
            try (Outputs outputs = op.call(Map.of("array", array))) {
                assertEquals(name, outputs.array("result").block().name);
            }
        }
    }

    @Test
    void requestsArriveInTheOrderOfTheirIds() throws Exception {
        Op op = rogue("""
                last = 2
                while True:
                    id = read()["id"]
                    send(id=id, result={"outputs": {"ordered": id > last}})
                    last = id
                """);
        List<Thread> threads = new ArrayList<>();
        List<Object> answers = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < 200; round++) {
                    try (Outputs outputs = op.call(Map.of("round", round))) {
                        answers.add(outputs.get("ordered"));
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1600, answers.size());
        assertFalse(answers.contains(false), "a later request came first");
    }

    @Test
    void itIsEndedThoughItListensToNothing() throws Exception {
        Op op = rogue("read(); time.sleep(1000)");
        Call call = op.callAsync(Map.of());
        call.cancel();
        assertInstanceOf(CancelledException.class, assertThrows(AlcoveException.class, call::await));
        rogue("signal.signal(signal.SIGTERM, signal.SIG_IGN); send(id=read()['id'], result={}); time.sleep(1000)")
                .call(Map.of())
                .close();
        bench.close();
        bench.expectNothingLeft();
    }

    @Test
    void aWorkerThatNeverSaysThatItIsThereFailsToStart() throws Exception {
        try (SharedMemory memory = SharedMemory.open(bench.memoryDirectory());
                Host host = new Host(memory)) {
            Launch launch = new Launch("rogue", executable("for_ever()"), null, bench.folder(), "ops");
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> Worker.start(launch, host, memory.prefix() + "-w1-", 1));
            assertEquals(ErrorKind.START_FAILED, failure.kind());
            assertTrue(failure.getMessage().contains("did not answer"), failure.getMessage());
            Eventually.becomes("it is gone", () -> ProcessHandle.current().children().findAny().isEmpty());
        }
    }

    @Test
    void aWorkerThatDiesAtOnceFailsToStartWithItsLastWords() throws Exception {
        String start = "print('no such library', file=sys.stderr); sys.exit(4)";
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op(bench.open(), start, ""));
        assertEquals(ErrorKind.START_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("no such library"), failure.getMessage());
        assertEquals(4, failure.data().get("exit_code"));
        assertTrue(failure.hint().isPresent());
    }

    @Test
    void anotherProtocolIsUnderstoodByNobody() {
        for (String answer : List.of(
                "send(id=read()['id'], result={'protocol': 2})",
                "send(id=read()['id'], result={})",
                "send(id=read()['id'], "
                        + "error={'code': -32008, 'message': 'no', 'data': {'kind': 'unsupported_protocol'}})")) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> op(bench.open(), answer + "; for_ever()", ""));
            assertEquals(ErrorKind.UNSUPPORTED_PROTOCOL, failure.kind());
        }
    }

    @Test
    void aProgramThatIsNoneFailsToStart() throws Exception {
        Path file = bench.file("op.py", "");
        Path text = bench.file("python", "no program");
        for (Path python : List.of(text, bench.folder().resolve("none"), bench.folder())) {
            AlcoveException failure = assertThrows(
                    AlcoveException.class, () -> bench.open().op(file, "op", EnvironmentSpec.existing(python)));
            assertEquals(ErrorKind.START_FAILED, failure.kind());
            assertTrue(failure.hint().isPresent());
        }
        assertEquals(Set.of(), bench.blocks());
    }

    private static AlcoveException fails(Op op) {
        return assertThrows(AlcoveException.class, () -> op.call(Map.of()));
    }

    private Op rogue(String behaviour) throws IOException {
        return op(bench.open(), behaviour);
    }

    private Op op(Alcove alcove, String behaviour) throws IOException {
        return op(alcove, "memory = initialize(); load()", behaviour);
    }

    private Op op(Alcove alcove, String start, String behaviour) throws IOException {
        return alcove.op(bench.file("op.py", ""), "op", EnvironmentSpec.existing(executable(start + "\n" + behaviour)));
    }

    private Path executable(String behaviour) throws IOException {
        Path folder = Files.createTempDirectory(bench.folder(), "rogue");
        Path program = Files.writeString(folder.resolve("rogue.py"), PRELUDE + behaviour);
        Path shell = Files.writeString(
                folder.resolve("python"), "#!/bin/sh\nexec '" + PythonProgram.executable() + "' '" + program + "'\n");
        assertTrue(shell.toFile().setExecutable(true));
        return shell;
    }
}

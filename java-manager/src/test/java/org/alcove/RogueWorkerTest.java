package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

/** Workers that lie: what takes several calls or managers to show. {@link RogueVectorsTest} has all that one call shows. */
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
                descriptor = {"id": "0123:op", "name": "op", "grace": 0.2, "outputs": []}
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
    void aComplaintAboutTheHostFailsTheCallAndTellsWhat() throws Exception {
        AlcoveException failure = fails(rogue("""
                read()
                send(id=None, error={"code": -32700, "message": "line 3 is no JSON", "data": {"kind": "parse_error"}})
                for_ever()
                """));
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind());
        assertTrue(failure.getMessage().contains("line 3 is no JSON"), failure.getMessage());
    }

    @Test
    void aWorkerThatClosesItsOutputIsOfNoUse() throws Exception {
        AlcoveException failure = fails(rogue("read(); os.close(1); for_ever()"));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.getMessage().contains("closed its output"), failure.getMessage());
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
    void anArrayThatALiarHadIsNeverUsedAgain() throws Exception {
        Alcove alcove = bench.open();
        Op liar = op(alcove, "send(id=read()['id'], result=7); for_ever()");
        SharedArray array = alcove.allocate(DType.UINT8, List.of(), 4);
        String name = array.block().name;
        assertEquals(
                ErrorKind.PROTOCOL_VIOLATION,
                assertThrows(AlcoveException.class, () -> liar.call(Map.of("array", array))).kind());
        array.close();
        try (SharedArray next = alcove.allocate(DType.UINT8, List.of(), 4)) {
            assertNotEquals(name, next.block().name, "the liar may still write to it");
        }
    }

    @Test
    void callsThatWaitBehindALieAreDoneByAnotherWorker() throws Exception {
        Op op = rogue("""
                while True:
                    id = read()["id"]
                    if id == 3 and not os.path.exists(sys.argv[0] + ".lied"):
                        open(sys.argv[0] + ".lied", "w").close()
                        time.sleep(0.1)
                        send(id=id, result=None)
                    else:
                        send(id=id, result={"outputs": {"result": 1}})
                """);
        List<Call> calls = List.of(op.callAsync(Map.of()), op.callAsync(Map.of()), op.callAsync(Map.of()));
        int lies = 0;
        for (Call call : calls) {
            try (Outputs outputs = call.await()) {
                assertEquals(1, outputs.integer("result"));
            } catch (AlcoveException failure) {
                assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind());
                lies++;
            }
        }
        assertTrue(lies == 1 || lies == 2, lies + ": the one that was answered, and maybe the next, which may have begun");
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

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One worker, from its start to its end, without a pool. */
class WorkerTest {
    private static final String OPS = """
            import os, subprocess, sys, time
            from pathlib import Path
            from alcove import op

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def variables() -> dict:
                return dict(os.environ)

            @op
            def spin(there: Path) -> int:
                there.touch()
                while True:
                    time.sleep(1)

            @op
            def eat(there: Path) -> int:
                food = bytearray(os.urandom(1 << 20) * 100)
                there.touch()
                while True:
                    time.sleep(1)
                return len(food)

            @op
            def lie(there: Path) -> int:
                for descriptor in range(3, 2048):
                    try:
                        os.write(descriptor, b"nonsense\\n")
                    except OSError:
                        pass
                while True:
                    time.sleep(1)

            @op
            def leave(there: Path) -> int:
                child = subprocess.Popen([sys.executable, "-S", "-c", '''
            import os, signal, time
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print("there", flush=True)
            time.sleep(1000)'''], stdout=subprocess.PIPE, env={})
                child.stdout.readline()
                there.write_text(str(child.pid))
                return child.pid
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private SharedMemory memory;
    private Host host;
    private OpSource source;
    private Path there;
    private final List<Worker> workers = new ArrayList<>();

    @BeforeEach
    void open() {
        memory = SharedMemory.open(bench.memoryDirectory());
        host = new Host(memory);
        source = OpSource.file(bench.file("ops ü.py", OPS));
        there = bench.folder().resolve("there ü");
    }

    @AfterEach
    void close() {
        workers.forEach(worker -> worker.stop().join());
        memory.close();
        host.close();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void itsNumberIsTheInterpretersBehindAWrapper() throws Exception {
        Path wrapper = bench.folder().resolve("wrapper ü");
        Files.writeString(wrapper, "#!/bin/sh\n'" + PythonProgram.executable() + "' \"$@\"\nexit $?\n");
        assertTrue(wrapper.toFile().setExecutable(true));
        Worker worker = begin(wrapper, Allotment.WHOLE).awaitReady();
        long pid = Tree.number(call(worker, "pid").get("result"), 0);
        assertEquals(pid, worker.pid());
        assertTrue(ProcessHandle.current().children().noneMatch(child -> child.pid() == pid), "there is no wrapper");
        stop(worker);
        assertEquals(Ending.STOPPED, worker.ending());
        assertFalse(ProcessTable.read().contains(pid));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatItHasStartedIsEndedThoughItIsDeafAndInASessionOfItsOwn() throws Exception {
        Worker worker = begin(Allotment.WHOLE).awaitReady();
        long child = Tree.number(call(worker, "leave", Map.of("there", there.toString())).get("result"), 0);
        assertTrue(ProcessTable.read().contains(child));
        stop(worker);
        assertFalse(ProcessTable.read().contains(child));
    }

    @Test
    void itCanBeStoppedWhileItStarts() throws Exception {
        Worker worker = begin(Allotment.WHOLE);
        stop(worker);
        ExecutionException failure = assertThrows(ExecutionException.class, () -> worker.ready().get(1, TimeUnit.MINUTES));
        assertInstanceOf(AlcoveException.class, failure.getCause());
        assertEquals(Ending.STOPPED, worker.ending());
    }

    @Test
    void whoeverIsInterruptedWhileItStartsHasEndedIt() throws Exception {
        Worker worker = begin(Allotment.WHOLE);
        Thread.currentThread().interrupt();
        assertThrows(CancelledException.class, worker::awaitReady);
        assertTrue(Thread.interrupted());
        worker.gone().get(1, TimeUnit.MINUTES);
        Thread.currentThread().interrupt();
        assertThrows(CancelledException.class, () -> Worker.begin(launch(), Allotment.WHOLE, host, prefix()));
        assertTrue(Thread.interrupted());
    }

    @Test
    void itEndsForManyReasons() throws Exception {
        assertEquals(Ending.CANCELLED, ending("spin", Call::cancel));
        assertEquals(Ending.DEADLINE, ending("spin", call -> call.cancel(
                new AlcoveException(ErrorKind.DEADLINE_EXCEEDED, "too long", "give it more time"))));
        assertEquals(Ending.LIED, ending("lie", call -> {}));
        assertEquals(Ending.STOPPED, ending("spin", call -> latest.stopOnRequest()));
        assertEquals(Ending.DIED, ending("spin",
                call -> ProcessHandle.of(latest.pid()).orElseThrow().destroyForcibly()));
        assertEquals(ErrorKind.WORKER_DIED, latest.failure().kind());
        assertEquals(latest.pid(), latest.failure().data().get("pid"));
        assertTrue(String.valueOf(latest.failure().data().get("op")).endsWith(":spin"), latest.failure().data()::toString);
        assertEquals("SIGKILL", latest.failure().data().get("signal"));
        Worker idle = begin(Allotment.WHOLE).awaitReady();
        assertNull(idle.ending());
        idle.retire();
        idle.gone().get(1, TimeUnit.MINUTES);
        assertEquals(Ending.RETIRED, idle.ending());
        Path broken = bench.folder().resolve("broken");
        Files.writeString(broken, "#!/bin/sh\nexit 7\n");
        assertTrue(broken.toFile().setExecutable(true));
        Worker never = begin(broken, Allotment.WHOLE);
        AlcoveException failure = assertThrows(AlcoveException.class, never::awaitReady);
        assertEquals(ErrorKind.START_FAILED, failure.kind());
        assertEquals(7, failure.data().get("exit_code"));
        assertEquals(Ending.START_FAILED, never.ending());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void tooMuchMemoryEndsIt() throws Exception {
        limit = 60L << 20;
        assertEquals(Ending.MEMORY, ending("eat", call -> {}));
        AlcoveException failure = latest.failure();
        assertEquals(ErrorKind.MEMORY_EXCEEDED, failure.kind());
        assertEquals(limit, failure.data().get("limit_bytes"));
        assertTrue(Tree.number(failure.data().get("used_bytes"), 0) > 100L << 20);
        assertTrue(failure.getMessage().contains("60"), failure.getMessage());
    }

    @Test
    void itsLibrariesAreToldWhatTheyGetAndWhatItUsesIsKnown() throws Exception {
        Worker worker = begin(new Allotment(3, "1,2", 0)).awaitReady();
        Map<String, Object> variables = Tree.object(call(worker, "variables").get("result"));
        assertEquals("3", variables.get("NUMBA_NUM_THREADS"));
        assertEquals("1,2", variables.get("CUDA_VISIBLE_DEVICES"));
        if (OS.LINUX.isCurrentOs()) {
            ProcessUsage usage = worker.usage();
            assertTrue(usage.memoryBytes() > 1 << 20 && usage.cpuSeconds() > 0, usage::toString);
            ProcessUsage seen = ProcessUsage.of(worker.pid(), memory.directory()).orElseThrow();
            assertTrue(seen.memoryBytes() > 1 << 20 && seen.memoryBytes() <= usage.memoryBytes(), seen::toString);
        }
        stop(worker);
        assertEquals(0, worker.usage().memoryBytes());
    }

    private Worker latest;
    private long limit;

    private interface Act {
        void on(Call call);
    }

    /** How a worker ends in which an op is busy to which something happens. */
    private Ending ending(String name, Act act) throws Exception {
        Files.deleteIfExists(there);
        latest = begin(new Allotment(0, null, limit)).awaitReady();
        Call call = new Call(host, name, Inputs.NONE, progress -> {});
        CompletableFuture<Map<String, Object>> answer = send(latest, call, name, Map.of("there", there.toString()));
        if (!name.equals("lie")) {
            Eventually.becomes("the op runs", () -> Files.exists(there));
        }
        act.on(call);
        latest.gone().get(1, TimeUnit.MINUTES);
        assertThrows(ExecutionException.class, answer::get);
        call.fail(latest.failure());
        return latest.ending();
    }

    private Map<String, Object> call(Worker worker, String name) throws Exception {
        return call(worker, name, Map.of());
    }

    private Map<String, Object> call(Worker worker, String name, Map<String, Object> inputs) throws Exception {
        Call call = new Call(host, name, Inputs.NONE, progress -> {});
        try {
            return Tree.object(send(worker, call, name, inputs).get(1, TimeUnit.MINUTES).get("outputs"));
        } finally {
            call.succeed(new Outputs(Map.of()));
        }
    }

    private CompletableFuture<Map<String, Object>> send(Worker worker, Call call, String name, Map<String, Object> inputs) {
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        String id = worker.load(source, name, call, 5000);
        worker.run(new Task.Run(new Inputs(new LinkedHashMap<>(inputs), Set.of())), id, Adaptation.LOSSLESS, call, 100, false,
                new Requests.Requester() {
                    @Override
                    public void succeeded(Map<String, Object> result) {
                        answer.complete(result);
                    }

                    @Override
                    public void failed(AlcoveException failure) {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer;
    }

    private Worker begin(Allotment allotment) {
        return begin(PythonProgram.executable(), allotment);
    }

    private Worker begin(Path python, Allotment allotment) {
        Worker worker = Worker.begin(launch(python), allotment, host, prefix());
        workers.add(worker);
        return worker;
    }

    private Launch launch() {
        return launch(PythonProgram.executable());
    }

    private static Launch launch(Path python) {
        return new Launch(Environment.of("tests", python), WorkerPackage.unpack(Workbench.dataDirectory()), "ops");
    }

    private String prefix() {
        return memory.prefix() + "-w" + workers.size() + "-";
    }

    private static void stop(Worker worker) throws Exception {
        worker.stop().get(1, TimeUnit.MINUTES);
        assertTrue(worker.gone().isDone());
    }
}

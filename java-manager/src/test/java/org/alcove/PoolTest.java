package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which worker gets which call, and how many there are. Real workers; each op waits for what the test says. */
class PoolTest {
    private static final String OPS = """
            import os, time
            from pathlib import Path
            from alcove import op

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def mark(folder: Path, name: str) -> int:
                \"""Says that it is there, and goes on when it may.\"""
                (folder / f"{name}.{os.getpid()}").touch()
                while not (folder / "go").exists() and not (folder / f"{name}.go").exists():
                    time.sleep(0.002)
                return os.getpid()

            @op
            def note(folder: Path, name: str, seconds: float = 0.0) -> int:
                with open(folder / "notes", "a") as notes:
                    notes.write(name + "\\n")
                time.sleep(seconds)
                return os.getpid()

            @op
            def variables() -> dict:
                return dict(os.environ)

            @op(gpu=True)
            def card(folder: Path, name: str) -> str:
                (folder / f"{name}.{os.getpid()}").touch()
                while not (folder / "go").exists() and not (folder / f"{name}.go").exists():
                    time.sleep(0.002)
                return os.environ.get("CUDA_VISIBLE_DEVICES", "none")

            @op(idempotent=True)
            def dies_at_first(folder: Path, times: int) -> int:
                with open(folder / "tries", "a") as tries:
                    tries.write("x")
                if len((folder / "tries").read_text()) <= times:
                    os._exit(3)
                return os.getpid()

            @op
            def dies(folder: Path) -> int:
                with open(folder / "tries", "a") as tries:
                    tries.write("x")
                os._exit(3)
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;
    private List<Op> ops;

    @Test
    void callsAtTheSameTimeHaveWorkersOfTheirOwnUpToTheLimit() throws Exception {
        open(bench.settings().workers(3));
        List<Call> calls = marked(5);
        Eventually.becomes("three run", () -> marks().size() == 3);
        assertEquals(3, pidsOf(marks()).size());
        go();
        Set<Long> pids = new HashSet<>();
        for (Call call : calls) {
            pids.add(result(call));
        }
        assertEquals(pids, pidsOf(marks()), "a fourth worker");
        assertEquals(3, pids.size());
    }

    @Test
    void oneCallAfterTheOtherHasTheSameWorkerThoughOthersAreThere() {
        open(bench.settings().workers(2));
        op("pid").warmUp(2);
        assertEquals(2, workers().size());
        long hottest = pid();
        for (int i = 0; i < 20; i++) {
            assertEquals(hottest, pid());
        }
    }

    @Test
    void warmingUpStartsNoMoreThanTheOpMayHave() {
        open(bench.settings().workers(2));
        op("pid").workers(1).warmUp(4);
        assertEquals(1, workers().size());
        op("pid").warmUp(4);
        assertEquals(2, workers().size());
    }

    @Test
    void anOpMayHaveFewerWorkersOrMoreThanUsual() throws Exception {
        open(bench.settings().workers(2));
        List<Call> calls = new ArrayList<>(marked(op("mark").workers(1), "few", 3));
        Eventually.becomes("one runs", () -> marks().size() == 1);
        calls.addAll(marked(op("mark").workers(3), "many", 3));
        Eventually.becomes("three run", () -> marks().size() == 3);
        go();
        calls.forEach(call -> call.await().close());
        assertEquals(3, pidsOf(marks()).size());
    }

    @Test
    void callersTakeTurnsHoweverManyCallsOneHasQueued() throws Exception {
        open(bench.settings().workers(1).queueLength(100));
        Op note = op("note");
        long pid = pid();
        List<Call> calls = marked(1);
        Eventually.becomes("it runs", () -> marks().size() == 1);
        for (int i = 0; i < 50; i++) {
            calls.add(note.onBehalfOf("greedy").callAsync(Map.of("folder", bench.folder(), "name", "greedy")));
        }
        Call modest = note.onBehalfOf("modest").callAsync(Map.of("folder", bench.folder(), "name", "modest"));
        Eventually.becomes("both wait", () -> PoolLook.waiting(alcove) == 51);
        go();
        assertEquals(pid, result(modest));
        calls.forEach(call -> call.await().close());
        int position = Files.readAllLines(bench.folder().resolve("notes")).indexOf("modest");
        assertTrue(position <= 2, "it came as number " + position);
    }

    @Test
    void aFullQueueHoldsUpItsCallerAlone() throws Exception {
        open(bench.settings().workers(1).queueLength(4));
        List<Call> calls = marked(1);
        Eventually.becomes("it runs", () -> marks().size() == 1);
        Op note = op("note").onBehalfOf("greedy");
        CompletableFuture<List<Call>> greedy = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            List<Call> queued = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                queued.add(note.callAsync(Map.of("folder", bench.folder(), "name", "greedy")));
            }
            greedy.complete(queued);
        });
        thread.start();
        Eventually.becomes("four wait", () -> PoolLook.waiting(alcove) == 4);
        Eventually.becomes("it waits for room", () -> thread.getState() == Thread.State.WAITING);
        assertEquals(4, PoolLook.waiting(alcove));
        calls.add(op("note").callAsync(Map.of("folder", bench.folder(), "name", "modest")));
        go();
        calls.addAll(greedy.get(1, TimeUnit.MINUTES));
        calls.forEach(call -> call.await().close());
    }

    @Test
    void whoWaitsForRoomCanBeInterrupted() throws Exception {
        open(bench.settings().workers(1).queueLength(1));
        List<Call> calls = marked(1);
        Eventually.becomes("it runs", () -> marks().size() == 1);
        CompletableFuture<AlcoveException> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> outcome.complete(assertThrows(AlcoveException.class, () -> marked(5))));
        thread.start();
        Eventually.becomes("it waits for room", () -> thread.getState() == Thread.State.WAITING);
        thread.interrupt();
        assertEquals(ErrorKind.CANCELLED, outcome.get(1, TimeUnit.MINUTES).kind());
        go();
        calls.forEach(call -> call.await().close());
    }

    @Test
    void aCallThatWaitsInTheQueueIsCancelledAtOnce() throws Exception {
        open(bench.settings().workers(1));
        List<Call> calls = marked(3);
        Eventually.becomes("one runs", () -> marks().size() == 1);
        Eventually.becomes("the others wait", () -> PoolLook.waiting(alcove) == 2);
        calls.get(2).cancel();
        assertThrows(CancelledException.class, calls.get(2)::await);
        assertFalse(calls.get(0).future().isDone());
        go();
        assertEquals(result(calls.get(0)), result(calls.get(1)));
    }

    @Test
    void workersThatHaveNothingToDoLeave() throws Exception {
        open(bench.settings().workers(2).idleTime(Duration.ofMillis(100)));
        op("pid").warmUp(2);
        Set<Long> before = workers();
        Eventually.becomes("nobody is there", () -> workers().isEmpty());
        assertFalse(before.contains(pid()));
    }

    @Test
    void anOpThatMayBeRunTwiceIsRepeatedOnceAfterItsWorkerDied() throws Exception {
        open(bench.settings().workers(1));
        Op dies = op("dies_at_first");
        assertTrue(result(dies.callAsync(Map.of("folder", bench.folder(), "times", 1))) > 0);
        assertEquals(2, Files.size(tries()));
        Files.delete(tries());
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> dies.call(Map.of("folder", bench.folder(), "times", 9)));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertEquals(2, Files.size(tries()));
        Files.delete(tries());
        assertThrows(AlcoveException.class, () -> op("dies").call(Map.of("folder", bench.folder())));
        assertEquals(1, Files.size(tries()), "nobody said that this may be repeated");
    }

    @Test
    void afterTooManyDeathsCallsAreRefusedUntilSomebodyResetsIt() throws Exception {
        open(bench.settings().workers(1));
        Map<String, Object> inputs = Map.of("folder", bench.folder());
        for (int i = 0; i < 6; i++) {
            assertThrows(AlcoveException.class, () -> op("dies").call(inputs));
        }
        assertEquals(6, Files.size(tries()));
        Eventually.becomes("it has failed", () -> failedEnvironment().isPresent()); // soon after the call has
        AlcoveException refusal = assertThrows(AlcoveException.class, () -> op("dies").call(inputs));
        assertTrue(refusal.getMessage().contains("6 times"), refusal.getMessage());
        assertEquals(6, Files.size(tries()), "a refused call was run");
        assertTrue(alcove.workers().reset(failedEnvironment().orElseThrow()));
        assertNotEquals(0, pid());
    }

    @Test
    void aWorkerGetsItsShareOfTheCores() {
        int cores = java.lang.Runtime.getRuntime().availableProcessors();
        open(bench.settings().workers(cores));
        assertEquals("1", threads(op("variables")));
        alcove.close();
        open(bench.settings().workers(1));
        assertEquals(String.valueOf(cores), threads(op("variables")));
        alcove.close();
        open(bench.settings());
        assertEquals(System.getenv("OMP_NUM_THREADS"), threads(op("variables")), "one that is alone is not confined");
    }

    @Test
    void opsThatUseAGraphicsCardRunOneAtATimeOnEach() throws Exception {
        open(bench.settings().workers(4).gpus(List.of("0", "7")));
        Op elsewhere = alcove.ops(bench.folder().resolve("pool.py"), bench.otherPython()).stream()
                .filter(op -> op.name().equals("card"))
                .findFirst()
                .orElseThrow();
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            calls.add(op("card").callAsync(Map.of("folder", bench.folder(), "name", "here" + i)));
        }
        Eventually.becomes("one runs on each card", () -> marks().size() == 2);
        elsewhere.warmUp();
        Call other = elsewhere.callAsync(Map.of("folder", bench.folder(), "name", "there"));
        assertNotEquals(0, pid(), "who uses none need not wait");
        assertEquals(2, marks().size());
        Files.createFile(bench.folder().resolve("here0.go"));
        Eventually.becomes("the card is used again", () -> marks().size() == 3);
        go();
        Set<String> cards = new HashSet<>();
        for (Call call : calls) {
            cards.add(text(call));
        }
        assertEquals(Set.of("0", "7"), cards);
        assertTrue(cards.contains(text(other)));
    }

    @Test
    void describingAnOpFileWaitsForNoOpThatRuns() throws Exception {
        open(bench.settings().workers(1));
        List<Call> calls = marked(1);
        Eventually.becomes("it runs", () -> marks().size() == 1);
        Op other = bench.op(alcove, "other", "from alcove import op\n\n@op\ndef other() -> int:\n    return 1\n");
        assertEquals("other", other.name());
        assertFalse(calls.get(0).future().isDone());
        go();
        calls.get(0).await().close();
        Eventually.becomes("the extra worker has left", () -> workers().size() == 1);
    }

    @Test
    void manyCallsAreNotManyThreads() throws Exception {
        open(bench.settings().workers(1));
        List<Call> calls = marked(1);
        Eventually.becomes("it runs", () -> marks().size() == 1);
        int before = Workbench.threads().size();
        calls.addAll(marked(200));
        Eventually.becomes("they wait", () -> PoolLook.waiting(alcove) == 200);
        assertTrue(Workbench.threads().size() <= before + 3, Workbench.threads()::toString);
        go();
        calls.forEach(call -> call.await().close());
    }

    private void open(Settings settings) {
        alcove = bench.open(settings);
        ops = alcove.ops(bench.file("pool.py", OPS), Workbench.python());
    }

    private Op op(String name) {
        return ops.stream().filter(op -> op.name().equals(name)).findFirst().orElseThrow();
    }

    private List<Call> marked(int count) {
        return marked(op("mark"), "call", count);
    }

    private List<Call> marked(Op op, String name, int count) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(op.callAsync(Map.of("folder", bench.folder(), "name", name + i)));
        }
        return calls;
    }

    /** What the calls that run or ran left: name.pid. */
    private Set<String> marks() throws Exception {
        try (var files = Files.list(bench.folder())) {
            Set<String> names = new HashSet<>();
            files.map(file -> file.getFileName().toString()).filter(name -> name.matches(".*\\.[0-9]+")).forEach(names::add);
            return names;
        }
    }

    private static Set<Long> pidsOf(Set<String> marks) {
        Set<Long> pids = new HashSet<>();
        marks.forEach(mark -> pids.add(Long.parseLong(mark.substring(mark.lastIndexOf('.') + 1))));
        return pids;
    }

    private void go() throws Exception {
        Files.createFile(bench.folder().resolve("go"));
    }

    private Path tries() {
        return bench.folder().resolve("tries");
    }

    private Set<Long> workers() {
        Set<Long> pids = new HashSet<>();
        alcove.workers().list().stream()
                .filter(worker -> worker.state() == WorkerInfo.State.IDLE || worker.state() == WorkerInfo.State.BUSY)
                .forEach(worker -> pids.add(worker.pid()));
        return pids;
    }

    private Optional<String> failedEnvironment() {
        return alcove.workers().list().stream()
                .filter(worker -> worker.state() == WorkerInfo.State.FAILED)
                .map(WorkerInfo::environment)
                .findFirst();
    }

    private long pid() {
        try (Outputs outputs = op("pid").call(Map.of())) {
            return outputs.integer("result");
        }
    }

    private static long result(Call call) {
        try (Outputs outputs = call.await()) {
            return outputs.integer("result");
        }
    }

    private static String text(Call call) {
        try (Outputs outputs = call.await()) {
            return outputs.text("result");
        }
    }

    private static String threads(Op variables) {
        try (Outputs outputs = variables.call(Map.of())) {
            Object threads = ((Map<?, ?>) outputs.get("result")).get("OMP_NUM_THREADS");
            return threads == null ? null : threads.toString();
        }
    }
}

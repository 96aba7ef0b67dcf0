package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.alcove.WorkerInfo.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What can be seen of workers, from within the program and from others. */
class WorkersTest {
    private static final String OPS = """
            import ctypes, os, sys, time
            from pathlib import Path
            from alcove import op

            @op
            def pid() -> int:
                return os.getpid()

            @op
            def wait(path: Path) -> None:
                print("waiting", file=sys.stderr)
                path.with_suffix(".there").touch()
                while not path.exists():
                    time.sleep(0.01)

            @op
            def die() -> None:
                os._exit(3)

            @op
            def freeze(path: Path) -> None:
                path.with_suffix(".there").touch()
                ctypes.PyDLL(None).sleep(1000)
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private final List<WorkerInfo> heard = Collections.synchronizedList(new ArrayList<>());
    private Alcove alcove;
    private Path path;

    @Test
    void tellsWhatAWorkerDoes() throws Exception {
        long pid = start();
        WorkerInfo idle = only(alcove.workers().list());
        assertEquals(pid, idle.pid());
        assertEquals(State.IDLE, idle.state());
        assertEquals(Optional.empty(), idle.op());
        assertEquals(ProcessHandle.current().pid(), idle.host());
        Eventually.becomes("its use is known", () -> only(alcove.workers().list()).cpuSeconds().orElse(0) > 0);
        assertTrue(only(alcove.workers().list()).memory().orElse(0) > 1 << 20);

        Call call = waiting("wait");
        WorkerInfo busy = only(alcove.workers().list());
        assertEquals(State.BUSY, busy.state());
        assertEquals(Optional.of("wait"), busy.op());
        assertFalse(busy.since().isBefore(idle.since()));
        assertTrue(busy.isResponsive());
        Eventually.becomes("told", () -> only(alcove.workers().list()).lastLines().contains("waiting"));
        Files.createFile(path);
        call.await();
        Eventually.becomes("idle", () -> only(alcove.workers().list()).state() == State.IDLE);
        assertTrue(only(alcove.workers().list()).callsDone() > idle.callsDone());
    }

    @Test
    void tellsListenersWhatChanges() throws Exception {
        alcove = bench.open();
        try (AutoCloseable listening = alcove.workers().onChange(heard::add);
                AutoCloseable harmless = alcove.workers().onChange(worker -> {
                    throw new IllegalStateException("a listener's own failure");
                })) {
            long pid = start();
            Call call = waiting("wait");
            expect(worker -> worker.state() == State.BUSY && worker.op().equals(Optional.of("wait")));
            Files.createFile(path);
            call.await();
            expect(worker -> worker.state() == State.IDLE && worker.callsDone() > 1);
            assertTrue(alcove.workers().stop(pid));
            expect(worker -> worker.state() == State.GONE && !worker.reason().isEmpty());
            assertTrue(heard.stream().allMatch(worker -> worker.pid() == pid || worker.state() == State.STARTING));
        }
        int before = heard.size();
        call("pid", Map.of()).close();
        assertEquals(before, heard.size(), "after the end of listening");
    }

    @Test
    void stopsAWorkerAndFailsItsCall() throws Exception {
        long pid = start();
        Call call = waiting("wait");
        assertFalse(alcove.workers().stop(pid + 1_000_000));
        assertTrue(alcove.workers().stop(pid));
        AlcoveException failure = assertThrows(AlcoveException.class, call::await);
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.hint().isPresent());
        try (Outputs outputs = call("pid", Map.of())) {
            assertFalse(outputs.integer("result") == pid, "another worker");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void seesWhenAWorkerDoesNotAnswer() throws Exception {
        start();
        Call call = waiting("freeze");
        Eventually.becomes("seen", () -> !only(alcove.workers().list()).isResponsive());
        Eventually.becomes("seen by others", () -> !only(others()).isResponsive());
        only(others()); // it can be told all the same
        assertTrue(alcove.workers().stop(only(alcove.workers().list()).pid()));
        assertThrows(AlcoveException.class, call::await);
    }

    @Test
    void isSeenByOtherProgramsAsLongAsItLives() throws Exception {
        long pid = start();
        Call call = waiting("wait");
        Eventually.becomes("seen", () -> others().size() == 1 && only(others()).op().equals(Optional.of("wait")));
        WorkerInfo seen = only(others());
        assertEquals(pid, seen.pid());
        assertEquals(State.BUSY, seen.state());
        Eventually.becomes("its use is known", () -> only(others()).memory().orElse(0) > 1 << 20);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(stateFile())));
        // What somebody left who is dead, or what is no state at all, harms nobody.
        Path dead = bench.memoryDirectory().resolve("alcove-0dead0aa" + HostFile.END_OF_NAME);
        Path lease = Files.createFile(bench.memoryDirectory().resolve("alcove-0dead0aa.lease"));
        Files.copy(stateFile(), dead);
        Files.writeString(bench.memoryDirectory().resolve("alcove-0dead0bb" + HostFile.END_OF_NAME), "{\"format\":");
        assertEquals(1, others().size());
        Files.createFile(path);
        call.await();
        Lease.sweep(bench.memoryDirectory());
        assertFalse(Files.exists(dead) || Files.exists(lease));
        alcove.close();
        assertEquals(List.of(), others());
    }

    @Test
    void isStoppedByOtherPrograms() throws Exception {
        long pid = start();
        Call call = waiting("wait");
        Eventually.becomes("seen", () -> others().stream().anyMatch(worker -> worker.pid() == pid));
        RunningHosts hosts = new RunningHosts(bench.memoryDirectory());
        assertFalse(hosts.stop(ProcessHandle.current().pid()), "no worker");
        assertTrue(hosts.stop(pid));
        AlcoveException failure = assertThrows(AlcoveException.class, call::await);
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        assertTrue(failure.getMessage().contains("somebody stopped it"), failure.getMessage());
    }

    @Test
    void showsWhereWorkersDiedTooOftenUntilThatIsReset() throws Exception {
        start();
        Op die = op("die");
        Eventually.becomes("refused", () -> {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> die.call(Map.of()));
            return Boolean.TRUE.equals(failure.data().get("failed"));
        });
        WorkerInfo failed = alcove.workers().list().stream()
                .filter(worker -> worker.state() == State.FAILED).findFirst().orElseThrow();
        assertEquals(0, failed.pid());
        assertFalse(failed.reason().isEmpty());
        Eventually.becomes("seen", () -> others().stream().anyMatch(worker -> worker.state() == State.FAILED));
        assertFalse(alcove.workers().reset("another"));
        assertTrue(alcove.workers().reset(failed.environment()));
        assertTrue(alcove.workers().list().stream().noneMatch(worker -> worker.state() == State.FAILED));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> die.call(Map.of()));
        assertEquals(null, failure.data().get("failed"), "a worker was started again");
    }

    private List<WorkerInfo> others() {
        return new RunningHosts(bench.memoryDirectory()).workers();
    }

    private Path stateFile() throws IOException {
        try (Stream<Path> files = Files.list(bench.memoryDirectory())) {
            return files.filter(file -> file.toString().endsWith(HostFile.END_OF_NAME)).findFirst().orElseThrow();
        }
    }

    /** The process id of a worker that has answered a call. */
    private long start() throws Exception {
        if (alcove == null) {
            alcove = bench.open();
        }
        path = bench.folder().resolve("go on");
        try (Outputs outputs = call("pid", Map.of())) {
            return outputs.integer("result");
        }
    }

    private Call waiting(String op) throws Exception {
        Call call = op(op).callAsync(Map.of("path", path));
        Eventually.becomes("there", () -> Files.exists(bench.folder().resolve("go on.there")));
        return call;
    }

    private Outputs call(String op, Map<String, Object> inputs) {
        return op(op).call(inputs);
    }

    private Op op(String name) {
        return alcove.op(bench.file("ops.py", OPS), name, Workbench.python());
    }

    private void expect(java.util.function.Predicate<WorkerInfo> wanted) throws Exception {
        Eventually.becomes("heard", () -> List.copyOf(heard).stream().anyMatch(wanted));
    }

    private static WorkerInfo only(List<WorkerInfo> all) {
        assertEquals(1, all.size(), all.toString());
        return all.get(0);
    }
}

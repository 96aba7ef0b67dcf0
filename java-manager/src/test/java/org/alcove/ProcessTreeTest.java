package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process and all that it has started, however that has come away from it. */
@EnabledOnOs(OS.LINUX)
class ProcessTreeTest {
    /** Prints the numbers of: itself, a child, an orphan, an orphan in a session of its own, the same without variables. */
    private static final String FAMILY = """
            import os, signal, sys, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.setsid()

            def stay(*forks):
                reading, writing = os.pipe()
                if os.fork() == 0:
                    for fork in forks:
                        if fork == "session":
                            os.setsid()
                        elif os.fork():
                            os._exit(0)
                    os.write(writing, str(os.getpid()).encode())
                    variables = {} if "bare" in sys.argv else dict(os.environ)
                    os.execve(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(1000)"], variables)
                os.close(writing)
                with os.fdopen(reading) as numbers:
                    number = numbers.read()  # until it has become another program, which closes its end
                if forks:
                    os.wait()
                return number

            family = [str(os.getpid()), stay(), stay("orphan"), stay("session", "orphan")]
            print(" ".join(family), flush=True)
            if "die" in sys.argv:
                os._exit(3)
            time.sleep(1000)
            """;

    private final List<Long> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void aWrapperAndOrphansBelongToIt() throws Exception {
        ProcessTree tree = family(List.of("sh", "-c", "\"$@\"; exit $?", "wrapper ü"));
        List<Long> family = numbers(tree);
        assertEquals(4, family.size());
        tree.isLedBy(family.get(0));
        Set<Long> members = pids(tree.members());
        assertTrue(members.containsAll(family), members + " lacks some of " + family);
        assertTrue(members.contains(tree.process().pid()));
        assertTrue(tree.killAll(60_000));
        assertTrue(family.stream().noneMatch(ProcessTreeTest::isAlive));
        tree.process().waitFor();
    }

    @Test
    void whatADeadProcessHasLeftIsFound() throws Exception {
        ProcessTree tree = family(List.of(), "die");
        List<Long> family = numbers(tree);
        tree.process().waitFor();
        assertEquals(3, pids(tree.members()).size());
        assertTrue(tree.killAll(60_000));
        assertTrue(family.stream().noneMatch(ProcessTreeTest::isAlive));
    }

    @Test
    void itsSessionIsFoundWithoutVariables() throws Exception {
        ProcessTree tree = family(List.of(), "bare");
        numbers(tree);
        Set<Long> first = pids(tree.members());
        assertEquals(3, first.size(), "all but the one without session and variables");
        tree.process().destroyForcibly().waitFor();
        assertEquals(2, pids(tree.members()).size());
        tree.killAll(60_000);
    }

    @Test
    void nobodyElseIsKilledBecauseAWorkerLies() throws Exception {
        Process other = new ProcessBuilder("setsid", "sleep", "1000").start();
        ProcessTree tree = ProcessTree.start(new ProcessBuilder("sleep", "1000"), ProcessBuilder::start);
        tree.isLedBy(other.pid());
        tree.isLedBy(ProcessHandle.current().pid());
        assertEquals(tree.process().pid(), tree.leader());
        tree.killAll(60_000);
        assertTrue(other.isAlive());
        other.destroyForcibly().waitFor();
    }

    @Test
    void aForkBombIsKilled() throws Exception {
        ProcessTree tree = ProcessTree.start(new ProcessBuilder("sh", "-c", """
                bomb() { i=0; while [ $i -lt 300 ]; do sh -c 'sleep 1000 & wait' & i=$((i + 1)); done; echo there; wait; }
                bomb"""), ProcessBuilder::start);
        tree.kill();
        assertTrue(tree.killAll(60_000));
        assertFalse(tree.process().toHandle().isAlive() && !tree.members().isEmpty());
        tree.process().waitFor();
    }

    private static ProcessTree family(List<String> wrapper, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(PythonProgram.executable().toString(), "-S", "-c", FAMILY));
        command.addAll(List.of(arguments));
        return ProcessTree.start(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD), ProcessBuilder::start);
    }

    private List<Long> numbers(ProcessTree tree) throws IOException {
        String line = tree.process().inputReader().readLine();
        started.addAll(Arrays.stream(line.split(" ")).map(Long::valueOf).toList());
        return started;
    }

    private static Set<Long> pids(List<ProcessHandle> members) {
        return members.stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    private static boolean isAlive(long pid) {
        return ProcessTable.read().contains(pid);
    }
}

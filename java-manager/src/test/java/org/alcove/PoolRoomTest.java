package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many workers there are on machines that are not this one. */
class PoolRoomTest {
    private static final String MARK = """
            import os, time
            from pathlib import Path
            from alcove import op

            @op
            def mark(folder: Path, name: str) -> int:
                (folder / f"{name}.mark").write_text(f"{os.getpid()} {os.environ.get('OMP_NUM_THREADS', 'all')}")
                while not (folder / "go").exists() and not (folder / f"{name}.go").exists():
                    time.sleep(0.002)
                return os.getpid()
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private final AtomicInteger looks = new AtomicInteger();
    private volatile FreeMemory memory = FreeMemory.UNKNOWN;
    private SharedMemory shared;
    private Host host;
    private WorkerPool pool;
    private final List<Call> calls = new ArrayList<>();

    @BeforeEach
    void open() {
        shared = SharedMemory.open(new Places.Place(bench.memoryDirectory(), "test"));
        host = new Host(shared);
    }

    @AfterEach
    void close() {
        host.lastCalls().forEach(Call::cancel);
        pool.close();
        shared.close();
        host.close();
    }

    @Test
    void anotherWorkerWaitsForMemory() throws Exception {
        memory = new FreeMemory(1, 100);
        pool = pool(2, OptionalInt.of(2));
        begin("a", Map.of());
        begin("b", Map.of());
        Eventually.becomes("the first one runs", () -> marks().size() == 1);
        int before = looks.get();
        Eventually.becomes("it has looked for memory several times", () -> looks.get() > before + 3);
        assertEquals(1, marks().size());
        memory = FreeMemory.UNKNOWN;
        Eventually.becomes("the other one runs", () -> marks().size() == 2);
        assertEquals(2, marks().values().stream().distinct().count());
    }

    @Test
    void anOpSaysHowMuchMemoryACallNeeds() throws Exception {
        memory = new FreeMemory(5_000_000_000L, 10_000_000_000L);
        pool = pool(2, OptionalInt.of(2));
        begin("a", Map.of());
        Eventually.becomes("the first one runs", () -> marks().size() == 1);
        begin("b", Map.of("memory", 6_000_000_000L));
        int before = looks.get();
        Eventually.becomes("it has looked for memory several times", () -> looks.get() > before + 3);
        assertEquals(1, marks().size());
        memory = new FreeMemory(7_000_000_000L, 10_000_000_000L);
        Eventually.becomes("the other one runs", () -> marks().size() == 2);
    }

    @Test
    void whoIsAloneHasAllCoresAndMakesRoomForOthersWhenThereAreMany() throws Exception {
        pool = pool(3, OptionalInt.empty());
        begin("a", Map.of());
        Eventually.becomes("one runs", () -> marks().size() == 1);
        assertTrue(marks().get("a").endsWith(" all"), marks()::toString);
        for (String name : List.of("b", "c", "d", "e")) {
            begin(name, Map.of());
        }
        Eventually.becomes("three run", () -> marks().size() == 3);
        Files.createFile(bench.folder().resolve("a.go"));
        Eventually.becomes("three run again", () -> marks().size() == 4);
        Map<String, String> marks = marks();
        String first = marks.remove("a");
        assertTrue(marks.values().stream().allMatch(mark -> mark.endsWith(" 1")), marks::toString);
        assertEquals(3, marks.values().stream().distinct().count(), marks::toString);
        Eventually.becomes("the first worker has left", () -> ProcessHandle.of(Long.parseLong(first.split(" ")[0])).isEmpty());
    }

    private WorkerPool pool(int cores, OptionalInt limit) {
        PoolSettings settings = new PoolSettings(cores, limit, 0, Duration.ofMinutes(5), 100, Optional.empty());
        return new WorkerPool(host, settings, () -> {
            looks.incrementAndGet();
            return memory;
        });
    }

    private void begin(String name, Map<String, Object> descriptor) throws IOException {
        Path file = bench.file("mark.py", MARK);
        Launch launch = new Launch(
                Environment.of("python", Path.of(Workbench.python().text())),
                WorkerPackage.unpack(Workbench.dataDirectory()), "ops");
        Map<String, Object> members = new LinkedHashMap<>(descriptor);
        members.put("name", "mark");
        Callee mark = new Callee(
                host, pool, OpSource.file(file), "mark", members, new Preparation(host, call -> launch));
        Inputs inputs = Inputs.of(Map.of(), Map.of("folder", bench.folder(), "name", name));
        Call call = new Call(host, "mark", inputs, progress -> {});
        pool.backlog().enter(Thread.currentThread());
        new OpRun(mark, CallSettings.USUAL, call, new Task.Run(inputs)).runLater();
        calls.add(call);
    }

    /** Of calls that run or ran: process and threads. */
    private Map<String, String> marks() throws IOException {
        Map<String, String> marks = new TreeMap<>();
        try (var files = Files.newDirectoryStream(bench.folder(), "*.mark")) {
            for (Path file : files) {
                String text = Files.readString(file);
                if (!text.isEmpty()) { // else it is just being written
                    marks.put(file.getFileName().toString().replace(".mark", ""), text);
                }
            }
        }
        return marks;
    }
}

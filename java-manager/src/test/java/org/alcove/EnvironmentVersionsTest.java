package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real workers in an environment that is activated, and that is updated while they run. */
class EnvironmentVersionsTest {
    private static final String OPS = """
            import os
            import time
            from pathlib import Path
            from alcove import op, progress

            @op
            def version() -> str:
                return os.environ["VERSION"]

            @op
            def process() -> int:
                return os.getpid()

            @op
            def surroundings() -> dict[str, str]:
                return dict(os.environ)

            @op
            def wait(gate: Path) -> str:
                progress(None, "waiting")
                while not gate.exists():
                    time.sleep(0.01)
                return os.environ["VERSION"]
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private EnvironmentSpec spec = Workbench.python();
    private Alcove alcove;

    private Op op(String name) {
        if (alcove == null) {
            alcove = Alcove.open(new Settings().dataDirectory(bench.folder().resolve("data")).memoryDirectory(
                    bench.memoryDirectory()));
            bench.closeLater(alcove);
        }
        return alcove.op(bench.file("ops.py", OPS), name, spec);
    }

    @Test
    void aWorkerIsActivated() throws IOException {
        make("01", Map.of("VERSION", "one", "CONDA_PREFIX", "/here"));
        Map<String, Object> seen = surroundings(op("surroundings").call(Map.of()));
        assertEquals("one", seen.get("VERSION"));
        assertEquals("/here", seen.get("CONDA_PREFIX"));
        Path prefix = folder().resolve("01");
        // A Python that is a script, as pyenv's is, may put folders of its own before these.
        assertTrue(String.valueOf(seen.get("PATH")).contains(
                        prefix.resolve("Library").resolve("bin") + File.pathSeparator + prefix + File.pathSeparator),
                () -> String.valueOf(seen.get("PATH")));
        Map<String, Object> once = surroundings(op("surroundings").runOnce(Map.of(), bench.folder()));
        assertEquals(seen.get("PATH"), once.get("PATH"));
        assertEquals("one", once.get("VERSION"));
    }

    private static Map<String, Object> surroundings(Outputs outputs) {
        try (outputs) {
            return Tree.object(outputs.get("result"));
        }
    }

    @Test
    void afterAnUpdateNewCallsGetTheNewVersionAndOldOnesEndInTheirs() throws Exception {
        make("01", Map.of("VERSION", "one"));
        assertEquals("one", text("version"));
        long old = number("process");
        Path gate = bench.folder().resolve("gate");
        CountDownLatch waiting = new CountDownLatch(1);
        Call running = op("wait").callAsync(Map.of("gate", gate)).onProgress(progress -> waiting.countDown());
        assertTrue(waiting.await(1, TimeUnit.MINUTES));

        make("02", Map.of("VERSION", "two"));
        assertEquals("two", text("version"));
        assertNotEquals(old, number("process"));
        assertTrue(ProcessHandle.of(old).map(ProcessHandle::isAlive).orElse(false), "it still has a call");

        Files.createFile(gate);
        try (Outputs outputs = running.await()) {
            assertEquals("one", outputs.text("result"));
        }
        Eventually.becomes("the worker of the old version is gone",
                () -> !ProcessHandle.of(old).map(ProcessHandle::isAlive).orElse(false));
        assertEquals("two", text("version"));
    }

    @Test
    void noCallFailsHoweverOftenItIsUpdatedMeanwhile() throws Exception {
        make("00", Map.of("VERSION", "0"));
        Op version = op("version");
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                callers.add(executor.submit(() -> {
                    int latest = 0;
                    for (int calls = 0; calls < 20; calls++) {
                        try (Outputs outputs = version.call(Map.of())) {
                            int seen = Integer.parseInt(outputs.text("result"));
                            assertTrue(seen >= latest, "never back to an old version");
                            latest = seen;
                        }
                    }
                }));
            }
            // Quicker than a worker starts, so that one may be outdated before its first call reaches it.
            for (int i = 1; !callers.stream().allMatch(Future::isDone); i++) {
                make(String.format("%04x", i), Map.of("VERSION", String.valueOf(i)));
                TimeUnit.MILLISECONDS.sleep(10);
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aVersionThatIsRemovedWhileAWorkerStartsInItIsLookedForAgain() throws Exception {
        Path python = bench.file("python that removes", """
                #!/bin/sh
                if rm '%1$s/removal' 2>/dev/null; then
                    rm '%2$s'/01/alcove.json
                    printf 02 > '%2$s/current'
                fi
                exec '%3$s' "$@"
                """);
        spec = EnvironmentSpec.existing(python);
        Files.writeString(python, Files.readString(python).formatted(bench.folder(), folder(), PythonProgram.executable()));
        assertTrue(python.toFile().setExecutable(true));
        make("02", Map.of("VERSION", "two"));

        removeWhenAProcessStarts();
        Op version = op("version"); // described by a worker in the environment
        make("03", Map.of("VERSION", "three"));
        try (Outputs outputs = version.call(Map.of())) {
            assertEquals("three", outputs.text("result"));
        }
        removeWhenAProcessStarts();
        try (Outputs outputs = version.call(Map.of())) {
            assertEquals("two", outputs.text("result"));
        }
        removeWhenAProcessStarts();
        try (Outputs outputs = version.runOnce(Map.of(), bench.folder())) {
            assertEquals("two", outputs.text("result"));
        }
    }

    /** The next process is in a version that is removed before it can say so; then there is version 02. */
    private void removeWhenAProcessStarts() throws IOException {
        Folders.delete(folder().resolve("01"));
        make("01", Map.of("VERSION", "one"));
        Files.writeString(bench.folder().resolve("removal"), "");
    }

    private String text(String name) {
        try (Outputs outputs = op(name).call(Map.of())) {
            return outputs.text("result");
        }
    }

    private long number(String name) {
        try (Outputs outputs = op(name).call(Map.of())) {
            return outputs.integer("result");
        }
    }

    private Path folder() {
        return bench.folder().resolve("data").resolve("environments").resolve(spec.name());
    }

    /** A version of the environment of an existing Python, which becomes the one to use. */
    private void make(String hash, Map<String, Object> variables) throws IOException {
        Map<String, Object> marker = new LinkedHashMap<>();
        marker.put("format", EnvironmentLook.FORMAT);
        marker.put("name", spec.name());
        marker.put("engine", "existing");
        marker.put("python", spec.text());
        marker.put("specification", spec.toValue());
        marker.put("path", List.of("Library/bin", ""));
        marker.put("variables", variables);
        Path prefix = Files.createDirectories(folder().resolve(hash));
        Files.createFile(prefix.resolve(".in-use"));
        Files.write(prefix.resolve("alcove.json"), Json.line(json -> Values.write(json, marker, "marker")));
        Path pointer = Files.writeString(folder().resolve(".current-new"), hash);
        Files.move(pointer, folder().resolve("current"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}

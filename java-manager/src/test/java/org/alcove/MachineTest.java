package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pool knows of its machine: graphics cards and free memory. */
class MachineTest {
    private static final List<String> NAMELESS = Collections.singletonList(null);

    @TempDir
    private Path folder;

    @Test
    void theCardsOfThisProcessComeBeforeThoseOfTheMachine() throws IOException {
        Path driver = Files.createDirectories(folder.resolve("gpus"));
        Files.createDirectory(driver.resolve("0000:01:00.0"));
        assertEquals(NAMELESS, Gpus.found(null, folder.resolve("none")));
        assertEquals(NAMELESS, Gpus.found(null, driver));
        Files.createDirectory(driver.resolve("0000:02:00.0"));
        assertEquals(List.of("0", "1"), Gpus.found(null, driver));
        assertEquals(List.of("3", "GPU-8f2a"), Gpus.found("3, GPU-8f2a", driver));
        assertEquals(List.of("3"), Gpus.found("3,-1,2", driver));
        assertEquals(NAMELESS, Gpus.found("", driver), "somebody hides them all");
        assertEquals(NAMELESS, Gpus.found("-1", driver));
    }

    @Test
    void memoryIsWhatTheMachineAndTheGroupOfProcessesHaveLeft() throws IOException {
        Path proc = Files.createDirectories(folder.resolve("proc/self")).getParent();
        Path groups = Files.createDirectories(folder.resolve("groups/user/job")).getParent().getParent();
        assertEquals(FreeMemory.UNKNOWN, FreeMemory.of(proc, groups));
        Files.writeString(proc.resolve("meminfo"), "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:     400 kB\n");
        Files.writeString(proc.resolve("self/cgroup"), "0::/user/job\n");
        assertEquals(new FreeMemory(400 << 10, 1000 << 10), FreeMemory.of(proc, groups));
        Path job = groups.resolve("user/job");
        Files.writeString(job.resolve("memory.max"), "max\n");
        Files.writeString(job.resolve("memory.current"), "300000\n");
        assertEquals(400 << 10, FreeMemory.of(proc, groups).available());
        Files.writeString(job.resolve("memory.max"), "500000\n");
        Files.writeString(job.resolve("memory.stat"), "anon 7\ninactive_file 100000\n");
        assertEquals(new FreeMemory(300_000, 500_000), FreeMemory.of(proc, groups));
        assertFalse(FreeMemory.of(proc, groups).isShort());
        Files.writeString(job.resolve("memory.current"), "595000\n");
        assertTrue(FreeMemory.of(proc, groups).isShort());
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The host's own blocks: made, recycled, given back. */
class SharedMemoryTest {
    private static final long QUOTA_BYTES = 1 << 20;

    @TempDir
    private Path parent;

    private Path directory;
    private SharedMemory memory;
    private final List<List<String>> dropped = new ArrayList<>();

    @BeforeEach
    void open() {
        directory = parent.resolve("größe 1"); // made when it is missing
        memory = SharedMemory.open(directory, QUOTA_BYTES);
        memory.onDropped(dropped::add);
    }

    @AfterEach
    void leavesNothing() throws IOException {
        memory.close();
        memory.close();
        assertEquals(Set.of(), files());
    }

    @Test
    void sizeClassesArePowersOfTwoWithFourStepsBetween() {
        assertEquals(4096, BlockPool.sizeClass(1));
        assertEquals(4096, BlockPool.sizeClass(4096));
        assertEquals(5120, BlockPool.sizeClass(4097));
        assertEquals(6144, BlockPool.sizeClass(5121));
        assertEquals(7168, BlockPool.sizeClass(7168));
        assertEquals(8192, BlockPool.sizeClass(7169));
        assertEquals(10240, BlockPool.sizeClass(8193));
        assertEquals(5L << 38, BlockPool.sizeClass((1L << 40) + 1));
    }

    @Test
    void sizeClassesAreThoseOfPython() throws IOException {
        List<Long> sizes = new ArrayList<>();
        for (int power = 0; power < 45; power++) {
            for (int offset = -1; offset <= 1; offset++) {
                sizes.add((1L << power) + offset);
                sizes.add((5L << power) + offset);
                sizes.add((7L << power) + offset);
            }
        }
        try (PythonProgram python = PythonProgram.start("""
                import sys
                from alcove.memory import size_class
                for size in sys.argv[1:]:
                    print(size_class(int(size)))
                """, sizes.toArray())) {
            for (long size : sizes) {
                assertEquals(python.readLine(), String.valueOf(BlockPool.sizeClass(size)), () -> "size " + size);
            }
        }
    }

    @Test
    void aBlockIsAFileOfItsWholeSize() throws IOException {
        Block block = memory.allocate(5000);
        assertEquals(5120, block.size);
        assertEquals(5120, Files.size(directory.resolve(block.name)));
        assertTrue(block.name.matches("alcove-[0-9a-f]{8}-h-0"), block.name);
        assertTrue(block.name.length() <= 31, block.name);
    }

    @Test
    void aBlockIsReadableForItsOwnerAlone() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        Block block = memory.allocate(1);
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(block.name))));
    }

    @Test
    void recyclesABlockOfTheSameClass() {
        Block first = memory.allocate(5000);
        memory.unuse(first);
        Block second = memory.allocate(5100);
        assertSame(first, second);
        assertEquals(Set.of(first.name), blocks());
    }

    @Test
    void doesNotRecycleABlockOfAnotherClass() {
        Block first = memory.allocate(5000);
        memory.unuse(first);
        assertNotEquals(first.name, memory.allocate(6000).name);
    }

    @Test
    void doesNotRecycleABlockThatIsStillInUse() {
        Block block = memory.allocate(1);
        memory.use(block);
        memory.unuse(block);
        assertNotEquals(block.name, memory.allocate(1).name);
        memory.unuse(block);
        assertEquals(block.name, memory.allocate(1).name);
    }

    @Test
    void neverUsesANameTwice() {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 5; i++) {
            Block block = memory.allocate(1);
            assertTrue(names.add(block.name), block.name);
            memory.unuse(block);
            memory.trim();
        }
        assertEquals(Set.of(), blocks());
    }

    @Test
    void namesStayShortHoweverManyBlocksThereWere() {
        assertEquals(31, BlockPool.blockName(memory.prefix(), Long.MAX_VALUE).length());
        assertTrue(BlockPool.blockName(memory.prefix(), Long.MAX_VALUE).matches("[a-z0-9-]+"));
    }

    @Test
    void aThreadThatIsInterruptedUsesMemoryAsAnyOther() {
        Thread.currentThread().interrupt();
        Block block = memory.allocate(QUOTA_BYTES / 2);
        block.view(0, 1).put((byte) 1);
        memory.unuse(block);
        memory.trim();
        assertTrue(Thread.interrupted(), "the interrupt is for somebody else to see");
        assertEquals(Set.of(), blocks());
    }

    @Test
    void anInterruptMeanwhileIsNoFullMemory() throws InterruptedException {
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                for (int i = 0; i < 50; i++) {
                    memory.unuse(memory.allocate(QUOTA_BYTES));
                    memory.trim();
                }
            } catch (RuntimeException e) {
                failures.add(e);
            }
        });
        thread.start();
        while (thread.isAlive()) {
            thread.interrupt();
        }
        assertEquals(List.of(), failures);
    }

    @Test
    void whoClosesWhileAnotherAllocatesLeavesNothing() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            SharedMemory other = SharedMemory.open(directory, QUOTA_BYTES);
            CountDownLatch begun = new CountDownLatch(1);
            Thread thread = new Thread(() -> {
                try {
                    while (true) {
                        other.unuse(other.allocate(QUOTA_BYTES));
                        other.trim();
                        begun.countDown();
                    }
                } catch (IllegalStateException closed) {
                    // as it should be
                }
            });
            thread.start();
            begun.await();
            other.close();
            thread.join();
            assertEquals(Set.of(), files());
        }
    }

    @Test
    void givesEverythingBackWhenItIsIdle() throws Exception {
        Block used = memory.allocate(1);
        memory.unuse(memory.allocate(10000));
        memory.trimIfIdle(TimeUnit.HOURS.toNanos(1));
        assertEquals(2, blocks().size(), "it was used a moment ago");
        try (Host host = new Host(memory, TimeUnit.MILLISECONDS.toNanos(1))) {
            Eventually.becomes("given back", () -> blocks().equals(Set.of(used.name)));
            assertSame(memory, host.memory());
        }
    }

    @Test
    void takesTheNewestFreeBlockBecauseItsMemoryIsWarm() {
        Block old = memory.allocate(1);
        Block young = memory.allocate(1);
        memory.unuse(old);
        memory.unuse(young);
        assertSame(young, memory.allocate(1));
    }

    @Test
    void givesBackTheLeastRecentlyUsedBlocksBeforeItExceedsTheQuota() {
        Block old = memory.allocate(QUOTA_BYTES / 4);
        Block young = memory.allocate(QUOTA_BYTES / 2);
        memory.unuse(old);
        memory.unuse(young);
        Block other = memory.allocate(QUOTA_BYTES / 8 * 3);
        assertEquals(Set.of(young.name, other.name), blocks());
        assertEquals(List.of(List.of(old.name)), dropped);
    }

    @Test
    void failsWithFactsWhenTheQuotaIsUsedUp() throws IOException {
        Block block = memory.allocate(QUOTA_BYTES / 2);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> memory.allocate(QUOTA_BYTES));
        assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
        assertEquals(QUOTA_BYTES, failure.data().get("wanted_bytes"));
        assertEquals(QUOTA_BYTES / 2, failure.data().get("free_bytes"));
        assertEquals(directory.toRealPath().toString(), failure.data().get("directory"));
        assertTrue(failure.hint().isPresent());
        memory.unuse(block);
        assertEquals(QUOTA_BYTES, memory.allocate(QUOTA_BYTES).size, "the failed try is not counted");
    }

    @Test
    void aBlockThatAWorkerKeptIsNeverUsedAgain() {
        Block block = memory.allocate(1);
        memory.keep(List.of(block.name, "unknown"));
        memory.unuse(block);
        assertEquals(Set.of(), blocks());
        assertEquals(List.of(List.of(block.name)), dropped, "the worker was not told to unmap it");
        assertNotEquals(block.name, memory.allocate(1).name);
        memory.allocate(QUOTA_BYTES / 2);
    }

    @Test
    void trimsFreeBlocksAlone() {
        Block used = memory.allocate(1);
        memory.unuse(memory.allocate(10000));
        memory.trim();
        assertEquals(Set.of(used.name), blocks());
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be made shorter there")
    void givesMemoryBackAtOnceThoughJavaStillMapsIt() throws IOException {
        Block block = memory.allocate(QUOTA_BYTES / 2);
        Block kept = memory.allocate(1);
        block.view(0, 10).put((byte) 1);
        kept.view(0, 10).put((byte) 1);
        memory.keep(List.of(kept.name));
        try (FileChannel file = FileChannel.open(block.path);
                FileChannel looked = FileChannel.open(kept.path)) {
            memory.unuse(block);
            memory.unuse(kept);
            memory.trim();
            assertEquals(0, file.size());
            assertEquals(4096, looked.size(), "a worker still looks into this one, and would be killed");
        }
    }

    @Test
    void handsNoBlockToTwoThreads() throws InterruptedException {
        int rounds = 2000;
        CountDownLatch collisions = new CountDownLatch(1);
        Set<String> held = java.util.concurrent.ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int round = 0; round < rounds; round++) {
                    Block block = memory.allocate(1 + round % 3 * 4096L);
                    if (!held.add(block.name)) {
                        collisions.countDown();
                    }
                    held.remove(block.name);
                    memory.unuse(block);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, collisions.getCount(), "two threads had the same block");
    }

    @Test
    void saysThatItIsClosed() {
        Block block = memory.allocate(1);
        memory.close();
        memory.unuse(block); // an array that is closed late
        assertThrows(IllegalStateException.class, () -> memory.allocate(1));
    }

    @Test
    void namesAFolderThatCannotBeUsed() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> SharedMemory.open(file.resolve("below")));
        assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        assertTrue(failure.hint().orElse("").contains("ALCOVE_MEMORY_DIR"));
    }

    @Test
    void doesNotWaitForTheLeaseOfAnother() {
        try (SharedMemory other = SharedMemory.open(directory, QUOTA_BYTES)) {
            assertFalse(other.prefix().equals(memory.prefix()));
            memory.allocate(1);
            other.allocate(1);
        }
        assertEquals(1, blocks().size());
    }

    private Set<String> blocks() {
        return files().stream().filter(name -> !name.endsWith(".lease")).collect(Collectors.toSet());
    }

    private Set<String> files() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

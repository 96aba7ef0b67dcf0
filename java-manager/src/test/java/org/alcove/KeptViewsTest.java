package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views of the host's own blocks that outlive their array: nobody gets their memory before the collector has. */
class KeptViewsTest {
    private static final int QUOTA_BYTES = 1 << 20;
    private static final int IMAGE_BYTES = QUOTA_BYTES / 4;

    @TempDir
    private Path directory;

    private SharedMemory memory;

    @BeforeEach
    void open() {
        memory = SharedMemory.open(directory, QUOTA_BYTES);
    }

    @AfterEach
    void leavesNothing() throws Exception {
        memory.close();
        assertEquals(Set.of(), files());
    }

    @Test
    void aViewStaysWhatItWasAfterItsArrayIsClosed() throws Exception {
        SharedArray array = image(7);
        String name = array.block().name;
        ByteBuffer view = array.buffer(100, 50);
        array.close();
        try (SharedArray next = image(8)) {
            assertNotEquals(name, next.block().name);
            memory.trim();
            assertEquals(IMAGE_BYTES, Files.size(directory.resolve(name)), "its pages were taken away");
            assertEquals(7, view.get(49));
            view.put(0, (byte) 9);
            assertEquals(9, view.get(0));
            assertEquals(8, next.toBytes()[100]);
        }
        Reference.reachabilityFence(view);
    }

    @Test
    void whatIsLeftOfAViewIsEnough() {
        ShortBuffer part = partOfAView();
        for (int i = 0; i < 5; i++) {
            System.gc();
            image(8).close();
        }
        assertEquals(0x0707, part.get(0));
    }

    private ShortBuffer partOfAView() {
        try (SharedArray array = image(7)) {
            return array.buffer(0, 100).slice(20, 10).asReadOnlyBuffer().asShortBuffer();
        }
    }

    @Test
    void itsBlockIsRecycledOnceTheCollectorSaysSo() throws Exception {
        String name = wrapAndDrop(1);
        try (SharedArray array = imageIn(name)) {
            assertEquals(2, array.toBytes()[IMAGE_BYTES - 1]);
            assertEquals(2, Files.readAllBytes(directory.resolve(name))[0]);
        }
    }

    @Test
    void aViewOfALaterLifeOfTheBlockCountsAsWell() throws Exception {
        String name = wrapAndDrop(1);
        SharedArray array = imageIn(name);
        ByteBuffer view = array.buffer(0, 1);
        array.close();
        System.gc();
        try (SharedArray one = image(3);
                SharedArray other = image(3)) {
            assertNotEquals(name, one.block().name);
            assertNotEquals(name, other.block().name);
        }
        assertEquals(2, view.get(0));
    }

    @Test
    void aSteadyStreamOfViewsNeitherFailsNorGrows() throws Exception {
        for (int i = 0; i < 60; i++) {
            wrapAndDrop(i);
            assertTrue(bytes() <= QUOTA_BYTES, () -> "quota exceeded: " + files());
        }
    }

    @Test
    void aStreamOfArraysThatNobodyClosesDoesNotFailEither() throws Exception {
        for (int i = 0; i < 30; i++) {
            image(i).buffer(0, 1).put(0, (byte) 1);
            assertTrue(bytes() <= QUOTA_BYTES, () -> "quota exceeded: " + files());
        }
    }

    @Test
    void viewsThatAreHeldUseUpTheQuota() {
        List<ByteBuffer> views = new ArrayList<>();
        AlcoveException failure = assertThrows(AlcoveException.class, () -> {
            for (int i = 0; i < 5; i++) {
                try (SharedArray array = image(i)) {
                    views.add(array.buffer(0, IMAGE_BYTES));
                }
            }
        });
        assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
        assertEquals(4, views.size());
        for (int i = 0; i < 4; i++) {
            assertEquals(i, views.get(i).get(IMAGE_BYTES - 1));
        }
        views.remove(3);
        image(5).close();
        assertEquals(2, views.get(2).get(0));
    }

    @Test
    void viewsOutliveTheManager() {
        SharedArray array = image(7);
        ByteBuffer view = array.buffer(0, IMAGE_BYTES);
        SharedArray other = image(8);
        ByteBuffer another = other.buffer(0, IMAGE_BYTES);
        array.close();
        memory.close();
        other.close();
        assertEquals(Set.of(), files());
        assertEquals(7, view.get(IMAGE_BYTES - 1));
        assertEquals(8, another.get(IMAGE_BYTES - 1));
    }

    @Test
    void aBlockThatAWorkerKeepsAndSomebodyLooksIntoGoesOnce() throws Exception {
        SharedArray array = image(7);
        ByteBuffer view = array.buffer(0, 1);
        memory.keep(List.of(array.block().name));
        array.close();
        assertEquals(7, view.get(0));
        view = null;
        Eventually.becomes("deleted", () -> {
            System.gc();
            return bytes() == 0;
        });
        try (SharedArray all = new SharedArray(
                memory, memory.allocate(QUOTA_BYTES), 0, DType.UINT8, new long[] {QUOTA_BYTES}, List.of())) {
            assertThrows(AlcoveException.class, () -> image(1), "its bytes were given back twice");
            assertEquals(QUOTA_BYTES, all.size());
        }
    }

    @Test
    void idlenessFreesWhatNobodyLooksIntoAnyMore() throws Exception {
        wrapAndDrop(1);
        long before = collections();
        memory.trimIfIdle(0);
        assertTrue(collections() > before, "nobody else may ask the collector while all is idle");
        Eventually.becomes("given back", () -> {
            memory.trimIfIdle(0);
            return bytes() == 0;
        });
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    @Test
    void theCollectorIsAskedAfterEachQuarterOfTheQuotaThatCameUp() {
        KeptViews views = new KeptViews(400);
        assertTrue(views.isEmpty());
        assertFalse(views.add(100));
        assertTrue(views.add(1));
        assertFalse(views.add(100), "what was there before is still in use: asking again would not help");
        assertTrue(views.add(1));
        views.subtract(202); // it was not
        assertTrue(views.isEmpty());
        assertFalse(views.add(100));
        assertTrue(views.add(1));
    }

    @Test
    void howeverLargeTheQuotaTheCollectorIsAskedSomeTime() {
        KeptViews views = new KeptViews(1L << 40);
        assertFalse(views.add(2L << 30));
        assertTrue(views.add(1));
    }

    private String wrapAndDrop(int value) {
        try (SharedArray array = image(value)) {
            ByteBuffer view = array.buffer(0, IMAGE_BYTES);
            assertEquals((byte) value, view.get(IMAGE_BYTES - 1));
            return array.block().name;
        }
    }

    /** An image of twos in the block of that name, as soon as it is free; the others use up the quota. */
    private SharedArray imageIn(String name) throws Exception {
        Deque<SharedArray> taken = new ArrayDeque<>();
        try {
            Eventually.becomes("free", () -> {
                try {
                    taken.add(image(2));
                } catch (AlcoveException full) {
                    // The collector takes its time.
                }
                return taken.peekLast().block().name.equals(name);
            });
            return taken.pollLast();
        } finally {
            taken.forEach(SharedArray::close);
        }
    }

    private SharedArray image(int value) {
        byte[] bytes = new byte[IMAGE_BYTES];
        java.util.Arrays.fill(bytes, (byte) value);
        SharedArray array = new SharedArray(
                memory, memory.allocate(IMAGE_BYTES), 0, DType.UINT8, new long[] {IMAGE_BYTES}, List.of());
        array.copyFrom(bytes);
        return array;
    }

    private long bytes() {
        return files().stream().mapToLong(name -> directory.resolve(name).toFile().length()).sum();
    }

    private Set<String> files() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}

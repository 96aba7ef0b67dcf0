package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose the files of a stream are: several users in one program, several copies of the library in one, none any more. */
class StreamRemainsTest {
    @TempDir
    private Path directory;

    @Test
    void whatADeadStreamLeftIsSwept() throws IOException {
        leaveStream("dead");
        create("alcove-stream.gone=17", "alcove-stream.gone=18");
        Path old = Files.createFile(directory.resolve("alcove-stream.dead=new0123456789abcdef"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(90)));
        Lease.sweep(directory);
        assertEquals(Set.of(), files());
    }

    @Test
    void theNextWriterSweepsToo() throws IOException {
        leaveStream("dead");
        ArrayStream.writer("another", directory).close();
        assertEquals(Set.of(), files());
    }

    @Test
    void aStreamInUseIsSpared() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
            writer.write(DType.UINT8, new long[] {1}, new byte[] {1});
            assertSpared();
        }
        try (ArrayStream.Reader reader = reader("video")) {
            ArrayStream.writer("video", directory).close();
            assertSpared();
            assertFalse(reader.isWriterAlive());
        }
        assertEquals(Set.of(), files());
    }

    private void assertSpared() throws IOException {
        Set<String> before = files();
        Lease.sweep(directory);
        assertEquals(before, files());
    }

    @Test
    void whatOnlyLooksLikeAStreamIsSpared() throws IOException {
        create("alcove-stream", "alcove-stream.", "alcove-stream.=", "alcove-stream.video", "alcove-stream.-v=1",
                "alcove-stream.video=x", "alcove-stream.video=1.txt", "alcove-stream.video=newest",
                "alcove-stream.fresh=new01");
        assertSpared();
    }

    @Test
    void isReadableForItsOwnerAlone() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
            writer.write(DType.UINT8, new long[] {1}, new byte[] {1});
            for (String file : files()) {
                assertEquals("rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))));
            }
        }
    }

    @Test
    void doesNotSpoilTheSystemPropertiesForThoseWhoListThem() throws IOException {
        try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
            System.getProperties().list(new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));
            System.getProperties().store(new ByteArrayOutputStream(), null);
        }
    }

    /** Each has its own idea of what is open, and all have the same locks: those of the process. */
    @Test
    void copiesOfTheLibraryInOneProgramGetAlong() throws Exception {
        try (URLClassLoader one = classLoader();
                URLClassLoader two = classLoader();
                URLClassLoader three = classLoader()) {
            Function<String, String> writer = program(one);
            Function<String, String> reader = program(two);
            Function<String, String> other = program(three);
            assertEquals("ok", writer.apply("writer " + directory + " video"));
            assertEquals("ok", reader.apply("reader " + directory + " video"));
            assertEquals("ok", other.apply("reader " + directory + " video"));
            writer.apply("write uint8 100 1");
            String first = reader.apply("hold 10");
            assertEquals(first, other.apply("hold 10"), "two may look at one frame");
            assertTrue(other.apply("writer " + directory + " video").startsWith("error stream_busy"));
            other.apply("free");
            other.apply("close"); // which must not drop anybody else's locks
            assertEquals("true", reader.apply("alive"));
            try (PythonProgram elsewhere = PythonProgram.start(TRY_LOCKS, directory.resolve("alcove-stream.video="))) {
                assertEquals("writer held, readers held, slot held", elsewhere.readLine());
            }
            for (int seed = 2; seed < 6; seed++) {
                writer.apply("write uint8 100 " + seed);
            }
            assertEquals(first, reader.apply("check"));
            reader.apply("free");
            int open = openFiles();
            for (int sweep = 0; sweep < 50; sweep++) {
                Lease.sweep(directory);
            }
            assertTrue(openFiles() < open + 50, "what another copy has open is opened by the sweeper, and not closed");
            assertEquals("frame 5", reader.apply("read 10").substring(0, 7));
            writer.apply("close");
            assertTrue(reader.apply("read 10").startsWith("error stream_ended"));
            reader.apply("close");
            assertEquals(Set.of(), files());
            assertEquals("", System.getProperty(StreamRegistry.OPEN));
        }
    }

    /** They meet each other by locks alone, as processes do, and the one that ends last must know that it is. */
    @Test
    void copiesThatEndAtTheSameTimeLeaveNothing() throws Exception {
        try (URLClassLoader one = classLoader();
                URLClassLoader two = classLoader()) {
            List<Function<String, String>> copies = List.of(program(one), program(two));
            for (int round = 0; round < 300; round++) {
                assertEquals("ok", copies.get(0).apply("writer " + directory + " video"));
                assertEquals("ok", copies.get(1).apply("reader " + directory + " video"));
                copies.stream()
                        .map(copy -> CompletableFuture.runAsync(() -> assertEquals("ok", copy.apply("close"))))
                        .toList()
                        .forEach(CompletableFuture::join);
                assertEquals(Set.of(), files(), "in round " + round);
            }
        }
    }

    private static int openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    private static final String TRY_LOCKS = """
            import fcntl, os, sys
            file = os.open(sys.argv[1], os.O_RDWR)
            def is_held(first, length):
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, first)
                    return "free"
                except OSError:
                    return "held"
            base = 1 << 30
            print(f"writer {is_held(base, 1)}, readers {is_held(base + 16, 16)}, slot {is_held(base + 32, 16)}", flush=True)
            """;

    private static URLClassLoader classLoader() {
        List<URL> places = new ArrayList<>();
        for (Class<?> type : List.of(ArrayStream.class, StreamProgram.class)) {
            places.add(type.getProtectionDomain().getCodeSource().getLocation());
        }
        return new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @SuppressWarnings("unchecked") // a class of another loader is known by what the JDK defines alone
    private static Function<String, String> program(ClassLoader loader) throws ReflectiveOperationException {
        return (Function<String, String>)
                loader.loadClass(StreamProgram.class.getName()).getConstructor().newInstance();
    }

    @RepeatedTest(20)
    void whoeverEndsAtTheSameTimeLeavesNothing() throws IOException {
        List<AutoCloseable> users = new ArrayList<>();
        ArrayStream.Writer writer = ArrayStream.writer("video", directory);
        writer.write(DType.UINT8, new long[] {5000}, new byte[5000]);
        users.add(writer);
        for (int i = 0; i < 3; i++) {
            ArrayStream.Reader reader = reader("video");
            users.add(reader);
            users.add(reader.latest().orElseThrow());
        }
        users.stream().map(user -> CompletableFuture.runAsync(() -> close(user))).toList().forEach(CompletableFuture::join);
        assertEquals(Set.of(), files());
        assertEquals("", System.getProperty(StreamRegistry.OPEN));
    }

    private static void close(AutoCloseable user) {
        try {
            user.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void writersAndReadersThatComeAndGoMeetNoErrorAndLeaveNothing() throws Exception {
        CompletableFuture<?> stop = new CompletableFuture<>();
        List<CompletableFuture<Integer>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(CompletableFuture.supplyAsync(() -> {
                int frames = 0;
                while (!stop.isDone()) {
                    try (ArrayStream.Reader reader = reader("video")) {
                        frames += readOne(reader);
                    }
                }
                return frames;
            }));
        }
        for (int round = 0; round < 200; round++) {
            try (ArrayStream.Writer writer = ArrayStream.writer("video", directory)) {
                writer.write(DType.INT32, new long[] {100}, new int[100]);
            }
        }
        stop.complete(null);
        for (CompletableFuture<Integer> reader : readers) {
            reader.join();
        }
        assertEquals(Set.of(), files());
    }

    private static int readOne(ArrayStream.Reader reader) {
        try {
            return reader.read(Duration.ofMillis(2)).map(frame -> {
                assertEquals(100, frame.size());
                frame.close();
                return 1;
            }).orElse(0);
        } catch (AlcoveException e) {
            assertEquals(ErrorKind.STREAM_ENDED, e.kind());
            return 0;
        }
    }

    private ArrayStream.Reader reader(String name) {
        return ArrayStream.reader(name, directory);
    }

    /** What a writer that was killed leaves. */
    private void leaveStream(String name) throws IOException {
        StreamNames names = new StreamNames(directory, name);
        names.createControl();
        create("alcove-stream." + name + "=12345", "alcove-stream." + name + "=12346");
    }

    private void create(String... names) throws IOException {
        for (String name : names) {
            Files.createFile(directory.resolve(name));
        }
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}

package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python half, on its way out of the jar. */
class WorkerPackageTest {
    @TempDir
    private Path directory;

    @Test
    void unpacksThePackageAsItStandsInTheSources() throws IOException {
        Path unpacked = WorkerPackage.unpack(directory);
        Path sources = PythonProgram.module().resolveSibling("python-worker").resolve("src");
        assertEquals(sourceFiles(sources), sourceFiles(unpacked));
        assertArrayEquals(
                Files.readAllBytes(sources.resolve("alcove").resolve("__init__.py")),
                Files.readAllBytes(unpacked.resolve("alcove").resolve("__init__.py")));
    }

    @Test
    void namesTheFolderAfterVersionAndContent() {
        Path unpacked = WorkerPackage.unpack(directory);
        assertTrue(unpacked.startsWith(directory));
        String name = unpacked.getFileName().toString();
        assertTrue(name.matches(java.util.regex.Pattern.quote(Alcove.version()) + "-[0-9a-f]{12}"), name);
    }

    @Test
    void unpacksOnce() throws IOException {
        Path file = WorkerPackage.unpack(directory).resolve("alcove").resolve("__init__.py");
        FileTime longAgo = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(file, longAgo);
        assertEquals(file, WorkerPackage.unpack(directory).resolve("alcove").resolve("__init__.py"));
        assertEquals(longAgo, Files.getLastModifiedTime(file));
    }

    @Test
    void severalAtOnceEndWithOneWholeFolder() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Set<String> whole = sourceFiles(PythonProgram.module().resolveSibling("python-worker").resolve("src"));
            List<Callable<Path>> tasks = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                tasks.add(() -> {
                    Path folder = WorkerPackage.unpack(directory);
                    assertEquals(whole, sourceFiles(folder), "somebody got a folder that was not whole");
                    return folder;
                });
            }
            Set<Path> folders = new HashSet<>();
            for (Future<Path> folder : threads.invokeAll(tasks)) {
                folders.add(folder.get());
            }
            assertEquals(1, folders.size());
            try (Stream<Path> all = Files.list(directory.resolve("worker"))) {
                assertEquals(folders, all.collect(Collectors.toSet()), "something half-made is left");
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void saysWhereItCouldNotWrite() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> WorkerPackage.unpack(file));
        assertEquals(ErrorKind.ENVIRONMENT_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
        assertTrue(failure.hint().orElse("").contains("ALCOVE_DATA_DIR"));
        assertTrue(failure.data().containsKey("cause"));
    }

    @Test
    void theDigestChangesWithNameAndContentAndNothingElse() {
        String digest = digest("a", "xy");
        assertEquals(digest, digest("a", "xy"));
        assertNotEquals(digest, digest("b", "xy"));
        assertNotEquals(digest, digest("a", "xz"));
        assertNotEquals(digest, digest("ax", "y"));
    }

    @Test
    void theTwoHalvesAreOfOneVersion() throws IOException {
        try (PythonProgram python = PythonProgram.start("import alcove; print(alcove.__version__)")) {
            assertEquals(Alcove.version(), python.readLine());
        }
    }

    @Test
    void isKnownByTheSameNameInAJar() throws IOException {
        Path folder = WorkerPackage.unpack(directory.resolve("data"));
        Path jar = directory.resolve("jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("org/alcove/other.class"));
            zip.putNextEntry(new ZipEntry("worker/"));
            for (Map.Entry<String, byte[]> file : WorkerPackage.files(folder).entrySet()) {
                zip.putNextEntry(new ZipEntry("worker/" + file.getKey()));
                zip.write(file.getValue());
            }
        }
        assertEquals(digest(WorkerPackage.sums(folder)), digest(WorkerPackage.sums(jar)));
        assertEquals(digest(WorkerPackage.files(folder)), digest(WorkerPackage.files(jar)));
        Path changed = WorkerPackage.files(folder).keySet().stream().map(folder::resolve).findFirst().orElseThrow();
        byte[] content = Files.readAllBytes(changed);
        content[0]++; // of the same length
        Files.write(changed, content);
        assertNotEquals(digest(WorkerPackage.sums(folder)), digest(WorkerPackage.sums(jar)));
    }

    private static String digest(Map<String, byte[]> files) {
        return WorkerPackage.digest(files);
    }

    private static String digest(String name, String content) {
        return WorkerPackage.digest(new TreeMap<>(Map.of(name, content.getBytes(UTF_8))));
    }

    private static Set<String> sourceFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".py"))
                    .map(file -> root.relativize(file).toString())
                    .collect(Collectors.toSet());
        }
    }
}

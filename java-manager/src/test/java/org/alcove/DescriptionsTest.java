package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a description is remembered, and when it must not be believed any more. */
class DescriptionsTest {
    @TempDir
    private Path folder;

    private Path file;
    private Path helper;
    private int described;

    @BeforeEach
    void writeOpFile() throws IOException {
        file = written("größe 1.py", "import helper");
        helper = written("helper.py", "VALUE = 1");
    }

    @Test
    void theSecondProgramDescribesNothing() {
        List<Object> first = describe(descriptions("package-1"));
        List<Object> second = describe(descriptions("package-1"));
        assertEquals(1, described);
        assertEquals(first, second);
    }

    @Test
    void anUnchangedFileWithANewTimeIsTheSame() throws IOException {
        describe(descriptions("package-1"));
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 100_000));
        describe(descriptions("package-1"));
        assertEquals(1, described);
    }

    @Test
    void aChangeCountsThoughSizeAndTimeAreTheSame() throws IOException {
        describe(descriptions("package-1"));
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, "import HELPER");
        Files.setLastModifiedTime(file, time);
        describe(descriptions("package-1"));
        assertEquals(2, described);
    }

    @Test
    void aChangeOfWhatItImportsCounts() throws IOException {
        describe(descriptions("package-1"));
        written("helper.py", "VALUE = 2");
        describe(descriptions("package-1"));
        describe(descriptions("package-1"));
        assertEquals(2, described);
        Files.delete(helper);
        describe(descriptions("package-1"));
        assertEquals(3, described);
    }

    @Test
    void anotherPythonPackageDescribesAnew() {
        describe(descriptions("package-1"));
        describe(descriptions("package-2"));
        describe(descriptions("package-2"));
        assertEquals(2, described);
    }

    @Test
    void filesOfOneContentAreToldApart() throws IOException {
        describe(descriptions("package-1"));
        Path twin = Files.copy(file, folder.resolve("twin.py"));
        descriptions("package-1").of(twin, this::description);
        assertEquals(2, described);
    }

    @Test
    void aFailureIsNotRemembered() {
        Descriptions descriptions = descriptions("package-1");
        for (int i = 0; i < 2; i++) {
            assertThrows(IllegalStateException.class, () -> descriptions.of(file, () -> {
                throw new IllegalStateException("mistakes");
            }));
        }
        describe(descriptions);
        assertEquals(1, described);
    }

    @Test
    void mistakesAreKnownUntilTheFileChangesButNeverBelieved() throws IOException {
        Map<String, Object> mistake = Map.of("file", helper.toString(), "line", 3L, "message", "no type", "hint", "write one");
        Map<String, Object> error = Map.of(
                "code", 1L, "message", "no type", "data", Map.of("kind", "load_failed", "mistakes", List.of(mistake)));
        KnownOps known = new KnownOps(descriptions("package-1"));
        assertTrue(known.of(file).isEmpty());
        for (int i = 0; i < 2; i++) {
            assertEquals(error, descriptions("package-1").of(file, () -> {
                described++;
                return new Descriptions.Description(List.of(), error, List.of(file, helper));
            }).error());
        }
        assertEquals(2, described, "it may have been the machine's fault");
        assertEquals(
                List.of(new Mistake(helper, 3, "no type", "write one")), known.of(file).orElseThrow().mistakes());
        written("helper.py", "VALUE = 2");
        assertTrue(known.of(file).isEmpty());
        describe(descriptions("package-1"));
        assertEquals(List.of(), known.of(file).orElseThrow().mistakes());
        assertEquals("größe", known.of(file).orElseThrow().descriptors().get(0).get("name"));
    }

    /** It may be described with the old content and digested with the new one. */
    @Test
    void aFileThatIsSavedMeanwhileIsNotRemembered() {
        for (int i = 0; i < 2; i++) {
            descriptions("package-1").of(file, () -> {
                try {
                    Files.writeString(helper, "VALUE = 3");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return description();
            });
        }
        assertEquals(2, described);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "no JSON", "[]", "{}", "null", "\uFEFF{}", "{\"format\": 1}",
        "{\"format\": 1, \"package\": \"package-1\", \"sources\": {}, \"ops\": []}",
        "{\"format\": 1, \"package\": \"package-1\", \"sources\": {\"FILE\": \"DIGEST\"}, \"ops\": [{\"name\": 5}]}",
        "{\"format\": 1, \"package\": \"package-1\", \"sources\": {\"FILE\": \"DIGEST\"}, \"ops\": {\"$type\": \"float\"}}",
        "{\"format\": 2, \"package\": \"package-1\", \"sources\": {\"FILE\": \"DIGEST\"}, \"ops\": []}",
        "{\"format\": 1, \"package\": \"package-1\", \"sources\": {\"FILE\": 7, \"\\u0000\": 7}, \"ops\": []}"
    })
    void whatSomebodyElseWroteIsReplaced(String content) throws IOException {
        describe(descriptions("package-1"));
        Map<String, Object> members = Tree.object(Json.parse(Files.readAllBytes(entry())));
        String digest = String.valueOf(Tree.object(members.get("sources")).get(file.toString()));
        Files.writeString(entry(), content.replace("FILE", file.toString()).replace("DIGEST", digest));
        describe(descriptions("package-1"));
        describe(descriptions("package-1"));
        assertEquals(2, described);
    }

    @Test
    void halfAFileIsReplaced() throws IOException {
        describe(descriptions("package-1"));
        byte[] whole = Files.readAllBytes(entry());
        for (int length = 0; length < whole.length - 1; length += 7) {
            Files.write(entry(), java.util.Arrays.copyOf(whole, length));
            int before = described;
            describe(descriptions("package-1"));
            assertEquals(before + 1, described, "the first " + length + " bytes were believed");
        }
    }

    @Test
    void aFolderThatCannotBeUsedCostsNothingButTime() throws IOException {
        Files.writeString(cache(), "a file, where the folder should be");
        assertEquals(describe(descriptions("package-1")), describe(descriptions("package-1")));
        assertEquals(2, described);
    }

    @Test
    void theOldestAreDropped() throws IOException {
        describe(descriptions("package-1"));
        Path first = entry();
        Files.setLastModifiedTime(first, FileTime.fromMillis(1000));
        for (int i = 0; i < Descriptions.MOST_FILES - 1; i++) {
            Files.createFile(cache().resolve("other-" + i));
        }
        Path next = written("next.py", "");
        descriptions("package-1").of(next, this::description);
        try (Stream<Path> left = Files.list(cache())) {
            assertEquals(Descriptions.MOST_FILES, left.count());
        }
        assertTrue(Files.notExists(first), "the oldest is still there");
        int before = described;
        descriptions("package-1").of(next, this::description);
        assertEquals(before, described);
    }

    @Test
    void severalAtOnceNeverSeeHalfAFile() throws Exception {
        List<Object> expected = describe(descriptions("package-1"));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> all = Stream.of(1, 2, 1, 2)
                .<Future<?>>map(number -> threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < 50; i++) {
                        // Each knows another package, so each rewrites what the other one wrote.
                        assertEquals(expected, descriptions("package-" + number).of(file, this::content).ops());
                    }
                    return null;
                }))
                .toList();
        start.countDown();
        for (Future<?> each : all) {
            each.get();
        }
        threads.shutdown();
        try (Stream<Path> left = Files.list(cache())) {
            assertEquals(List.of(entry()), left.toList(), "something half-made is left");
        }
    }

    @Test
    void aDefaultThatJsonLacksComesBackAsItWas() {
        Object infinity = Map.of("$type", "float", "value", "Infinity");
        Map<String, Object> input = Map.of("name", "limit", "type", "float", "default", infinity);
        Map<String, Object> op = Map.of("name", "cut", "inputs", List.of(input), "outputs", List.of());
        for (int i = 0; i < 2; i++) {
            assertEquals(List.of(op), descriptions("package-1").of(file, () -> {
                described++;
                return new Descriptions.Description(List.of(op), List.of(file));
            }).ops());
        }
        assertEquals(1, described);
    }

    @Test
    void othersCannotChangeIt() throws IOException {
        describe(descriptions("package-1"));
        if (Files.getFileStore(cache()).supportsFileAttributeView("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(entry())));
        }
    }

    private Descriptions descriptions(String packageName) {
        return new Descriptions(cache(), packageName);
    }

    private List<Object> describe(Descriptions descriptions) {
        Descriptions.Description description = descriptions.of(file, this::description);
        assertEquals(java.util.Set.of(file, helper), java.util.Set.copyOf(description.sources()));
        return description.ops();
    }

    private Descriptions.Description description() {
        described++;
        return content();
    }

    private Descriptions.Description content() {
        Map<String, Object> op = new LinkedHashMap<>();
        op.put("name", "größe");
        op.put("inputs", List.of(Map.of("name", "sigma", "default", 2.5, "maximum", 20L)));
        op.put("outputs", List.of());
        op.put("description", null);
        return new Descriptions.Description(List.of(op), List.of(file, helper));
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    private Path entry() throws IOException {
        try (Stream<Path> files = Files.list(cache())) {
            return files.filter(each -> each.toString().endsWith(".json")).findFirst().orElseThrow();
        }
    }

    /** An op file as people have them: saved some time ago. */
    private Path written(String name, String content) throws IOException {
        Path path = Files.writeString(folder.resolve(name), content);
        return Files.setLastModifiedTime(path, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
    }
}

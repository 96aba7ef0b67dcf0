package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The folder that stands in for shared memory: nobody else's, and nobody else looks into it. */
class MemoryFolderTest {
    private static final String SMALL = "mount -t tmpfs -o size=64m alcove-test /dev/shm";

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @TempDir
    private Path parent;

    private Places.Place place;

    @BeforeEach
    void requireOwners() throws IOException {
        assumeTrue(Files.getFileStore(parent).supportsFileAttributeView("posix"), "folders have no owner here");
        place = new Places.Place(parent.resolve("temporary/alcove-memory-me"), "for the test", true);
    }

    @Test
    void itIsMadeForItsOwnerAlone() throws IOException {
        SharedMemory.open(place).close();
        assertEquals("rwx------", mode());
        Files.setPosixFilePermissions(place.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
        SharedMemory.open(place).close();
        assertEquals("rwx------", mode(), "others could have been let in before");
    }

    @Test
    void whatSomebodyElseHasMadeIsRefused() throws IOException {
        Files.createDirectories(place.path());
        try {
            Files.setAttribute(place.path(), "unix:uid", 54321, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            assumeTrue(false, "only root may give a folder away");
        }
        expectRefusal("belongs to");
        assertEquals(54321, Files.getAttribute(place.path(), "unix:uid"));
    }

    @Test
    void aLinkIsRefusedWhereverItLeads() throws IOException {
        Files.createDirectories(place.path().getParent());
        Files.createSymbolicLink(place.path(), parent);
        expectRefusal("no folder");
    }

    @Test
    void theCommandLineSaysOnceThatImagesGoThroughFiles() throws Exception {
        assumeTrue(run("sh", "-c", SMALL + " && test -w /dev/shm").exitCode == 0,
                "only root on Linux may mount a small /dev/shm");
        Path file = bench.file("one.py", "");
        Path temporary = Files.createDirectory(bench.folder().resolve("tmp"));
        Outcome outcome = run("sh", "-c", SMALL + " && exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "-Djava.io.tmpdir=" + temporary,
                "org.alcove.cli.Main", "ops", file.toString());
        List<String> notices = outcome.output.stream().filter(line -> line.contains("128 MiB")).toList();
        assertEquals(1, notices.size(), outcome.output::toString);
        assertTrue(notices.get(0).contains(temporary.toString()) && notices.get(0).contains("--shm-size"), notices.get(0));
        try (var left = Files.list(temporary.resolve("alcove-memory-" + System.getProperty("user.name")))) {
            assertEquals(List.of(), left.toList());
        }
    }

    private record Outcome(int exitCode, List<String> output) {}

    /** In a world of mounted file systems of its own, which ends with the program. */
    private Outcome run(String... command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("unshare", "--mount"));
        whole.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
        builder.environment().keySet().removeAll(Set.of("ALCOVE_MEMORY_DIR"));
        builder.environment().put("ALCOVE_DATA_DIR", bench.folder().resolve("data").toString());
        builder.environment().put("ALCOVE_PYTHON", "none"); // no toolbox: it would take its time
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new Outcome(-1, List.of(e.getMessage()));
        }
        try (var output = process.inputReader(UTF_8)) {
            List<String> lines = output.lines().toList();
            return new Outcome(process.onExit().join().exitValue(), lines);
        }
    }

    private String mode() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(place.path()));
    }

    private void expectRefusal(String reason) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> SharedMemory.open(place));
        assertEquals(ErrorKind.OUT_OF_SHARED_MEMORY, failure.kind());
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
        assertTrue(failure.hint().orElse("").contains("ALCOVE_MEMORY_DIR"));
    }
}

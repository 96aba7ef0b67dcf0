package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Managers in folders of the test's own, and op files for them. After the test it closes the managers and looks at what
 * they left: no process, no file in the memory directory, no thread, no array that nobody closed.
 */
public final class Workbench implements BeforeEachCallback, AfterEachCallback {
    /** Serves all managers of a program, for as long as it runs. */
    private static final Set<String> STANDING_THREADS = Set.of("alcove-shutdown");

    private final List<Alcove> managers = new ArrayList<>();
    private final Set<OpenArrays.Trace> openBefore = new HashSet<>();
    private Path folder;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        OpenArrays.trace(true);
        openBefore.addAll(OpenArrays.all());
        folder = Files.createTempDirectory("alcove test ü ");
        Files.createDirectory(memoryDirectory());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        close();
        OpenArrays.trace(false);
        try {
            expectNothingLeft();
            expectAllClosed();
        } finally {
            Folders.delete(folder);
        }
    }

    public Alcove open() {
        return open(progress -> {});
    }

    Alcove open(Consumer<Progress> listener) {
        return open(settings().onProgress(listener));
    }

    /** A manager with {@link #settings} that were changed. */
    public Alcove open(Settings settings) {
        Alcove alcove = Alcove.open(settings);
        managers.add(alcove);
        return alcove;
    }

    /** Those of the managers that are opened here. */
    public Settings settings() {
        return new Settings().dataDirectory(dataDirectory()).memoryDirectory(memoryDirectory());
    }

    /** For a manager that a test has opened by itself. */
    public void closeLater(Alcove alcove) {
        managers.add(alcove);
    }

    void close() {
        managers.forEach(Alcove::close);
        managers.clear();
    }

    /** An op of an op file that is written now, in the tests' Python, of a manager that is opened now. */
    Op op(String name, String source) {
        return op(open(), name, source);
    }

    public Op op(Alcove alcove, String name, String source) {
        return alcove.op(file(name + ".py", source), name, python());
    }

    public Path file(String name, String source) {
        try {
            return Files.writeString(folder.resolve(name), source);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public Path folder() {
        return folder;
    }

    public Path memoryDirectory() {
        return folder.resolve("memory");
    }

    /** One for all tests, because Python compiles the package once for each. */
    static Path dataDirectory() {
        try {
            Path classes = Path.of(Workbench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return classes.resolveSibling("test data ü");
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static EnvironmentSpec python() {
        return EnvironmentSpec.existing(PythonProgram.executable());
    }

    /** The same Python by another name, so that its ops run in a worker of their own. */
    EnvironmentSpec otherPython() {
        try {
            Path link = folder.resolve("another python");
            Path shell = Files.writeString(link, "#!/bin/sh\nexec '" + PythonProgram.executable() + "' \"$@\"\n");
            assertTrue(shell.toFile().setExecutable(true));
            return EnvironmentSpec.existing(shell);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The names of all files in the memory directory. */
    Set<String> memoryFiles() {
        try (Stream<Path> files = Files.list(memoryDirectory())) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Set<String> blocks() {
        return memoryFiles().stream()
                .filter(name -> !name.endsWith(".lease") && !name.contains(HostFile.END_OF_NAME))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    void expectNothingLeft() throws Exception {
        expectNone("child processes", () -> ProcessHandle.current().children().toList());
        expectNone("threads", Workbench::threads);
        assertEquals(Set.of(), memoryFiles(), "left in the memory directory");
    }

    private void expectAllClosed() {
        List<OpenArrays.Trace> open = new ArrayList<>(OpenArrays.all());
        open.removeAll(openBefore);
        if (!open.isEmpty()) {
            AssertionError failure = new AssertionError(open.size() + " SharedArrays were left open");
            open.forEach(failure::addSuppressed);
            throw failure;
        }
    }

    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("alcove-") && !STANDING_THREADS.contains(name))
                .toList();
    }

    private static void expectNone(String what, Callable<List<?>> left) throws Exception {
        List<?>[] last = new List<?>[1];
        try {
            Eventually.becomes("no " + what, () -> (last[0] = left.call()).isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError(what + " were left: " + last[0], e);
        }
    }
}

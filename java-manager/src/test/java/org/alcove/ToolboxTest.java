package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Making the toolbox, with pins of one tiny package and on Pythons of several kinds. */
class ToolboxTest {
    private Path temporary;
    private Path folder;
    private Path wheels;
    private TinyWheel wheel;
    private final Map<String, String> variables = new TreeMap<>();
    private final List<Progress> heard = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        temporary = Files.createTempDirectory("alcove-test-");
        folder = Files.createDirectory(temporary.resolve("Jürgens Zellen"));
        wheels = folder.resolve("the wheels");
        wheel = TinyWheel.write(wheels, "tiny", 100);
        variables.put("ALCOVE_TOOLBOX_WHEELS", wheels.toString());
        variables.put("PATH", "");
    }

    @AfterEach
    void cleanUp() throws IOException {
        Folders.delete(temporary);
    }

    private Launch make(String requirements) throws IOException {
        try (CallBench bench = new CallBench(folder)) {
            return Call.around(bench.host(), heard::add, call -> toolbox(requirements).launch(call, "test"));
        }
    }

    private Toolbox toolbox(String requirements) {
        return new Toolbox(folder, folder, variables, requirements);
    }

    private AlcoveException failure(String requirements) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> make(requirements));
        assertEquals(ErrorKind.ENVIRONMENT_FAILED, failure.kind());
        return failure;
    }

    private static String run(Path python, String code) throws IOException {
        Process process = new ProcessBuilder(python.toString(), "-c", code).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes()).strip();
    }

    @Test
    void aPythonWithoutPipWillDoAndWhereItIsGoneAnotherOneIsTaken() throws IOException {
        Path first = BarePython.make(folder.resolve("bare python ü"), "ensurepip");
        variables.put("PATH", first.getParent().toString());
        assertTrue(run(first, "import ensurepip").contains("No module named"));
        Launch launch = make(wheel.pin());
        assertComplete(launch, "bare python ü");
        assertEquals(1.0, heard.get(heard.size() - 1).fraction().orElseThrow());

        Files.delete(first);
        assertTrue(toolbox(wheel.pin()).find().isEmpty());
        Path second = BarePython.make(folder.resolve("barer"), "ensurepip", "venv");
        variables.put("PATH", second.getParent().toString());
        assertComplete(make(wheel.pin()), "barer");
    }

    private void assertComplete(Launch launch, String base) throws IOException {
        assertEquals("1.0", run(launch.python(), "import tiny; print(tiny.VERSION)"));
        assertTrue(run(launch.python(), "import sys; print(sys.base_prefix)").endsWith(base));
        Path prefix = launch.environmentDirectory();
        assertEquals(prefix.toRealPath(), Path.of(run(launch.python(), "import sys; print(sys.prefix)")).toRealPath());
        assertTrue(run(launch.python(), "import pip").contains("No module named"), "pip stays out of it");
        assertEquals(List.of(".lock", prefix.getFileName().toString()), names(folder.resolve("toolbox")));
        assertFalse(Files.exists(prefix.resolve(".work")));
    }

    @Test
    void aPythonThatPipCannotRunInIsPassedOver() throws IOException {
        Path minimal = BarePython.make(folder.resolve("minimal"), "ensurepip", "venv", "xmlrpc");
        Path complete = BarePython.make(folder.resolve("complete"), "ensurepip", "venv");
        variables.put("PATH", minimal.getParent() + java.io.File.pathSeparator + complete.getParent());
        Python.Search search = Python.search(variables);
        assertEquals(List.of(minimal + " (it lacks the module xmlrpc)"), search.refused());
        assertEquals(complete.toRealPath(), search.python().orElseThrow().executable().toRealPath());
        assertFalse(search.python().orElseThrow().hasVenv());
    }

    @Test
    void whatTheUserSetsForPipElsewhereDoesNotSendThePackagesAway() throws IOException {
        // Containers of GPU vendors set PIP_CONSTRAINT; clusters set PIP_USER and PIP_TARGET.
        Map<String, String> set = new TreeMap<>(Map.of(
                "PIP_CONSTRAINT", "/nowhere", "PIP_USER", "1", "PIP_TARGET", "/x", "PIP_INDEX_URL", "https://index.example.org"));
        Command command =
                PipWheel.command(Path.of("python"), Path.of("pip"), new NetworkSettings(variables), List.of());
        command.variables().accept(set);
        assertEquals("https://index.example.org", set.get("PIP_INDEX_URL"));
        assertFalse(set.containsKey("PIP_CONSTRAINT") || set.containsKey("PIP_USER") || set.containsKey("PIP_TARGET"));
    }

    @Test
    void aWheelThatIsMissingIsNamed() throws IOException {
        variables.put("ALCOVE_PYTHON", PythonProgram.executable().toString());
        AlcoveException failure = failure(wheel.pin() + "numpy==2.9.9 --hash=sha256:" + "0".repeat(64) + "\n");
        assertEquals("toolbox", failure.data().get("cause"));
        assertTrue(failure.getMessage().contains("no wheel of numpy 2.9.9"), failure.getMessage());
        assertTrue(failure.getMessage().contains(wheels.toString()), failure.getMessage());
        assertTrue(failure.hint().orElse("").contains("pip download"), failure::toString);
        assertEquals(List.of(".lock"), names(folder.resolve("toolbox")));
    }

    @Test
    void aWheelThatWasChangedIsRefused() throws IOException {
        variables.put("ALCOVE_PYTHON", PythonProgram.executable().toString());
        String pin = wheel.pin();
        TinyWheel.write(wheels, "tiny", 101);
        AlcoveException failure = failure(pin);
        assertEquals("hash_mismatch", failure.data().get("cause"));
        assertTrue(failure.hint().orElse("").contains(wheels.toString()), failure::toString);
        assertEquals(List.of(".lock"), names(folder.resolve("toolbox")));
    }

    @Test
    void withoutPythonAndWithoutNetworkThreeWaysOutAreShown() throws IOException {
        Path minimal = BarePython.make(folder.resolve("minimal"), "ensurepip", "venv", "xmlrpc");
        variables.put("PATH", minimal.getParent().toString());
        variables.put("ALCOVE_OFFLINE", "true");
        AlcoveException failure = failure(wheel.pin());
        assertTrue(failure.getMessage().contains(minimal + " (it lacks the module xmlrpc)"), failure.getMessage());
        assertTrue(failure.getMessage().contains("ALCOVE_OFFLINE"), failure.getMessage());
        String hint = failure.hint().orElse("");
        assertTrue(hint.contains("install Python") && hint.contains("let Alcove download micromamba")
                && hint.contains("ALCOVE_MICROMAMBA"), hint);
    }

    @Test
    void aChosenPythonThatWillNotDoIsNotReplaced() {
        variables.put("ALCOVE_PYTHON", "/nowhere/python");
        AlcoveException failure = failure("");
        assertTrue(failure.getMessage().contains("/nowhere/python (it does not start)"), failure.getMessage());
    }

    @Test
    void pipIsTheOneThatTheReadmeTellsOf() throws IOException {
        Path environments = PythonProgram.module().resolveSibling("envs");
        Path file = PipWheel.unpack(temporary);
        String readme = Files.readString(environments.resolve("README.md"));
        assertTrue(readme.contains(PipWheel.NAME) && readme.contains(TinyWheel.sha256(file)), TinyWheel.sha256(file));
    }

    private static List<String> names(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}

package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A short Python program beside the test, with the package {@code alcove} to import. Closing it ends its input. */
final class PythonProgram implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private PythonProgram(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    static PythonProgram start(String source, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(executable().toString(), "-X", "utf8", "-c", source));
        Stream.of(arguments).map(String::valueOf).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("PYTHONPATH", packageDirectory().toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        return new PythonProgram(builder.start());
    }

    /** The next line of its output, or what is missing for one. */
    String readLine() throws IOException {
        return Optional.ofNullable(output.readLine()).orElse("end of output");
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }

    /** The Python that the tests run: the development environment's, which has numpy. */
    static Path executable() {
        String chosen = System.getProperty("alcove.test.python", System.getenv("ALCOVE_TEST_PYTHON"));
        if (chosen != null) {
            return Path.of(chosen);
        }
        Path development = Python.inVirtualEnvironment(module().resolveSibling(".venv-development"));
        return Stream.concat(Stream.of(development), onPath())
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("there is no Python; ./test makes one"));
    }

    /** Skips the test where the tests' Python lacks a module. */
    static void require(String module) throws IOException {
        try (PythonProgram program = start(
                "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]) is not None)", module)) {
            Assumptions.assumeTrue(program.readLine().equals("True"), () -> "the tests' Python has no " + module);
        }
    }

    /** The folder of this Maven module. */
    static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }

    private static Stream<Path> onPath() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(folder -> Path.of(folder, "python3"));
    }

    private static Path packageDirectory() throws IOException {
        try {
            Path file = Path.of(PythonProgram.class.getResource("/worker/alcove/__init__.py").toURI());
            return file.getParent().getParent();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }
}

package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Python interpreter of this machine that the toolbox can stand on. It need not have pip.
 *
 * @param executable its full path
 * @param version for example {@code 3.11.7}
 * @param hasVenv whether it can make virtual environments by itself
 */
record Python(Path executable, String version, boolean hasVenv) {
    static final String OLDEST = "3.10";
    private static final long SECONDS_TO_ANSWER = 20;
    private static final List<String> NAMES =
            List.of("python3", "python", "python3.13", "python3.12", "python3.14", "python3.11", "python3.10");
    // The modules are those that pip needs and that distributions leave out of their smallest Python. Packages for
    // another interpreter than CPython are not among the toolbox's.
    private static final String QUESTION =
            """
            import sys, platform
            print(platform.python_version())
            print(getattr(sys, '_base_executable', '') or sys.executable)
            try:
                if sys.version_info < (3, 10):
                    print('version ' + platform.python_version())
                elif platform.python_implementation() != 'CPython':
                    print('it is ' + platform.python_implementation() + ', not CPython')
                else:
                    import ssl, zlib, ctypes, json, html.parser, xmlrpc.client
                    import importlib.util
                    print('with venv' if importlib.util.find_spec('venv') else 'without venv')
            except ImportError as error:
                print('it lacks the module ' + str(error.name))
            """;

    /**
     * What came of looking for one.
     *
     * @param python the first that will do
     * @param refused the others before it, each with the reason
     * @param isChosen whether the user named the one to take
     */
    record Search(Optional<Python> python, List<String> refused, boolean isChosen) {
        /** What was looked for, and what there was. */
        String describe() {
            String found = refused.isEmpty() ? "found none" : "found " + String.join(", ", refused);
            String wanted = isChosen ? "the one in ALCOVE_PYTHON" : "python3, python and the like on the PATH";
            return "looked for " + wanted + ", " + found;
        }
    }

    /** Looks on the PATH; {@code ALCOVE_PYTHON} overrides. */
    static Search search(Map<String, String> variables) {
        String chosen = variables.getOrDefault("ALCOVE_PYTHON", "");
        List<String> refused = new ArrayList<>();
        for (Path candidate : chosen.isBlank() ? onPath(variables) : List.of(Path.of(chosen))) {
            String[] answer = ask(candidate).split("\n");
            String verdict = answer[answer.length - 1];
            if (answer.length == 3 && List.of("with venv", "without venv").contains(verdict)) {
                return new Search(
                        Optional.of(new Python(Path.of(answer[1]), answer[0], verdict.equals("with venv"))),
                        refused, !chosen.isBlank());
            }
            refused.add(candidate + " (" + verdict + ")");
        }
        return new Search(Optional.empty(), refused, !chosen.isBlank());
    }

    static Path inVirtualEnvironment(Path prefix) {
        return File.separatorChar == '\\'
                ? prefix.resolve("Scripts").resolve("python.exe")
                : prefix.resolve("bin").resolve("python");
    }

    static Path inCondaEnvironment(Path prefix) {
        return File.separatorChar == '\\' ? prefix.resolve("python.exe") : prefix.resolve("bin").resolve("python");
    }

    private static List<Path> onPath(Map<String, String> variables) {
        List<Path> found = new ArrayList<>();
        String suffix = File.separatorChar == '\\' ? ".exe" : "";
        for (String name : NAMES) {
            for (String folder : variables.getOrDefault("PATH", "").split(File.pathSeparator)) {
                Path candidate = Path.of(folder.isEmpty() ? "." : folder, name + suffix);
                if (Files.isExecutable(candidate)) {
                    found.add(candidate);
                }
            }
        }
        return found;
    }

    /** Three lines from a Python that will do: version, path, whether it has venv; otherwise the last line says why not. */
    private static String ask(Path executable) {
        try {
            ProcessBuilder builder = new ProcessBuilder(executable.toString(), "-X", "utf8", "-c", QUESTION);
            builder.redirectErrorStream(true);
            Launch.removeForeign(builder.environment());
            Process process = Launcher.start(builder);
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS_TO_ANSWER, TimeUnit.SECONDS)) {
                ProcessTree.kill(process);
                return "it does not answer";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .replace("\r", "");
        } catch (IOException e) {
            return "it does not start";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while looking for Python");
        }
    }
}

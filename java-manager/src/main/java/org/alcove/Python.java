package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Python interpreter of this machine.
 *
 * @param executable its full path
 * @param version for example {@code 3.11.7}
 */
record Python(Path executable, String version) {
    private static final int OLDEST_MINOR = 10;
    private static final long SECONDS_TO_ANSWER = 20;
    private static final List<String> NAMES =
            List.of("python3", "python", "python3.13", "python3.12", "python3.14", "python3.11", "python3.10");

    /**
     * The first one on the PATH that the toolbox can be made with; {@code ALCOVE_PYTHON} overrides.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} that tells what was found and why it would not do
     */
    static Python find() {
        String chosen = System.getenv("ALCOVE_PYTHON");
        List<String> refused = new ArrayList<>();
        List<Path> candidates = chosen != null && !chosen.isBlank() ? List.of(Path.of(chosen)) : onPath(System.getenv());
        for (Path candidate : candidates) {
            String answer = ask(candidate);
            String[] parts = answer.split("\n");
            if (parts.length == 3 && parts[2].equals("complete")) {
                return new Python(Path.of(parts[1]), parts[0]);
            }
            refused.add(candidate + " (" + parts[parts.length - 1] + ")");
        }
        String found = refused.isEmpty() ? "there is none on the PATH" : "found " + String.join(", ", refused);
        throw Toolbox.failure(
                "toolbox",
                "no Python >= 3." + OLDEST_MINOR + " that can make environments: " + found,
                "install Python 3.10 or newer (on Debian: apt install python3 python3-venv), or name one in ALCOVE_PYTHON",
                refused);
    }

    static Path inVirtualEnvironment(Path prefix) {
        return File.separatorChar == '\\'
                ? prefix.resolve("Scripts").resolve("python.exe")
                : prefix.resolve("bin").resolve("python");
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

    /** Three lines from a Python that will do: version, path, "complete"; otherwise the last line says why not. */
    private static String ask(Path executable) {
        String question = "import sys, platform\n"
                + "print(platform.python_version())\n"
                + "print(getattr(sys, '_base_executable', '') or sys.executable)\n"
                + "try:\n"
                + "    import venv, ensurepip, ssl\n"
                + "    ok = (3, " + OLDEST_MINOR + ") <= sys.version_info\n"
                + "    print('complete' if ok else 'version ' + platform.python_version())\n"
                + "except ImportError as error:\n"
                + "    print('it lacks the module ' + str(error.name))\n";
        try {
            ProcessBuilder builder = new ProcessBuilder(executable.toString(), "-X", "utf8", "-c", question);
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

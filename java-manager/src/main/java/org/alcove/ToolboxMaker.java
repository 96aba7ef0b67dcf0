package org.alcove;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a virtual environment with what the toolbox holds, in a folder that nobody else looks at. */
final class ToolboxMaker {
    private static final Pattern RAW_PROGRESS = Pattern.compile("Progress (\\d+) of (\\d+)");
    private static final Pattern DOWNLOADING =
            Pattern.compile("(?:Downloading|Using cached) (?:.*/)?([^-/]+)-[^/]*\\.whl.*");

    private final Call call;
    private final NetworkSettings network;
    private final Path pipCache;
    private final Path directory;

    /**
     * For one toolbox.
     *
     * @param directory the new folder to make it in
     * @param cache what may be deleted at any time goes here
     */
    ToolboxMaker(Call call, Map<String, String> variables, Path directory, Path cache) {
        this.call = call;
        this.network = new NetworkSettings(variables);
        this.pipCache = cache.resolve("pip");
        this.directory = directory;
    }

    /**
     * Makes it, but for its marker, and returns its interpreter.
     *
     * @param requirements the text of toolbox.txt
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} with the cause
     */
    Path make(Python python, String requirements) throws IOException {
        report(0.38, "Python " + python.version() + " at " + python.executable());
        Path interpreter = makeVirtualEnvironment(python);
        Path work = Files.createDirectory(directory.resolve(".work"));
        install(interpreter, requirements, work);
        Folders.delete(work);
        return interpreter;
    }

    /** Puts the wheels that the pins choose for this interpreter into a folder: the toolbox for machines like this one. */
    void download(Path interpreter, String requirements, Path wheels) throws IOException {
        Path work = Files.createDirectories(directory);
        try {
            pip(interpreter, requirements, work, List.of("download", "--dest", wheels.toString()));
        } finally {
            Folders.delete(work);
        }
    }

    private Path makeVirtualEnvironment(Python python) throws IOException {
        Path interpreter = Python.inVirtualEnvironment(directory);
        if (python.hasVenv() || File.separatorChar == '\\') {
            List<String> line = List.of(
                    python.executable().toString(), "-X", "utf8", "-m", "venv", "--without-pip", directory.toString());
            Command.Result result = new Command(line, variables -> {}).run(call, said -> {});
            if (result.exitCode() != 0) {
                throw Toolbox.failure("toolbox",
                        python.executable() + " could not make a virtual environment: " + result.reason(),
                        "install a complete Python >= " + Python.OLDEST + ", or name one in ALCOVE_PYTHON",
                        result.lastLines());
            }
            return interpreter;
        }
        // A link and a file that names what it links to: all that Python looks at.
        String minor = python.version().replaceFirst("^(\\d+\\.\\d+).*", "$1");
        Files.createDirectories(directory.resolve("lib").resolve("python" + minor).resolve("site-packages"));
        Files.createDirectories(interpreter.getParent());
        Files.createSymbolicLink(interpreter, python.executable());
        Files.writeString(directory.resolve("pyvenv.cfg"), "home = " + python.executable().getParent()
                + "\ninclude-system-site-packages = false\nversion = " + python.version() + "\n");
        return interpreter;
    }

    private void install(Path interpreter, String requirements, Path work) throws IOException {
        pip(interpreter, requirements, work, List.of("install"));
    }

    private void pip(Path interpreter, String requirements, Path work, List<String> doing) throws IOException {
        if (network.isOffline() && network.toolboxWheels().isEmpty()) {
            throw Toolbox.failure("network", "the toolbox must be downloaded once, and ALCOVE_OFFLINE forbids that",
                    "run it once with network, or let ALCOVE_TOOLBOX_WHEELS name a folder with its wheels", List.of());
        }
        Path pins = Files.writeString(work.resolve("toolbox.txt"), requirements);
        List<String> arguments = new ArrayList<>(doing);
        arguments.addAll(List.of("--require-hashes", "--only-binary", ":all:", "--progress-bar", "raw",
                "--retries", String.valueOf(network.retries()), "--timeout", String.valueOf(network.timeout().toSeconds()),
                "--cache-dir", pipCache.toString(), "--requirement", pins.toString()));
        network.index().ifPresent(index -> arguments.addAll(List.of("--index-url", index)));
        network.toolboxWheels()
                .ifPresent(folder -> arguments.addAll(List.of("--no-index", "--find-links", folder.toString())));
        // A package stands there several times when its versions differ between Pythons.
        Lines lines = new Lines((int) requirements.lines()
                .filter(line -> line.matches("[A-Za-z0-9].*==.*"))
                .map(line -> line.replaceFirst("==.*", ""))
                .distinct()
                .count());
        Command command = PipWheel.command(interpreter, PipWheel.unpack(work), network, arguments);
        Command.Result result = command.run(call, lines::take);
        if (result.exitCode() != 0) {
            throw PipFailures.explain(result, network, directory.getParent(), interpreter);
        }
    }

    /** What pip says, as progress. */
    private final class Lines {
        private final int packages;
        private int seen;
        private String current = "";

        Lines(int packages) {
            this.packages = packages;
        }

        void take(String line) {
            Matcher bytes = RAW_PROGRESS.matcher(line);
            Matcher download = DOWNLOADING.matcher(line);
            if (line.startsWith("Collecting ")) {
                seen++;
                current = line.substring("Collecting ".length()).replaceAll("[=<>~!; ].*", "");
                report(fraction(0), "Fetching " + current);
            } else if (download.matches()) {
                current = download.group(1);
            } else if (bytes.matches()) {
                long done = Long.parseLong(bytes.group(1));
                long total = Long.parseLong(bytes.group(2));
                downloaded(done, total);
            } else if (line.startsWith("Installing collected packages")) {
                report(0.85, "Installing " + seen + " packages");
            }
        }

        private void downloaded(long done, long total) {
            String message = String.format(
                    Locale.ROOT, "Downloading %s: %.0f of %.0f MB, package %d of %d", current, done / 1e6, total / 1e6,
                    seen, packages);
            double share = total == 0 ? 0 : done / (double) total;
            call.report(Progress.of(Progress.Stage.TOOLBOX, fraction(share), message, Map.of(
                    "step", "downloading", "package", current, "done_bytes", done, "total_bytes", total,
                    "done_packages", (long) seen - 1, "total_packages", (long) packages)));
        }

        private double fraction(double share) {
            return 0.4 + 0.45 * Math.min(1.0, (seen - 1 + share) / packages);
        }
    }

    private void report(double fraction, String message) {
        call.report(Progress.of(Progress.Stage.TOOLBOX, fraction, message));
    }
}

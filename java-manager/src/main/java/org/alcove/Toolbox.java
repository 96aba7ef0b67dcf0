package org.alcove;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The environment of Alcove's own ops: those that make environments and read image files. It is made here, in Java, as
 * nothing else can make it; once it is there, everything else is an op in it.
 *
 * <p>It is built in a staging folder under a lock, gets its marker last and is renamed into place: it is there whole or
 * not at all. Its folder is named after the pins in {@code envs/toolbox.txt}, so new pins make a new one.
 */
final class Toolbox {
    private static final String REQUIREMENTS = "/toolbox/toolbox.txt";
    private static final long MILLISECONDS_BETWEEN_TRIES = 100;

    private final Path folder;
    private final Path packageDirectory;
    private final String requirements;
    private final String hash;

    Toolbox(Path dataDirectory, Path packageDirectory) {
        this.folder = dataDirectory.resolve("toolbox");
        this.packageDirectory = packageDirectory;
        this.requirements = WorkerPackage.resource(REQUIREMENTS);
        this.hash = WorkerPackage.digest(Map.of("toolbox.txt", requirements.getBytes(StandardCharsets.UTF_8)));
    }

    /** The toolbox when it is ready; a look at one file, no process. */
    Optional<Environment> find() {
        return Environment.marked(folder.resolve(hash));
    }

    /** How to start a worker in it. Workers of one purpose wait for each other, those of two don't. */
    Launch launch(Call call, String purpose) {
        Environment ready = find().orElseGet(() -> make(call));
        return new Launch("toolbox", ready.python(), ready.directory(), packageDirectory, purpose);
    }

    private Environment make(Call call) {
        try {
            Files.createDirectories(folder);
            Path lockFile = folder.resolve(".lock");
            try (FileChannel channel =
                            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lock(channel, call)) {
                Optional<Environment> made = find(); // by whoever held the lock before us
                return made.isPresent() ? made.get() : build(call);
            }
        } catch (IOException e) {
            throw failure(
                    "permission",
                    "the toolbox could not be written to " + folder + ": " + Folders.reason(e),
                    "make room there, or set ALCOVE_DATA_DIR to a folder that you can write to",
                    List.of());
        }
    }

    private FileLock lock(FileChannel channel, Call call) throws IOException {
        boolean said = false;
        while (true) {
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // Another manager in this very program has it.
            }
            if (lock != null) {
                return lock;
            }
            if (!said) {
                report(call, null, "Another program is making the toolbox; waiting for it");
                said = true;
            }
            Command.pause(MILLISECONDS_BETWEEN_TRIES, call);
        }
    }

    private Environment build(Call call) throws IOException {
        report(call, 0.0, "Making the toolbox, once (about 100 MB)");
        clearStaging();
        Python python = Python.find();
        Path staging = folder.resolve(".staging-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        try {
            report(call, 0.02, "Python " + python.version() + " at " + python.executable());
            run(call, List.of(python.executable().toString()), "venv", "--without-pip", staging.toString());
            Path interpreter = Python.inVirtualEnvironment(staging);
            report(call, 0.05, "Preparing pip");
            run(call, List.of(interpreter.toString()), "ensurepip", "--default-pip");
            install(call, interpreter, staging);
            Files.createFile(staging.resolve(".in-use"));
            writeMarker(staging, interpreter, python.version());
            Path target = folder.resolve(hash);
            Folders.delete(target); // one whose Python is gone
            Folders.moveInto(staging, target);
            report(call, 1.0, "The toolbox is ready");
        } finally {
            Folders.delete(staging);
        }
        return find().orElseThrow(() -> failure("toolbox", "the toolbox is broken right after it was made",
                "run alcove doctor", List.of()));
    }

    private void install(Call call, Path interpreter, Path staging) throws IOException {
        Path pins = staging.resolve("toolbox.txt");
        Files.writeString(pins, requirements);
        int packages = (int) requirements.lines().filter(line -> line.matches("[A-Za-z0-9].*==.*")).count();
        int[] seen = {0};
        Command command = module(List.of(interpreter.toString()), "pip", "install", "--require-hashes", "--no-input",
                "--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2",
                "--cache-dir", folder.resolveSibling("cache").resolve("pip").toString(), "-r", pins.toString());
        Command.Result result = command.run(call, line -> {
            if (line.startsWith("Collecting ")) {
                double fraction = 0.1 + 0.6 * Math.min(1.0, ++seen[0] / (double) packages);
                report(call, fraction, "Fetching " + line.substring("Collecting ".length()).replaceAll(" .*", ""));
            } else if (line.startsWith("Installing collected packages")) {
                report(call, 0.75, "Installing " + seen[0] + " packages");
            }
        });
        if (result.exitCode() != 0) {
            throw installFailure(result);
        }
    }

    private AlcoveException installFailure(Command.Result result) {
        String text = String.join("\n", result.lastLines());
        if (text.contains("No space left")) {
            return failure("disk_full", "the disk is full: " + folder, "make room, then try again", result.lastLines());
        }
        if (text.contains("HASHES")) {
            return failure("hash_mismatch", "a downloaded package is not the one that Alcove was tested with",
                    "a proxy or mirror may have changed it; try again, or ask your network's administrator",
                    result.lastLines());
        }
        boolean network = text.contains("NewConnectionError") || text.contains("ConnectTimeout")
                || text.contains("Failed to establish") || text.contains("ProxyError") || text.contains("SSLError")
                || text.contains("Connection to") || text.contains("Connection refused");
        return network
                ? failure("network", "the toolbox could not be downloaded: the package index cannot be reached",
                        "check the network and the proxy settings (HTTPS_PROXY, PIP_INDEX_URL), then try again",
                        result.lastLines())
                : failure("toolbox", "pip could not install the toolbox: " + lastError(result),
                        "the last lines of its output are in the details (--debug shows them)", result.lastLines());
    }

    private static String lastError(Command.Result result) {
        return result.lastLines().stream()
                .filter(line -> line.startsWith("ERROR: "))
                .reduce((first, second) -> second)
                .map(line -> line.substring("ERROR: ".length()))
                .orElseGet(() -> ProcessTree.describeExit(result.exitCode()));
    }

    private void run(Call call, List<String> interpreter, String module, String... arguments) throws IOException {
        Command.Result result = module(interpreter, module, arguments).run(call, line -> {});
        if (result.exitCode() != 0) {
            throw failure("toolbox", "python -m " + module + " failed: " + lastError(result),
                    "install a complete Python >= 3.10 (on Debian: apt install python3-venv), or name one in ALCOVE_PYTHON",
                    result.lastLines());
        }
    }

    /** Python modules run behind a guard that ends them when we die and their stdin with us. */
    private static Command module(List<String> interpreter, String module, String... arguments) {
        String guard = "import os, runpy, sys, threading; "
                + "threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start(); "
                + "del sys.argv[0]; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)";
        List<String> command = new java.util.ArrayList<>(interpreter);
        command.addAll(List.of("-X", "utf8", "-c", guard, module));
        command.addAll(List.of(arguments));
        return new Command(command);
    }

    private void writeMarker(Path staging, Path interpreter, String version) throws IOException {
        byte[] marker = Json.line(json -> {
            json.writeStartObject();
            json.writeNumberField("format", 1);
            json.writeStringField("name", "toolbox");
            json.writeStringField("engine", "pip");
            json.writeStringField("hash", hash);
            json.writeStringField("python", staging.relativize(interpreter).toString().replace('\\', '/'));
            json.writeStringField("python_version", version);
            json.writeStringField("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeEndObject();
        });
        try (FileChannel channel = FileChannel.open(
                staging.resolve(Environment.MARKER),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            channel.write(java.nio.ByteBuffer.wrap(marker));
            channel.force(true);
        }
    }

    /** Under the lock every staging folder is a dead process's. */
    private void clearStaging() throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, ".staging-*")) {
            for (Path staging : stream) {
                Folders.delete(staging);
            }
        }
    }

    private static void report(Call call, Double fraction, String message) {
        call.report(Progress.of(Progress.Stage.TOOLBOX, fraction, message));
    }

    static AlcoveException failure(String cause, String message, String hint, List<String> log) {
        return new AlcoveException(ErrorKind.ENVIRONMENT_FAILED, message, hint, Map.of("cause", cause, "log", log));
    }
}

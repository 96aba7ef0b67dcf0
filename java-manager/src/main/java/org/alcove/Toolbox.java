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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
    private final Map<String, String> variables;
    private final String requirements;
    private final String hash;

    Toolbox(Path dataDirectory, Path packageDirectory, Map<String, String> variables) {
        this(dataDirectory, packageDirectory, variables, WorkerPackage.resource(REQUIREMENTS));
    }

    /** With other variables than the environment's, and other pins. */
    Toolbox(Path dataDirectory, Path packageDirectory, Map<String, String> variables, String requirements) {
        this.folder = dataDirectory.resolve("toolbox");
        this.packageDirectory = packageDirectory;
        this.variables = variables;
        this.requirements = requirements;
        this.hash = WorkerPackage.digest(Map.of("toolbox.txt", requirements.getBytes(StandardCharsets.UTF_8)));
    }

    /** The same, made from the wheels in a folder instead of downloads. */
    Toolbox madeFrom(Path wheels) {
        Map<String, String> more = new HashMap<>(variables);
        more.put("ALCOVE_TOOLBOX_WHEELS", wheels.toString());
        return new Toolbox(folder.getParent(), packageDirectory, more, requirements);
    }

    /** The toolbox when it is ready; a look at one file, no process. */
    Optional<Environment> find() {
        return EnvironmentLook.marked(folder.resolve(hash));
    }

    /** What making it will take. Looks for a Python, which starts some processes. */
    ToolboxPlan plan() {
        NetworkSettings network = new NetworkSettings(variables);
        Optional<Path> wheels = network.toolboxWheels();
        BasePython base = new BasePython(folder, variables);
        Optional<Python> python = Python.search(variables).python().or(base.micromamba()::find);
        boolean isBrought = python.isEmpty() && base.micromamba().hindrance().isEmpty();
        return new ToolboxPlan(
                folder,
                wheels.isPresent() ? 0 : ToolboxPlan.DOWNLOAD_BYTES,
                ToolboxPlan.DISK_BYTES,
                freeBytes(),
                network.index().map(NetworkSettings::masked),
                wheels,
                network.proxy().filter(proxy -> !proxy.isEmpty()).map(NetworkSettings::masked),
                python.map(found -> "Python " + found.version() + " at " + found.executable()),
                isBrought ? Optional.of(base.micromamba().source()) : Optional.empty(),
                network.isOffline());
    }

    private OptionalLong freeBytes() {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        try {
            return OptionalLong.of(BlockFiles.freeBytes(existing));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** How to start a worker in it. Workers of one purpose wait for each other, those of two don't. */
    Launch launch(Call call, String purpose) {
        Environment ready = find().orElseGet(() -> make(call));
        return new Launch(ready, packageDirectory, purpose);
    }

    /**
     * Puts the wheels that it is made of into a folder, for machines of this kind that have no network; see
     * {@code ALCOVE_TOOLBOX_WHEELS}.
     */
    void download(Call call, Path wheels) {
        Environment ready = find().orElseGet(() -> make(call));
        try {
            Path work = Files.createTempDirectory("alcove-");
            new ToolboxMaker(call, variables, work, cache()).download(ready.python(), requirements, wheels);
        } catch (IOException e) {
            throw failure("permission", "the toolbox's wheels could not be written to " + wheels + ": " + Folders.reason(e),
                    "choose another folder", List.of());
        }
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
        report(call, 0.0, "Making the toolbox, once (about " + ToolboxPlan.DOWNLOAD_BYTES / 1_000_000 + " MB)");
        clearStaging();
        Python python = new BasePython(folder, variables).get(call);
        Path staging = folder.resolve(".staging-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        try {
            Path interpreter = new ToolboxMaker(call, variables, staging, cache()).make(python, requirements);
            Files.createFile(staging.resolve(".in-use"));
            writeMarker(staging, interpreter, python);
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

    private Path cache() {
        return folder.resolveSibling("cache");
    }

    private void writeMarker(Path staging, Path interpreter, Python base) throws IOException {
        byte[] marker = Json.line(json -> {
            json.writeStartObject();
            json.writeNumberField("format", EnvironmentLook.FORMAT);
            json.writeStringField("name", "toolbox");
            json.writeStringField("engine", "pip");
            json.writeStringField("hash", hash);
            json.writeStringField("python", staging.relativize(interpreter).toString().replace('\\', '/'));
            json.writeStringField("base_python", base.executable().toString());
            json.writeStringField("python_version", base.version());
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

    /** Whether the operating system's refusal in a text is about room. */
    static boolean isAboutRoom(String text) {
        return text.contains("No space left")
                || text.contains("not enough space on the disk")
                || text.contains("Disk quota exceeded");
    }

    static AlcoveException diskFull(Path folder, List<String> log) {
        return failure("disk_full", "the disk is full: " + folder, "make room, then try again", log);
    }

    static AlcoveException failure(String cause, String message, String hint, List<String> log) {
        return new AlcoveException(ErrorKind.ENVIRONMENT_FAILED, message, hint, Map.of("cause", cause, "log", log));
    }
}

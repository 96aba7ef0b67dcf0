package org.alcove;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The environments in the data directory. Get this from {@link Alcove#environments}.
 *
 * <p>What takes long tells a listener of every step, and ends within seconds when its thread is interrupted, with a {@link
 * CancelledException}; nothing half-made is left then. So a program with a window does it in a thread of its own:
 *
 * <pre>{@code
 * Future<Environment> making = executor.submit(() -> environments.create(spec, progress -> show(progress)));
 * cancelButton.addActionListener(event -> making.cancel(true));
 * }</pre>
 *
 * <p>Whatever goes wrong is an {@link AlcoveException} of the kind {@link ErrorKind#ENVIRONMENT_FAILED}, whose data has a
 * {@code cause}: {@code unsolvable}, {@code network}, {@code disk_full}, {@code hash_mismatch}, {@code permission}, {@code
 * platform}, {@code path_too_long}, {@code spec_invalid}, {@code toolbox}, {@code in_use}, {@code not_found}, {@code
 * channel_refused}, {@code damaged} or {@code exists}.
 */
public final class Environments {
    private final Path directory;
    private final Path packageDirectory;
    private final boolean offline;
    private final Ops ops;
    private final PackedToolbox packedToolbox;
    private final EnvironmentLook look;
    private final AtomicLong changes = new AtomicLong();

    /** The ops of the toolbox, by name; what only looks has a worker that nothing long keeps busy. */
    interface Ops {
        Op op(String name, boolean onlyLooks);
    }

    Environments(
            Path directory,
            Path packageDirectory,
            boolean offline,
            Map<String, String> variables,
            Ops ops,
            PackedToolbox packedToolbox) {
        this.directory = directory;
        this.packageDirectory = packageDirectory;
        this.offline = offline;
        this.ops = ops;
        this.packedToolbox = packedToolbox;
        Stream<Path> central = Stream.of(variables.getOrDefault("ALCOVE_ENVIRONMENTS_PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
        this.look = new EnvironmentLook(
                Stream.concat(Stream.of(directory), central).toList(), variables.getOrDefault("ALCOVE_VARIANT", ""));
    }

    /** The folder that they are in. */
    public Path directory() {
        return directory;
    }

    /** The environment when it is ready: a look at two or three small files, no process. */
    public Optional<Environment> find(EnvironmentSpec spec) {
        return look.find(spec);
    }

    /** Makes the environment unless it is ready. */
    public Environment create(EnvironmentSpec spec, Consumer<Progress> listener) {
        Optional<Environment> ready = spec.engine().equals(EnvironmentSpec.EXISTING) ? Optional.empty() : find(spec);
        return ready.orElseGet(() -> made(run("create", creation(spec), listener)));
    }

    /**
     * What {@link #create} would install, or {@link #update} would change. Nothing is changed, and little downloaded.
     *
     * @param spec what shall be in the environment of its name, which may be there or not
     */
    public EnvironmentUpdate plan(EnvironmentSpec spec, Consumer<Progress> listener) {
        return new EnvironmentUpdate(run("update", with(creation(spec), "dry_run", true), listener));
    }

    /** What {@link #update(String, Consumer)} would change. Nothing is changed, and little downloaded. */
    public EnvironmentUpdate plan(String name, Consumer<Progress> listener) {
        return new EnvironmentUpdate(run("update", with(update(name), "dry_run", true), listener));
    }

    /** Makes an environment anew, with other packages. Workers that run in it go on in the version before. */
    public EnvironmentUpdate update(EnvironmentSpec spec, Consumer<Progress> listener) {
        return new EnvironmentUpdate(run("update", creation(spec), listener));
    }

    /** Makes an environment anew, with the newest packages that fit what it was made from. */
    public EnvironmentUpdate update(String name, Consumer<Progress> listener) {
        return new EnvironmentUpdate(run("update", update(name), listener));
    }

    /**
     * A lock file: every package with version, origin and hash. Made into an environment by {@link
     * EnvironmentSpec#fromFile}, it is the same everywhere and for ever.
     *
     * @param platforms what it is for, as conda names them ({@code linux-64}, {@code linux-aarch64}, {@code osx-64}, {@code
     *     osx-arm64}, {@code win-64}, {@code win-arm64}); when empty, those that {@code spec} names, else this one
     */
    public EnvironmentText lock(EnvironmentSpec spec, List<String> platforms, Consumer<Progress> listener) {
        return new EnvironmentText(run("lock", with(creation(spec), "platforms", platforms), listener));
    }

    /** Compares every file of an environment with what its package says. */
    public EnvironmentCheck verify(String name, Consumer<Progress> listener) {
        return check(name, false, listener);
    }

    /** Does the same, and makes the environment anew from its lock file when something is damaged. */
    public EnvironmentCheck repair(String name, Consumer<Progress> listener) {
        return check(name, true, listener);
    }

    /** All environments, by name; also those that others keep for all. */
    public List<EnvironmentInfo> list() {
        if (look.directories().stream().noneMatch(Files::isDirectory)) {
            return List.of(); // nothing was ever made, not even the toolbox perhaps
        }
        return Tree.list(look("list", Map.of())).stream()
                .map(each -> new EnvironmentInfo(Tree.object(each)))
                .toList();
    }

    /** Everything about one environment, its packages included. */
    public EnvironmentInfo show(String name) {
        return new EnvironmentInfo(Tree.object(look("show", Map.of("name", name))));
    }

    /** Measures how much room environments and caches take. Every file is looked at, which can take seconds. */
    public EnvironmentUsage usage() {
        return new EnvironmentUsage(Tree.object(look("usage", Map.of())));
    }

    /**
     * An environment as a file for another program.
     *
     * @param format {@code environment.yml}, {@code requirements.txt}, {@code conda-lock.yml}, {@code pixi.lock} or {@code
     *     pylock.toml}; which of these there are depends on the engine
     */
    public EnvironmentText export(String name, String format) {
        return new EnvironmentText(Tree.object(look("export", Map.of("name", name, "format", format))));
    }

    /** Gives an environment that no worker uses another name. */
    public void rename(String name, String newName, Consumer<Progress> listener) {
        run("rename", with(named(name), "new_name", newName), listener);
    }

    /**
     * Removes an environment that no worker uses. One that an op needs is made again when it is next called.
     *
     * @param dryRun only says what that would free
     * @return the bytes freed
     */
    public long remove(String name, boolean dryRun) {
        Map<String, Object> inputs = with(with(named(name), "dry_run", dryRun), "directory", directory);
        Map<String, Object> answer =
                translated(() -> ops.op("remove", false).callAs(Progress.Stage.ENVIRONMENT, inputs));
        return Tree.number(answer.get("freed_bytes"), 0);
    }

    /**
     * Removes what nobody needs: remains of what ended too early, earlier versions of environments, and on request more.
     *
     * @param unusedDays removes environments that nobody has used for so many days, too; not when negative
     * @param caches empties the caches, too: what is needed again is downloaded again
     * @param dryRun only says what would go
     */
    public EnvironmentCleanup clean(int unusedDays, boolean caches, boolean dryRun, Consumer<Progress> listener) {
        Map<String, Object> inputs = new LinkedHashMap<>(Map.of("caches", caches, "dry_run", dryRun));
        if (unusedDays >= 0) {
            inputs.put("unused_days", unusedDays);
        }
        return new EnvironmentCleanup(run("clean", inputs, listener));
    }

    /**
     * Writes an environment to one file, from which {@link #unpack} makes it on a machine without network.
     *
     * @param file a new file
     * @param withToolbox puts Alcove's own toolbox in, too (about 100 MB), for a machine that has not got it
     * @return the size of the file in bytes
     */
    public long pack(String name, Path file, boolean withToolbox, Consumer<Progress> listener) {
        Map<String, Object> inputs = with(named(name), "file", file);
        Map<String, Object> answer = withToolbox
                ? packedToolbox.withWheels(listener, wheels -> run("pack", with(inputs, "toolbox", wheels), listener))
                : run("pack", inputs, listener);
        return Tree.number(answer.get("bytes"), 0);
    }

    /**
     * Makes an environment from a file that {@link #pack} wrote on a machine of the same platform; and the toolbox first,
     * where it is missing and the file has it.
     *
     * @param name what to call it; null for the name that it had
     */
    public Environment unpack(Path file, String name, Consumer<Progress> listener) {
        Map<String, Object> inputs = new LinkedHashMap<>(Map.of("file", file));
        if (name != null) {
            inputs.put("name", name);
        }
        packedToolbox.makeFrom(file, listener);
        return made(run("unpack", inputs, listener));
    }

    /** The settings that hold for making environments, and where each comes from. */
    public List<EnvironmentSetting> settings() {
        return Tree.list(look("settings", Map.of())).stream()
                .map(each -> new EnvironmentSetting(Tree.object(each)))
                .toList();
    }

    /**
     * Changes a setting in the user's {@code settings.toml}, of which all else stays as it is, comments too. A variable that
     * sets the same goes on to win.
     *
     * @param name its key
     * @param value as its variable would have it; null takes it out of the file
     * @return the file
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} with the cause {@code spec_invalid} or {@code permission}
     */
    public Path set(String name, String value) {
        Map<String, Object> inputs = value == null ? named(name) : with(named(name), "value", value);
        return Path.of(String.valueOf(look("set", inputs)));
    }

    /** How to start a worker in the environment, which is made first where it is missing. */
    LaunchLook launch(EnvironmentSpec spec) {
        return new LaunchLook() {
            @Override
            public Launch now(Call call) {
                return forOps(Environments.this.find(spec).orElseGet(() -> made(translated(() -> ops.op("create", false)
                        .callFor(call, with(creation(spec), "directory", directory), Progress.Stage.ENVIRONMENT)))));
            }

            @Override
            public Optional<Launch> find() {
                return Environments.this.find(spec).map(Environments.this::forOps);
            }

            @Override
            public long changes() {
                return changes.get();
            }
        };
    }

    private Launch forOps(Environment ready) {
        return new Launch(ready.with(forOps()), packageDirectory, "ops");
    }

    /** What ops must know that download something by themselves; the variables of this process may say otherwise. */
    private Map<String, String> forOps() {
        Path dataDirectory = directory.toAbsolutePath().getParent();
        return offline
                ? Map.of("ALCOVE_DATA_DIR", dataDirectory.toString(), "ALCOVE_OFFLINE", "1")
                : Map.of("ALCOVE_DATA_DIR", dataDirectory.toString());
    }

    private EnvironmentCheck check(String name, boolean repair, Consumer<Progress> listener) {
        Map<String, Object> inputs = with(with(named(name), "repair", repair), "offline", offline);
        return new EnvironmentCheck(run("verify", inputs, listener));
    }

    private Map<String, Object> creation(EnvironmentSpec spec) {
        return Map.of("specification", spec.toValue(), "offline", offline);
    }

    private Map<String, Object> update(String name) {
        return with(named(name), "offline", offline);
    }

    private static Map<String, Object> named(String name) {
        return Map.of("name", name);
    }

    private static Map<String, Object> with(Map<String, Object> inputs, String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(inputs);
        more.put(name, value);
        return more;
    }

    /** The environment that an op says it has made. */
    private static Environment made(Map<String, Object> answer) {
        Path prefix = Path.of(String.valueOf(answer.get("directory")));
        return EnvironmentLook.marked(prefix).orElseThrow(() -> Toolbox.failure(
                "toolbox",
                "the environment " + answer.get("name") + " is broken right after it was made",
                "remove it with: alcove env remove " + answer.get("name"),
                List.of()));
    }

    private Map<String, Object> run(String op, Map<String, Object> inputs, Consumer<Progress> listener) {
        return translated(() -> ops.op(op, false)
                .callAs(Progress.Stage.ENVIRONMENT, with(inputs, "directory", directory), listener));
    }

    private Object look(String op, Map<String, Object> inputs) {
        return value(() -> ops.op(op, true).callAs(Progress.Stage.ENVIRONMENT, with(inputs, "directory", directory)));
    }

    private interface Attempt {
        Outputs get();
    }

    private Map<String, Object> translated(Attempt attempt) {
        return Tree.object(value(attempt));
    }

    /** An op of the toolbox fails like every op; here its failure becomes the environment's, with its cause. */
    private Object value(Attempt attempt) {
        try (Outputs outputs = attempt.get()) {
            return outputs.get("result");
        } catch (AlcoveException failure) {
            Map<String, Object> details = Tree.object(failure.data().get("details"));
            if (failure.kind() != ErrorKind.OP_FAILED || !details.containsKey("cause")) {
                throw failure;
            }
            throw new AlcoveException(
                    ErrorKind.ENVIRONMENT_FAILED, failure.getMessage(), failure.hint().orElse(null), details);
        } finally {
            changes.incrementAndGet(); // perhaps: some only look
        }
    }
}

package org.alcove;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The environments in the data directory. Get this from {@link Alcove#environments}. */
public final class Environments {
    private final Path directory;
    private final Path packageDirectory;
    private final Op create;
    private final Op list;
    private final Op remove;

    Environments(Path directory, Path packageDirectory, java.util.function.Function<String, Op> op) {
        this.directory = directory;
        this.packageDirectory = packageDirectory;
        this.create = op.apply("create");
        this.list = op.apply("list");
        this.remove = op.apply("remove");
    }

    /** The folder that they are in. */
    public Path directory() {
        return directory;
    }

    /** The environment when it is ready: a look at two small files, no process. */
    public Optional<Environment> find(EnvironmentSpec spec) {
        return spec.find(directory);
    }

    /**
     * Makes the environment unless it is ready.
     *
     * @param spec what it shall hold
     * @param listener hears of every step
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED}
     */
    public Environment create(EnvironmentSpec spec, Consumer<Progress> listener) {
        Optional<Environment> ready = find(spec);
        if (ready.isPresent()) {
            return ready.get();
        }
        try (Outputs made = translated(() -> create.callAsync(creation(spec)).onProgress(listener).await())) {
            return find(spec).orElseThrow(() -> broken(spec));
        }
    }

    /** Facts about each environment: name, state, size in bytes and so on. */
    public List<Map<String, Object>> list() {
        if (!Files.isDirectory(directory)) {
            return List.of(); // nothing was ever made, not even the toolbox perhaps
        }
        try (Outputs outputs = translated(() -> list.call(Map.of("directory", directory)))) {
            return Tree.list(outputs.get("result")).stream().map(Tree::object).toList();
        }
    }

    /**
     * Removes an environment.
     *
     * @return the bytes freed
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED}, {@code in_use} while a worker runs in it, {@code
     *     not_found} when there is none
     */
    public long remove(String name) {
        try (Outputs outputs = translated(() -> remove.call(Map.of("directory", directory, "name", name)))) {
            return Tree.number(Tree.object(outputs.get("result")).get("freed_bytes"), 0);
        }
    }

    /** How to start a worker in the environment, which is made first where it is missing. */
    Launch launch(EnvironmentSpec spec, Call call) {
        Environment ready = find(spec).orElseGet(() -> {
            try (Outputs made =
                    translated(() -> create.callFor(call, creation(spec), Progress.Stage.ENVIRONMENT))) {
                return find(spec).orElseThrow(() -> broken(spec));
            }
        });
        return new Launch(ready.name(), ready.python(), ready.directory(), packageDirectory, "ops");
    }

    private Map<String, Object> creation(EnvironmentSpec spec) {
        return Map.of("specification", spec.toValue(), "directory", directory);
    }

    private static AlcoveException broken(EnvironmentSpec spec) {
        return Toolbox.failure("toolbox", "the environment " + spec.name() + " is broken right after it was made",
                "remove it with: alcove env remove " + spec.name(), List.of());
    }

    private interface Attempt {
        Outputs get();
    }

    /** An op of the toolbox fails like every op; here its failure becomes the environment's, with its cause. */
    private static Outputs translated(Attempt attempt) {
        try {
            return attempt.get();
        } catch (AlcoveException failure) {
            Map<String, Object> details = Tree.object(failure.data().get("details"));
            if (failure.kind() != ErrorKind.OP_FAILED || !details.containsKey("cause")) {
                throw failure;
            }
            throw new AlcoveException(
                    ErrorKind.ENVIRONMENT_FAILED, failure.getMessage(), failure.hint().orElse(null), details);
        }
    }
}

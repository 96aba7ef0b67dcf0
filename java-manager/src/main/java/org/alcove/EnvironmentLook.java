package org.alcove;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether an environment is ready: a look at two or three small files and at the interpreter, no process.
 *
 * @param directories folders of environments: one's own, then those that others keep for all and that are only read
 * @param forcedVariant what {@code ALCOVE_VARIANT} says, or nothing
 */
record EnvironmentLook(List<Path> directories, String forcedVariant) {
    /** Of markers, the toolbox's included. */
    static final long FORMAT = 2;
    private static final List<String> COMPARED = List.of("format", "text", "engine", "variant");

    /** The environment that was made from this very specification, when it works. */
    Optional<Environment> find(EnvironmentSpec spec) {
        Optional<Environment> made = directories.stream()
                .map(directory -> find(directory, spec))
                .flatMap(Optional::stream)
                .findFirst();
        // A Python that is there already needs no preparation.
        return made.isEmpty() && spec.engine().equals(EnvironmentSpec.EXISTING)
                ? Optional.of(Environment.of(spec.text(), Path.of(spec.text())))
                : made;
    }

    /** The environment in this very folder, when its marker and interpreter are there. */
    static Optional<Environment> marked(Path directory) {
        return marker(directory).flatMap(marker -> Environment.of(directory, marker));
    }

    private Optional<Environment> find(Path directory, EnvironmentSpec spec) {
        Path folder = directory.resolve(spec.name());
        Optional<Path> current = current(folder);
        return current.isPresent() ? found(current.get(), spec) : referred(folder, spec);
    }

    private Optional<Environment> found(Path prefix, EnvironmentSpec spec) {
        return marker(prefix).filter(marker -> isFor(marker, spec)).flatMap(marker -> Environment.of(prefix, marker));
    }

    private boolean isFor(Map<String, Object> marker, EnvironmentSpec spec) {
        Map<String, Object> made = Tree.object(marker.get("specification"));
        Map<String, Object> wanted = spec.toValue();
        return COMPARED.stream().allMatch(member -> wanted.get(member).equals(made.get(member))) && hasVariant(marker);
    }

    /** Whether nobody has said since that the other variant is wanted; to most environments that makes no difference. */
    private boolean hasVariant(Map<String, Object> marker) {
        String variant = Tree.string(marker.get("variant"));
        return variant == null || variant.isEmpty() || forcedVariant.isEmpty() || variant.equals(forcedVariant);
    }

    /** The environment of a file that several op files share, when the op file names one and it is still the same. */
    private Optional<Environment> referred(Path folder, EnvironmentSpec spec) {
        try {
            Map<String, Object> reference = read(folder.resolve("reference.json"));
            String name = Tree.string(reference.get("environment"));
            String file = Tree.string(reference.get("file"));
            Object made = reference.get("specification");
            if (name == null || file == null || made != null && !isFor(reference, spec)) {
                return Optional.empty();
            }
            String digest = EnvironmentFile.digest(Files.readAllBytes(Path.of(file)));
            return digest.equals(reference.get("sha256"))
                    ? current(folder.resolveSibling(name))
                            .flatMap(prefix -> marker(prefix)
                                    .filter(this::hasVariant)
                                    .flatMap(marker -> Environment.of(prefix, marker)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The prefix that {@code current} in this folder points to. */
    private static Optional<Path> current(Path folder) {
        try {
            String hash = Files.readString(folder.resolve("current"), StandardCharsets.UTF_8).strip();
            return hash.matches("[0-9a-f]+") ? Optional.of(folder.resolve(hash)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Map<String, Object>> marker(Path prefix) {
        try {
            Map<String, Object> marker = read(prefix.resolve(Environment.MARKER));
            return Tree.number(marker.get("format"), 0) == FORMAT ? Optional.of(marker) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> read(Path file) throws IOException {
        return Tree.object(Json.parse(Files.readAllBytes(file)));
    }
}

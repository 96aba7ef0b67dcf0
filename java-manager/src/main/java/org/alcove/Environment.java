package org.alcove;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An environment that is ready: a Python with packages.
 *
 * @param name what it is called
 * @param engine what made it: {@code rattler}, {@code uv}, {@code micromamba} or {@code existing}
 * @param directory its folder, null when Alcove knows nothing of it but its interpreter
 * @param python its interpreter
 * @param path folders that the PATH of a process in it must begin with
 * @param variables what a process in it must have among its environment variables; those whose value is null it must not
 *     have
 */
public record Environment(
        String name, String engine, Path directory, Path python, List<Path> path, Map<String, String> variables) {
    /** The file that is written last of all into an environment: with it, the environment is whole. */
    static final String MARKER = "alcove.json";
    /** Libraries of packages lie there, as on other systems they lie where the loader looks for itself. */
    private static final List<String> CONDA_FOLDERS_ON_WINDOWS =
            List.of("", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin");

    /** An environment that cannot be changed any more. */
    public Environment {
        path = List.copyOf(path);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables)); // with nulls, as Map.copyOf has not
    }

    /**
     * One of which nothing is known but its interpreter. In a conda environment that finds what conda would let it find, but
     * for what activation scripts set: {@link Environments#create} learns that.
     */
    static Environment of(String name, Path python) {
        Path programs = python.getParent();
        if (programs == null) {
            return new Environment(name, EnvironmentSpec.EXISTING, null, python, List.of(), Map.of());
        }
        if (Files.isDirectory(programs.resolve("conda-meta"))) {
            List<Path> path = CONDA_FOLDERS_ON_WINDOWS.stream().map(programs::resolve).toList();
            return new Environment(name, EnvironmentSpec.EXISTING, null, python, path, conda(programs));
        }
        boolean isConda = Files.isDirectory(programs.resolveSibling("conda-meta"));
        return new Environment(name, EnvironmentSpec.EXISTING, null, python, List.of(programs),
                isConda ? conda(programs.getParent()) : Map.of());
    }

    /** The same with further variables for the processes in it. */
    Environment with(Map<String, String> further) {
        Map<String, String> all = new LinkedHashMap<>(variables);
        all.putAll(further);
        return new Environment(name, engine, directory, python, path, all);
    }

    private static Map<String, String> conda(Path prefix) {
        return Map.of("CONDA_PREFIX", prefix.toString());
    }

    /** The one that a marker in this folder describes, when its interpreter is there. */
    static Optional<Environment> of(Path directory, Map<String, Object> marker) {
        Path python = directory.resolve(String.valueOf(marker.get("python")));
        String base = Tree.string(marker.get("base_python"));
        // The interpreter is a link to, on Windows a copy that needs, one that may have been removed or upgraded since.
        if (!Files.isExecutable(python) || base != null && !Files.exists(Path.of(base))) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        Tree.object(marker.get("variables")).forEach((name, value) -> variables.put(name, Tree.string(value)));
        return Optional.of(new Environment(
                String.valueOf(marker.get("name")),
                String.valueOf(marker.get("engine")),
                directory,
                python,
                path(directory, python, marker),
                variables));
    }

    private static List<Path> path(Path directory, Path python, Map<String, Object> marker) {
        List<Path> listed = Tree.strings(marker.get("path")).stream().map(directory::resolve).toList();
        return listed.isEmpty() ? List.of(python.getParent()) : listed;
    }
}

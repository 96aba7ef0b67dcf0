package org.alcove;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * An environment that is ready: a Python with packages.
 *
 * @param name what it is called
 * @param engine what made it: {@code uv} or {@code existing}
 * @param directory its folder, null when Alcove did not make it
 * @param python its interpreter
 */
public record Environment(String name, String engine, Path directory, Path python) {
    /** The file that is written last of all into an environment: with it, the environment is whole. */
    static final String MARKER = "alcove.json";
    private static final long FORMAT = 1;

    /** The environment that {@code current} in this folder points to, when its marker and interpreter are there. */
    static Optional<Environment> current(Path folder) {
        try {
            String hash = Files.readString(folder.resolve("current"), StandardCharsets.UTF_8).strip();
            return hash.matches("[0-9a-f]+") ? marked(folder.resolve(hash)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The environment in this very folder, when its marker and interpreter are there. */
    static Optional<Environment> marked(Path directory) {
        try {
            Map<String, Object> marker = Tree.object(Json.parse(Files.readAllBytes(directory.resolve(MARKER))));
            Path python = directory.resolve(String.valueOf(marker.get("python")));
            String base = Tree.string(marker.get("base_python"));
            // The interpreter is a link to, on Windows a copy that needs, one that may have been removed or upgraded since.
            boolean works = Files.isExecutable(python) && (base == null || Files.exists(Path.of(base)));
            return works && Tree.number(marker.get("format"), 0) == FORMAT
                    ? Optional.of(new Environment(
                            String.valueOf(marker.get("name")), String.valueOf(marker.get("engine")), directory, python))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

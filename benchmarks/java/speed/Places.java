package speed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the things are that are measured.
 *
 * @param home the root of the repository
 * @param build what the runner has built: {@code echo}, and {@code java} with these classes
 * @param python an interpreter with numpy and tifffile
 */
record Places(Path home, Path build, Path python) {
    Path ops(String file) {
        return home.resolve("benchmarks/ops").resolve(file);
    }

    /** The Java that runs this. */
    static Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    Process start(Path program, Object... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(program.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command).directory(home.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}

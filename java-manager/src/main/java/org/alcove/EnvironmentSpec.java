package org.alcove;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an environment shall hold. Made from an op file's header, or an interpreter that is there already.
 *
 * @param name what the environment is called: files of one name with the same header share it
 * @param engine {@code uv}, or {@code existing} for an interpreter that Alcove never changes
 * @param header the TOML of the header, without its comment signs
 * @param headerLine the line of the file on which the TOML begins, from 1
 * @param source the op file, or the interpreter
 */
public record EnvironmentSpec(String name, String engine, String header, int headerLine, Path source) {
    private static final int MAX_STEM_LENGTH = 40;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /**
     * What an op file asks for in its PEP 723 header; a file without one asks for a bare Python.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when the file cannot be read
     */
    public static EnvironmentSpec fromOpFile(Path file) {
        OpSource.file(file);
        List<String> lines = read(file);
        StringBuilder header = new StringBuilder();
        int first = headerStart(lines, file);
        for (int line = first; first > 0 && !lines.get(line).equals("# ///"); line++) {
            header.append(lines.get(line).replaceFirst("^# ?", "")).append('\n');
        }
        String text = first > 0 ? header.toString() : "dependencies = []\n";
        return new EnvironmentSpec(nameFor(file, text), "uv", text, first + 1, file.toAbsolutePath().normalize());
    }

    /** An interpreter that is there already; it is used as it is. */
    public static EnvironmentSpec existing(Path python) {
        return new EnvironmentSpec(python.toString(), "existing", "", 0, python.toAbsolutePath());
    }

    Map<String, Object> toValue() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("name", name);
        value.put("engine", engine);
        value.put("header", header);
        value.put("header_line", headerLine);
        value.put("source", source);
        return value;
    }

    /** The environment when it is ready: two small files and a look at the interpreter, no process. */
    Optional<Environment> find(Path environments) {
        if (engine.equals("existing")) {
            return Optional.of(new Environment(name, engine, null, source));
        }
        return Environment.current(environments.resolve(name));
    }

    /** The index of the first line after the opening one, 0 when there is no header. */
    private static int headerStart(List<String> lines, Path file) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).equals("# /// script")) {
                // Where a block ends is known by its signs: every line of it is a comment.
                for (int end = i + 1; end < lines.size() && lines.get(end).startsWith("#"); end++) {
                    if (lines.get(end).equals("# ///")) {
                        return i + 1;
                    }
                }
                Mistake mistake = new Mistake(
                        file.toAbsolutePath().normalize(),
                        i + 1,
                        "the header '# /// script' has no end",
                        "close it with a line '# ///'; every line before it begins with '#'");
                throw new AlcoveException(
                        ErrorKind.LOAD_FAILED, mistake.toString(), mistake.hint(), Map.of("mistakes", List.of(mistake.toValue())));
            }
        }
        return 0;
    }

    private static List<String> read(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text) // Python reads over it, too
                    .lines()
                    .map(String::stripTrailing)
                    .toList();
        } catch (CharacterCodingException e) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED, file + " is not UTF-8", "save it as UTF-8");
        } catch (IOException e) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED, file + " cannot be read: " + Folders.reason(e), "check the file");
        }
    }

    private static String nameFor(Path file, String header) {
        String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "").replaceAll("[^A-Za-z0-9_-]", "_");
        String digest = WorkerPackage.digest(Map.of("", header.getBytes(StandardCharsets.UTF_8)));
        return stem.substring(0, Math.min(stem.length(), MAX_STEM_LENGTH)) + "-" + digest.substring(0, 8);
    }
}

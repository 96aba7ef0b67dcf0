package org.alcove;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Descriptors in files, as JSON, YAML or XML. The toolbox reads and writes them; the library itself knows JSON alone. */
final class Documents {
    private static final List<String> ENDINGS = List.of(".json", ".yaml", ".yml", ".xml");

    private final Function<String, Op> dialects;

    /** {@code dialects} gives the toolbox's ops by name. */
    Documents(Function<String, Op> dialects) {
        this.dialects = dialects;
    }

    /**
     * Whether the file is a document, known by its name's end; else it is an op file.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when it is neither, or not there
     */
    static boolean isDocument(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (!Files.isRegularFile(file)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    "no file " + file + (Files.isDirectory(file) ? " (it is a folder)" : ""),
                    "check the path");
        }
        if (!name.endsWith(".py") && ENDINGS.stream().noneMatch(name::endsWith)) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    file + " is neither an op file nor a descriptor document",
                    "an op file ends in .py, a document in " + String.join(", ", ENDINGS));
        }
        return !name.endsWith(".py");
    }

    /**
     * The descriptors in a document.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} with all its mistakes
     */
    List<Map<String, Object>> read(Path file) {
        try (Outputs outputs = dialects.apply("read").call(Map.of("path", file))) {
            Map<String, Object> document = Tree.object(outputs.get("document"));
            return Tree.list(document.get("ops")).stream().map(Tree::object).toList();
        } catch (AlcoveException failure) {
            Map<String, Object> details = Tree.object(failure.data().get("details"));
            throw details.containsKey("mistakes") ? refused(file, details) : failure;
        }
    }

    private static AlcoveException refused(Path file, Map<String, Object> details) {
        List<Mistake> mistakes = Mistake.in(details, file);
        Mistake first = mistakes.get(0);
        boolean one = mistakes.size() == 1;
        return new AlcoveException(
                ErrorKind.LOAD_FAILED,
                one ? first.toString() : file + " has " + mistakes.size() + " mistakes",
                one && !first.hint().isEmpty() ? first.hint() : "correct what is named",
                details);
    }

    /** The document of these descriptors. */
    String render(List<Map<String, Object>> descriptors, String dialect) {
        try (Outputs outputs = dialects.apply("render").call(Map.of("ops", descriptors, "to", dialect))) {
            return outputs.text("result");
        }
    }
}

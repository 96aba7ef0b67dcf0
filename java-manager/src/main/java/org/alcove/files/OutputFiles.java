package org.alcove.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;

/**
 * What an op returned, as files in one folder where it is too much for a line: images as TIFF, tables, points and tracks
 * as CSV, shapes as JSON, other arrays as numpy's own files.
 */
public final class OutputFiles {
    private static final Set<String> POSITIONS = Set.of("points", "vectors", "tracks");

    private final Alcove alcove;
    private final Path folder;
    private final UnaryOperator<String> naming;
    private final Collection<Path> inputs;
    private final Writing writing;

    /** Writes one file, whole or not at all. */
    @FunctionalInterface
    public interface Content {
        /** Replaces what was there before; the folder is made when it is missing. */
        void writeTo(Path file) throws Exception;
    }

    /** How files get their content: at once, with words for people about it, or by way of another folder. */
    @FunctionalInterface
    public interface Writing {
        /** Sees to it that the content is in the file. */
        void write(Path file, Content content) throws Exception;
    }

    /**
     * @param folder where the files are written
     * @param naming makes of the name of an output, or of a part of one as {@code masks-1}, the path of its file in the
     *     folder, without the ending
     * @param inputs files that must not be overwritten
     */
    public OutputFiles(
            Alcove alcove, Path folder, UnaryOperator<String> naming, Collection<Path> inputs, Writing writing) {
        this.alcove = alcove;
        this.folder = folder;
        this.naming = naming;
        this.inputs = inputs;
        this.writing = writing;
    }

    /** Refuses to let a process write files of this name that would be an input. */
    public void refuseOverwriting(String name) throws IOException {
        for (String ending : List.of(".tif", ".npy")) {
            free(name, ending);
        }
    }

    /**
     * The output, with the paths of files in place of what was written to one.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when a file would overwrite an input
     * @throws Exception what the writing throws
     */
    public Object write(Parameter output, Object value) throws Exception {
        String name = output.name();
        String role = output.role().orElse("");
        if (value instanceof SharedArray array && POSITIONS.contains(role)) {
            return array.shape().length == 2
                    ? text(name, ".csv", () -> positions(output, role, array))
                    : image(name, ".npy", array);
        }
        if (value instanceof List<?> shapes && output.type().equals("shapes") && !hasPaths(shapes)) {
            return text(name, ".json", () -> JsonText.of(shapes.stream().map(OutputFiles::shape).toList()) + "\n");
        }
        return write(name, value);
    }

    private Object write(String name, Object value) throws Exception {
        if (value instanceof SharedArray array) {
            // A row of numbers is no picture.
            return image(name, array.shape().length < 2 ? ".npy" : ".tif", array);
        }
        if (value instanceof Table table) {
            return text(name, ".csv", () -> table(table));
        }
        if (value instanceof byte[] bytes) {
            return file(name, ".bin", file -> TextFiles.write(file, bytes));
        }
        if (value instanceof List<?> items && items.stream().anyMatch(OutputFiles::needsFile)) {
            List<Object> written = new ArrayList<>();
            for (Object item : items) {
                written.add(write(name + "-" + (written.size() + 1), item));
            }
            return written;
        }
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> written = new LinkedHashMap<>();
            for (Map.Entry<?, ?> member : members.entrySet()) {
                written.put(member.getKey(), write(name + "-" + member.getKey(), member.getValue()));
            }
            return written;
        }
        return value;
    }

    /**
     * The ending of the file that an output is written to; empty when it needs none, or when that is known only with the
     * value: of a list, an object, or anything.
     */
    public static Optional<String> ending(Parameter output) {
        return Optional.ofNullable(switch (output.type()) {
            case "array" -> output.role().filter(POSITIONS::contains).isPresent() ? ".csv" : ".tif";
            case "table" -> ".csv";
            case "shapes" -> ".json";
            case "bytes" -> ".bin";
            default -> null;
        });
    }

    /** Whether another process has written their vertices. */
    private static boolean hasPaths(List<?> shapes) {
        return shapes.stream().anyMatch(shape -> ((Map<?, ?>) shape).values().stream().anyMatch(Path.class::isInstance));
    }

    private static boolean needsFile(Object value) {
        return value instanceof SharedArray || value instanceof Table || value instanceof byte[]
                || value instanceof Map<?, ?> || value instanceof List<?>;
    }

    private Path image(String name, String ending, SharedArray array) throws Exception {
        return file(name, ending, file -> alcove.writeImage(array, file));
    }

    private Path text(String name, String ending, Callable<String> content) throws Exception {
        return file(name, ending, file -> TextFiles.write(file, content.call()));
    }

    private Path file(String name, String ending, Content content) throws Exception {
        Path file = free(name, ending);
        writing.write(file, content);
        return file;
    }

    /** The file of this name, if it is no input. */
    private Path free(String name, String ending) throws IOException {
        Path file = folder.resolve(naming.apply(name) + ending);
        for (Path input : inputs) {
            if (Files.exists(file) && Files.isSameFile(input, file)) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS, "the output " + file + " would overwrite an input",
                        "choose another folder with -o", Map.of());
            }
        }
        return file;
    }

    /** A table as comma-separated values. */
    public static String table(Table table) {
        List<List<Object>> columns = new ArrayList<>();
        for (String name : table.names()) {
            Object column = table.column(name);
            columns.add(column instanceof SharedArray array ? Elements.of(array) : new ArrayList<>((List<?>) column));
        }
        return Csv.text(table.names(), columns);
    }

    private static String positions(Parameter output, String role, SharedArray array) {
        int rows = Math.toIntExact(array.shape()[0]);
        int width = Math.toIntExact(array.shape()[1]);
        List<Object> elements = Elements.of(array);
        List<List<Object>> columns = new ArrayList<>();
        for (int column = 0; column < width; column++) {
            int first = column;
            columns.add(IntStream.range(0, rows).mapToObj(row -> elements.get(row * width + first)).toList());
        }
        return Csv.text(columnNames(output, role, width), columns);
    }

    private static List<String> columnNames(Parameter output, String role, int width) {
        List<String> names = new ArrayList<>(role.equals("tracks") ? List.of("track", "time") : List.of());
        int dimensions = width - names.size();
        List<String> axes = output.axes().map(text -> Arrays.asList(text.strip().split("\\s+"))).orElse(List.of());
        boolean named = axes.size() == dimensions && axes.stream().noneMatch(axis -> axis.endsWith("?"));
        IntStream.range(0, dimensions).forEach(axis -> names.add(named ? axes.get(axis) : "axis-" + axis));
        return names;
    }

    private static Object shape(Object value) {
        Map<Object, Object> members = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((name, item) -> members.put(name, item instanceof SharedArray array ? rows(array) : item));
        return members;
    }

    /** An array of two dimensions as a list of its rows. */
    private static Object rows(SharedArray array) {
        long[] shape = array.shape();
        List<Object> elements = Elements.of(array);
        int width = Math.toIntExact(shape[shape.length - 1]);
        return shape.length != 2
                ? elements
                : IntStream.range(0, Math.toIntExact(shape[0]))
                        .mapToObj(row -> elements.subList(row * width, (row + 1) * width))
                        .toList();
    }
}

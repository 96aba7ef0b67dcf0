package org.alcove.batch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.files.JsonText;

/**
 * Finds the items of a batch as people write them down: patterns of files, lists, tables. Each method returns a changed
 * copy.
 *
 * <pre>{@code
 * List<BatchItem> items = BatchItems.of(op).output(out).over("image", "plates/**&#47;*.tif").list();
 * }</pre>
 *
 * <p>What several inputs go over is taken side by side: the first file of one with the first of the other. Files are in
 * natural order, {@code A2} before {@code A10}; those of a list in that of the list.
 */
public final class BatchItems {
    private final Op op;
    private final Map<String, List<String>> over;
    private final Path table;
    private final Path output;
    private final boolean folders;

    private BatchItems(Op op, Map<String, List<String>> over, Path table, Path output, boolean folders) {
        this.op = op;
        this.over = over;
        this.table = table;
        this.output = output;
        this.folders = folders;
    }

    /** Items for this op; none yet. */
    public static BatchItems of(Op op) {
        return new BatchItems(op, Map.of(), null, null, false);
    }

    /**
     * An input that is another one for each item.
     *
     * @param input an input of the op
     * @param texts for arrays and paths, files: paths, patterns as {@code plates/**&#47;*.tif}, or {@code @list.txt} for a
     *     file with one on each line; for anything else values as text, or lists of them in JSON, {@code [1, 2, 3]}
     */
    public BatchItems over(String input, List<String> texts) {
        Map<String, List<String>> more = new LinkedHashMap<>(over);
        List<String> all = new ArrayList<>(more.getOrDefault(input, List.of()));
        all.addAll(texts);
        more.put(input, List.copyOf(all));
        return new BatchItems(op, more, table, output, folders);
    }

    /** As {@link #over(String, List)}. */
    public BatchItems over(String input, String... texts) {
        return over(input, List.of(texts));
    }

    /**
     * A table, CSV or TSV, whose rows are items: a column for each input, files relative to the table. An empty cell leaves
     * the input out. A column {@code item} names the items; other columns that are no inputs are not looked at.
     */
    public BatchItems table(Path file) {
        return new BatchItems(op, over, file, output, folders);
    }

    /** The folder that the batch writes to: what lies in it is no input. */
    public BatchItems output(Path folder) {
        return new BatchItems(op, over, table, folder.toAbsolutePath().normalize(), folders);
    }

    /** Whether a folder may be an image, as those of OME-Zarr are. */
    public BatchItems folders(boolean allowed) {
        return new BatchItems(op, over, table, output, allowed);
    }

    /**
     * All items, with their names.
     *
     * @throws AlcoveException {@link org.alcove.ErrorKind#INVALID_PARAMS} when nothing is found, or what is written does not
     *     fit the op
     */
    public List<BatchItem> list() {
        if (table == null && over.isEmpty()) {
            throw Batch.wrong("nothing to go over", "say which input is another one for each item");
        }
        if (table != null && !over.isEmpty()) {
            throw Batch.wrong("a table names all that items differ in", "give it, or what to go over, not both");
        }
        return table != null ? new ItemTable(op, table).items() : sideBySide();
    }

    private List<BatchItem> sideBySide() {
        List<Column> columns = new ArrayList<>();
        over.forEach((name, texts) -> {
            Parameter input = ItemTable.input(op, name);
            columns.add(isFile(input) ? files(input, texts) : values(input, texts));
        });
        Column first = columns.get(0);
        for (Column column : columns) {
            if (column.values.size() != first.values.size()) {
                throw Batch.wrong(
                        first.input.name() + " goes over " + first.values.size() + ", and " + column.input.name() + " over "
                                + column.values.size(),
                        "give equally many of each; what all items share is no item's own; a table has any combination");
            }
        }
        Column naming = columns.stream().filter(column -> column.base != null).findFirst().orElse(null);
        ItemNames names = new ItemNames();
        List<BatchItem> items = new ArrayList<>(first.values.size());
        for (int index = 0; index < first.values.size(); index++) {
            Map<String, Object> inputs = new LinkedHashMap<>();
            for (Column column : columns) {
                inputs.put(column.input.name(), column.values.get(index));
            }
            String name = naming == null
                    ? "row-" + (index + 1)
                    : names.of((Path) naming.values.get(index), naming.base);
            items.add(new BatchItem(name, inputs));
        }
        return items;
    }

    /** What one input goes over; {@code base} is the folder that names of files begin below, null for what is no file. */
    private record Column(Parameter input, List<?> values, Path base) {}

    private Column files(Parameter input, List<String> texts) {
        Path here = Path.of("").toAbsolutePath();
        List<Path> files = new ArrayList<>();
        Path base = null;
        for (String text : texts) {
            if (text.startsWith("@")) {
                List<Path> listed = listed(text.substring(1), here);
                files.addAll(listed);
                base = common(base, common(listFolder(text.substring(1), here), listed));
            } else if (FilePattern.isOne(text, here)) {
                FilePattern pattern = FilePattern.of(text, here);
                files.addAll(found(input, pattern));
                base = common(base, pattern.base());
            } else {
                Path file = existing(input, text, here);
                files.add(file);
                base = common(base, file.getParent());
            }
        }
        if (files.isEmpty()) {
            throw Batch.wrong(input.name() + " goes over nothing: the list is empty", "put a path on each line");
        }
        // A list is in the order that somebody gave it. A shell, which may have made many files of a pattern, has none.
        boolean ordered = texts.stream().anyMatch(text -> text.startsWith("@"));
        return new Column(input, ordered ? files : sorted(files), base);
    }

    /** In natural order, and each once: patterns may overlap. */
    private static List<Path> sorted(List<Path> files) {
        return files.stream()
                .distinct()
                .sorted(Comparator.comparing(file -> file.toString().replace('\\', '/'), NaturalOrder.INSTANCE))
                .toList();
    }

    private List<Path> found(Parameter input, FilePattern pattern) {
        boolean inInputs = output != null && pattern.base().equals(output);
        if (inInputs) {
            throw Batch.wrong(
                    "the outputs would lie among the files of " + pattern + ", and be taken for inputs the next time",
                    "choose another folder for them; one below " + pattern.base() + " will do");
        }
        List<Path> files = pattern.find(folders, output);
        if (files.isEmpty()) {
            boolean folderIsThere = Files.isDirectory(pattern.base());
            throw Batch.wrong(
                    "no file matches " + pattern + " for " + input.name(),
                    folderIsThere
                            ? "check the pattern: capitals count, and ** stands for any folders"
                            : "there is no folder " + pattern.base() + ": check the path");
        }
        return files;
    }

    private Path existing(Parameter input, String text, Path folder) {
        Path file = folder.resolve(text).normalize();
        if (!Files.exists(file)) {
            throw Batch.wrong("no file " + text + " for " + input.name(), "check the path");
        }
        if (Files.isDirectory(file) && !folders && input.type().equals("array")) {
            throw Batch.wrong(
                    text + " is a folder, and " + input.name() + " takes image files",
                    "add a pattern: " + Path.of(text).resolve("*.tif") + ", or a reader for images that are folders");
        }
        return file;
    }

    private static List<String> lines(String list) {
        try (BufferedReader reader = list.equals("-")
                ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                : Files.newBufferedReader(Path.of(list))) {
            return reader.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        } catch (IOException | UncheckedIOException e) {
            throw Batch.wrong(
                    "the list " + list + " cannot be read: " + e.getMessage(), "give a text file with a path on each line");
        }
    }

    private static Path listFolder(String list, Path here) {
        return list.equals("-") ? here : here.resolve(list).normalize().getParent();
    }

    /** Relative to the list; or to where the program runs, for a list that was moved. */
    private static List<Path> listed(String list, Path here) {
        Path folder = listFolder(list, here);
        return lines(list).stream()
                .map(line -> {
                    Path file = folder.resolve(line).normalize();
                    Path other = here.resolve(line).normalize();
                    return Files.exists(file) || !Files.exists(other) ? file : other;
                })
                .toList();
    }

    private static Column values(Parameter input, List<String> texts) {
        List<Object> values = new ArrayList<>();
        for (String text : texts) {
            if (text.startsWith("@")) {
                lines(text.substring(1)).forEach(line -> values.add(input.parse(line)));
            } else if (text.strip().startsWith("[")) {
                for (Object item : listOf(input, text)) {
                    values.add(input.parse(item instanceof String word ? word : JsonText.of(item)));
                }
            } else {
                values.add(input.parse(text));
            }
        }
        return new Column(input, values, null);
    }

    private static List<?> listOf(Parameter input, String text) {
        try {
            if (JsonText.parse(text) instanceof List<?> items && !items.isEmpty()) {
                return items;
            }
        } catch (IOException e) {
            // said below
        }
        throw Batch.wrong(input.name() + " cannot go over " + text, "give a list as JSON has it: [1, 2, 3] or [\"a\", \"b\"]");
    }

    /** The folder itself, when all files lie in it or deeper, else the one that all of them lie in. */
    static Path common(Path folder, List<Path> files) {
        return files.stream().allMatch(file -> file.startsWith(folder))
                ? folder
                : files.stream().map(Path::getParent).reduce(BatchItems::common).orElse(folder);
    }

    private static Path common(Path first, Path second) {
        if (first == null) {
            return second;
        }
        Path folder = first;
        while (folder.getParent() != null && !second.startsWith(folder)) {
            folder = folder.getParent();
        }
        return folder;
    }

    static boolean isFile(Parameter input) {
        return input.type().equals("array") || input.type().equals("path");
    }

    /** How a name is compared where somebody may have mistyped it: by its letters alone, whatever their order. */
    static String loosely(String name) {
        return name.toLowerCase(Locale.ROOT)
                .chars()
                .filter(Character::isLetterOrDigit)
                .sorted()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

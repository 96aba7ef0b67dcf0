package org.alcove.batch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.Table;
import org.alcove.files.OutputFiles;
import org.alcove.files.TextFiles;

/** Writes what came of an item: under its name when it is whole and on the disk, never before. */
final class ItemWriter {
    private final Alcove alcove;
    private final BatchFolder folder;
    private final Ledger ledger;
    private final boolean joinsTables;
    private final AtomicLong staged = new AtomicLong();

    ItemWriter(Alcove alcove, BatchFolder folder, Ledger ledger, BatchTables tables) {
        this.alcove = alcove;
        this.folder = folder;
        this.ledger = ledger;
        this.joinsTables = tables != BatchTables.SEPARATE;
    }

    /** All outputs of an item, and the images that its op has changed. */
    Entry write(Work work, Op op) throws Exception {
        requireFolder(); // else what has no file would be noted in a journal that nobody finds
        Map<String, List<Entry.Written>> files = new LinkedHashMap<>();
        Map<String, Entry.Written> tables = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>();
        OutputFiles outputFiles =
                new OutputFiles(alcove, folder.output(), work.naming, work.inputFiles(), this::throughStaging);
        for (Parameter output : outputs(op)) {
            Object value = work.value(output);
            if (value instanceof Table table && joinsTables) {
                Path part = folder.tablePart(output.name(), work.item.name());
                TextFiles.write(part, OutputFiles.table(table));
                tables.put(output.name(), written(part));
            } else if (value != null || OutputFiles.ending(output).isEmpty()) {
                Object named = named(outputFiles.write(output, value), files, output.name());
                if (!(named instanceof Path)) {
                    values.put(output.name(), named);
                }
            }
        }
        return ledger.done(work, files, tables, values);
    }

    /** What may come of an item, in the order in which reports show it. */
    static List<Parameter> outputs(Op op) {
        List<Parameter> all = new ArrayList<>();
        op.inputs().stream().filter(input -> input.direction().isPresent()).forEach(all::add);
        all.addAll(op.outputs());
        return all;
    }

    /** The value with the names of files in place of their paths; they are added to {@code files}. */
    private Object named(Object value, Map<String, List<Entry.Written>> files, String output) throws Exception {
        if (value instanceof Path file) {
            Entry.Written written = written(file);
            files.computeIfAbsent(output, name -> new ArrayList<>()).add(written);
            return file;
        } else if (value instanceof List<?> items) {
            List<Object> named = new ArrayList<>();
            for (Object item : items) {
                named.add(text(named(item, files, output)));
            }
            return named;
        } else if (value instanceof Map<?, ?> members) {
            Map<String, Object> named = new LinkedHashMap<>();
            for (Map.Entry<?, ?> member : members.entrySet()) {
                named.put(String.valueOf(member.getKey()), text(named(member.getValue(), files, output)));
            }
            return named;
        }
        return value;
    }

    private Object text(Object value) {
        return value instanceof Path file ? folder.name(file) : value;
    }

    private Entry.Written written(Path file) throws Exception {
        return new Entry.Written(folder.name(file), Files.size(file));
    }

    /** A kill leaves half a file there alone, where the next run takes it away. */
    private void throughStaging(Path file, OutputFiles.Content content) throws Exception {
        String name = file.getFileName().toString();
        Path whole = folder.staging().resolve(staged.incrementAndGet() + name.substring(name.lastIndexOf('.')));
        content.writeTo(whole);
        Files.createDirectories(file.getParent());
        TextFiles.replace(whole, file);
    }

    /** Writing would make it anew, perhaps under a disk that comes back. */
    private void requireFolder() {
        if (!folder.isThere()) {
            throw BatchFolder.failure("the output folder " + folder.output() + " is gone",
                    "bring it back, and run the batch again", null);
        }
    }
}

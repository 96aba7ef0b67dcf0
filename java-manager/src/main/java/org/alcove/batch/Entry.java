package org.alcove.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alcove.ErrorKind;

/**
 * How one item ended, as it stands in the journal.
 *
 * @param item its name
 * @param batch what it was part of: changes with everything that holds for all items
 * @param key changes with everything that its outputs depend on
 * @param status as in reports; PENDING for one that killed a worker and may be tried once more
 * @param kind the word of the error's kind, or null
 * @param message of the error, or empty
 * @param seconds how long the op took
 * @param worker the process that ran it, or null
 * @param files what was written, by output
 * @param tables what waits to be joined, by output
 * @param given its inputs that a table can hold
 * @param values its outputs that need no file
 */
record Entry(
        String item,
        String batch,
        String key,
        BatchStatus status,
        String kind,
        String message,
        double seconds,
        Long worker,
        Map<String, List<Written>> files,
        Map<String, Written> tables,
        Map<String, Object> given,
        Map<String, Object> values) {

    /**
     * A file that was written.
     *
     * @param name in the output folder
     * @param bytes its size
     */
    record Written(String name, long bytes) {
        private static Written of(Object value) {
            List<?> pair = (List<?>) value;
            return new Written((String) pair.get(0), ((Number) pair.get(1)).longValue());
        }

        private List<Object> toValue() {
            return List.of(name, bytes);
        }
    }

    static Entry of(Map<?, ?> members) {
        Map<String, List<Written>> files = new LinkedHashMap<>();
        named(members.get("files")).forEach((output, list) ->
                files.put(output, ((List<?>) list).stream().map(Written::of).toList()));
        Map<String, Written> tables = new LinkedHashMap<>();
        named(members.get("tables")).forEach((output, file) -> tables.put(output, Written.of(file)));
        return new Entry(
                (String) members.get("item"),
                (String) members.get("batch"),
                (String) members.get("key"),
                BatchStatus.valueOf(((String) members.get("status")).toUpperCase(Locale.ROOT)),
                (String) members.get("kind"),
                members.get("message") instanceof String message ? message : "",
                ((Number) members.get("seconds")).doubleValue(),
                (Long) members.get("worker"),
                files,
                tables,
                named(members.get("given")),
                named(members.get("values")));
    }

    private static Map<String, Object> named(Object members) {
        Map<String, Object> named = new LinkedHashMap<>();
        if (members instanceof Map<?, ?> some) {
            some.forEach((name, value) -> named.put((String) name, value));
        }
        return named;
    }

    Map<String, Object> toValue() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("item", item);
        members.put("batch", batch);
        members.put("key", key);
        members.put("status", status.word());
        if (kind != null) {
            members.put("kind", kind);
            members.put("message", message);
        }
        members.put("seconds", seconds);
        members.put("worker", worker);
        Map<String, Object> written = new LinkedHashMap<>();
        files.forEach((output, list) -> written.put(output, list.stream().map(Written::toValue).toList()));
        Map<String, Object> parts = new LinkedHashMap<>();
        tables.forEach((output, file) -> parts.put(output, file.toValue()));
        putUnlessEmpty(members, "files", written);
        putUnlessEmpty(members, "tables", parts);
        putUnlessEmpty(members, "given", given);
        putUnlessEmpty(members, "values", values);
        return members;
    }

    private static void putUnlessEmpty(Map<String, Object> members, String name, Map<String, ?> some) {
        if (!some.isEmpty()) {
            members.put(name, some);
        }
    }

    /** All files that it has written. */
    List<Written> allFiles() {
        List<Written> all = new ArrayList<>();
        files.values().forEach(all::addAll);
        all.addAll(tables.values());
        return all;
    }

    BatchOutcome outcome(BatchFolder folder) {
        Map<String, List<Path>> paths = new LinkedHashMap<>();
        files.forEach((output, list) -> paths.put(output, list.stream().map(file -> folder.file(file.name())).toList()));
        return new BatchOutcome(
                item,
                status,
                Optional.ofNullable(kind).map(word -> ErrorKind.valueOf(word.toUpperCase(Locale.ROOT))),
                message,
                seconds,
                worker == null ? OptionalLong.empty() : OptionalLong.of(worker),
                paths,
                values);
    }
}

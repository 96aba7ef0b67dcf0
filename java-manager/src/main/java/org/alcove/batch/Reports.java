package org.alcove.batch;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.files.Csv;
import org.alcove.files.JsonText;
import org.alcove.files.TextFiles;

/** The tables over all items, in their order: the same whatever the number of workers, and whoever did what when. */
final class Reports {
    private static final String REPORT = "report.csv";
    private static final String VALUES = "values.csv";
    private static final List<String> COLUMNS =
            List.of("item", "status", "kind", "message", "seconds", "worker", "outputs");

    private final Batch batch;
    private final BatchFolder folder;
    private final Journal journal;
    private final Places places;
    private final Map<BatchStatus, Long> counts = new EnumMap<>(BatchStatus.class);
    private final Set<String> valueNames = new LinkedHashSet<>();
    private final Set<String> givenNames = new LinkedHashSet<>();
    private final Set<String> tableNames = new LinkedHashSet<>();

    Reports(Batch batch, BatchFolder folder, Journal journal, Places places) {
        this.batch = batch;
        this.folder = folder;
        this.journal = journal;
        this.places = places;
        Arrays.stream(BatchStatus.values()).forEach(status -> counts.put(status, 0L));
    }

    /** All files that these reports may be written to. */
    static List<Path> files(Path folder, Batch batch) {
        Stream<Path> tables = batch.tables() == BatchTables.SEPARATE
                ? Stream.of()
                : batch.op().outputs().stream()
                        .filter(output -> output.type().equals("table"))
                        .map(output -> folder.resolve(joined(output.name(), batch.tables())));
        return Stream.concat(Stream.of(folder.resolve(REPORT), folder.resolve(VALUES)), tables).toList();
    }

    private static String joined(String output, BatchTables tables) {
        String name = output + (tables == BatchTables.PARQUET ? ".parquet" : ".csv");
        return name.equals(REPORT) || name.equals(VALUES) ? "table_" + name : name;
    }

    /** Writes {@code report.csv}, and counts. */
    void report() throws IOException {
        write(REPORT, COLUMNS, (entry, name) -> {
            BatchStatus status = entry == null ? BatchStatus.PENDING : entry.status();
            counts.merge(status, 1L, Long::sum);
            if (entry == null) {
                return Arrays.asList(name, status.word(), null, null, null, null, null);
            }
            if (status == BatchStatus.DONE) {
                valueNames.addAll(entry.values().keySet());
                givenNames.addAll(entry.given().keySet());
                tableNames.addAll(entry.tables().keySet());
            }
            String outputs = entry.files().values().stream()
                    .flatMap(List::stream)
                    .map(Entry.Written::name)
                    .collect(Collectors.joining("; "));
            String message = entry.message().isEmpty() ? null : entry.message();
            return Arrays.asList(name, status.word(), entry.kind(), message, entry.seconds(), entry.worker(),
                    outputs.isEmpty() ? null : outputs);
        });
    }

    /** How many items have each status; after {@link #report}. */
    long count(BatchStatus status) {
        return counts.get(status);
    }

    /** Writes {@code values.csv} when there are values; after {@link #report}. */
    Optional<Path> values() throws IOException {
        if (valueNames.isEmpty()) {
            return Optional.empty();
        }
        List<String> given = ordered(givenNames, batch.op().inputs());
        List<String> values = ordered(valueNames, ItemWriter.outputs(batch.op()));
        List<String> names = new ArrayList<>(List.of("item"));
        names.addAll(given);
        values.forEach(name -> names.add(names.contains(name) ? "output_" + name : name));
        return Optional.of(write(VALUES, names, (entry, name) -> {
            if (entry == null || entry.status() != BatchStatus.DONE) {
                return null;
            }
            List<Object> row = new ArrayList<>(List.of(name));
            given.forEach(column -> row.add(cell(entry.given().get(column))));
            values.forEach(column -> row.add(cell(entry.values().get(column))));
            return row;
        }));
    }

    private static List<String> ordered(Set<String> names, List<Parameter> parameters) {
        return parameters.stream().map(Parameter::name).filter(names::contains).toList();
    }

    private static Object cell(Object value) {
        return value instanceof Map<?, ?> || value instanceof List<?> ? JsonText.of(value) : value;
    }

    /** Joins the tables of all items; after {@link #report}. */
    List<Path> tables() {
        List<Path> joined = new ArrayList<>();
        Op op = batch.op();
        for (String output : ordered(tableNames, op.outputs())) {
            Path file = folder.file(joined(output, batch.tables()));
            batch.alcove().joinTables(() -> parts(output), file);
            joined.add(file);
        }
        return joined;
    }

    private Iterator<Map.Entry<String, Path>> parts(String output) {
        return IntStream.range(0, places.size())
                .mapToObj(this::entry)
                .flatMap(Optional::stream)
                .filter(entry -> entry.status() == BatchStatus.DONE && entry.tables().containsKey(output))
                .map(entry -> Map.entry(entry.item(), folder.file(entry.tables().get(output).name())))
                .iterator();
    }

    private Optional<Entry> entry(int index) {
        long place = places.at(index);
        try {
            return place == Places.NONE ? Optional.empty() : Optional.of(journal.at(place));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Row {
        /** The cells; null leaves the item out. {@code entry} is null for one that has not run. */
        List<Object> of(Entry entry, String name);
    }

    private Path write(String fileName, List<String> columns, Row rows) throws IOException {
        Path file = folder.file(fileName);
        Path staged = folder.staging().resolve(fileName);
        try (FileChannel channel = FileChannel.open(staged, StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
                BufferedWriter text = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8))) {
            text.write(Csv.line(columns));
            for (int index = 0; index < places.size(); index++) {
                Optional<Entry> entry = entry(index);
                String name = entry.map(Entry::item).orElse(places.unfinished(index));
                List<Object> row = rows.of(entry.orElse(null), name);
                if (row != null) {
                    text.write(Csv.line(row));
                }
            }
            text.flush();
            channel.force(true);
        }
        TextFiles.replace(staged, file);
        return file;
    }
}

package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An op over many rows of inputs, in requests of bounded size one after the other: {@link #next} begins one, for as long as
 * {@link #hasNext}. What comes back is collected here.
 */
final class RowsTask implements Task {
    /** Neither a request nor its answer comes near the limit of a message, if a row stays below some 10 kB. */
    private static final int MOST_ROWS = 1000;

    private static final int ENOUGH_BYTES = 1 << 20;
    private static final double ROUNDING = 1e-6; // a fraction of 1000 rows is never off by that much

    private final List<String> columns;
    private final List<? extends List<?>> rows;
    private final Inputs common;
    private final boolean stops;
    private final List<SerializedString> encoded = new ArrayList<>();
    private int first; // of the rows that are under way
    private volatile int running; // row of these
    private List<String> outputs;
    private final List<List<Object>> results = new ArrayList<>();
    private final Map<Integer, AlcoveException> errors = new TreeMap<>();

    /**
     * Checks all that can be known before a worker sees a row.
     *
     * @param descriptor the op's
     * @param common inputs that all rows have
     * @param stops whether the first row that fails ends it
     */
    RowsTask(
            Map<String, Object> descriptor,
            List<String> columns,
            List<? extends List<?>> rows,
            Map<String, ?> common,
            boolean stops) {
        Set<String> names = new HashSet<>(common.keySet());
        for (String name : columns) {
            if (!names.add(name)) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS, "input " + name + " is given twice", "name it once",
                        Map.of("path", "columns", "expected", "names that differ from each other and the other inputs'"));
            }
        }
        this.columns = List.copyOf(columns);
        this.rows = rows;
        this.common = Inputs.of(descriptor, common, Set.copyOf(columns));
        this.stops = stops;
        this.outputs = Tree.list(descriptor.get("outputs")).stream()
                .map(output -> String.valueOf(Tree.object(output).get("name")))
                .toList();
    }

    Inputs common() {
        return common;
    }

    boolean hasNext() {
        return results.size() < rows.size();
    }

    /** Takes the next rows, for the request that follows. */
    void next() {
        first = results.size();
        running = 0;
        encoded.clear();
        int bytes = 0;
        while (first + encoded.size() < rows.size() && encoded.size() < MOST_ROWS && bytes < ENOUGH_BYTES) {
            Place place = Place.of("rows").item(first + encoded.size());
            Object row = Values.plain(rows.get(first + encoded.size()), place);
            if (!(row instanceof List<?>) || !Values.arraysIn(row).isEmpty()) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS, place + " has something else than scalars",
                        "pass arrays as inputs that all rows have in common, or call the op for each",
                        Map.of("path", place.toString(), "expected", "a list of scalars"));
            }
            String line = new String(Json.line(json -> Values.writePlain(json, row)), StandardCharsets.US_ASCII).strip();
            encoded.add(new SerializedString(line));
            bytes += line.length();
        }
    }

    /** How much of all rows is done, when the worker has done a part of those under way. */
    double fraction(double ofThese) {
        return (first + ofThese * encoded.size()) / rows.size();
    }

    Rows rows() {
        return new Rows(outputs, Collections.unmodifiableList(results), Collections.unmodifiableMap(errors));
    }

    @Override
    public String method() {
        return "map";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        json.writeFieldName("columns");
        Values.writePlain(json, columns);
        json.writeArrayFieldStart("rows");
        for (SerializedString row : encoded) {
            json.writeRawValue(row);
        }
        json.writeEndArray();
        json.writeFieldName("inputs");
        common.write(json);
        json.writeStringField("on_error", stops ? "stop" : "continue");
    }

    @Override
    public boolean isOneRun() {
        return false;
    }

    @Override
    public boolean beginsRow(Double fraction) {
        int row = fraction == null ? 0 : Math.min((int) (fraction * encoded.size() + ROUNDING), encoded.size() - 1);
        boolean begins = row > running;
        running = Math.max(row, running);
        return begins;
    }

    @Override
    public Map<String, Object> outputs(Map<String, Object> result) {
        List<String> names = Tree.strings(result.get("columns"));
        List<Object> answered = Tree.list(result.get("rows"));
        Map<String, Object> failed = Tree.object(result.get("errors"));
        if (answered.size() != encoded.size()) {
            throw Connection.violation("another number of rows than it got");
        }
        Map<Integer, AlcoveException> failures = new HashMap<>();
        failed.forEach((index, error) -> {
            int row = indexOf(index);
            failures.put(row, ofRow(Requests.failure(Tree.object(error)), row));
        });
        List<List<Object>> read = new ArrayList<>();
        for (Object row : answered) {
            if ((row == null) != failures.containsKey(first + read.size())) {
                throw Connection.violation("a row without outputs or error, or with both");
            }
            read.add(row == null ? null : outputsOf(row, names.size()));
        }
        this.outputs = names;
        results.addAll(read);
        errors.putAll(failures);
        return Map.of();
    }

    private int indexOf(String index) {
        try {
            int row = Integer.parseInt(index);
            if (row >= 0 && row < encoded.size()) {
                return first + row;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw Connection.violation("the error of a row " + index + " that it did not get");
    }

    private static List<Object> outputsOf(Object row, int expected) {
        Object read = Values.read(row, null, Map.of());
        if (!(read instanceof List<?> outputs) || outputs.size() != expected || !Values.arraysIn(read).isEmpty()) {
            throw Connection.violation("a row that is not one scalar for each output");
        }
        return Collections.unmodifiableList(Tree.list(outputs));
    }

    /** The failure that ended a request at a row, which is counted among all; any other failure as it is. */
    AlcoveException located(AlcoveException failure) {
        if (failure.kind() == ErrorKind.DEADLINE_EXCEEDED) {
            return ofRow(failure, first + running);
        }
        return failure.data().get("row") instanceof Long row ? ofRow(failure, first + row.intValue()) : failure;
    }

    /** The same, but its row is counted among all rows, not among those of the request. */
    private AlcoveException ofRow(AlcoveException failure, int row) {
        if (failure instanceof CancelledException) {
            return failure;
        }
        String before = "rows[" + (row - first) + "]";
        String after = "rows[" + row + "]";
        Map<String, Object> data = new LinkedHashMap<>(failure.data());
        data.put("row", (long) row);
        data.computeIfPresent("path", (name, path) -> String.valueOf(path).replace(before, after));
        String message = failure.getMessage().replace(before, after);
        return new AlcoveException(failure.kind(), message, failure.hint().orElse(null), data);
    }
}

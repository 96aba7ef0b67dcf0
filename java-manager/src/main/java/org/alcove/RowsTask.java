package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
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
 * {@link #hasNext}, and {@link #take} ends it.
 */
final class RowsTask implements Task {
    private static final String COLUMNS = "columns";
    private static final Set<String> DTYPES = Set.of("int64", "float64", "bool"); // of columns that are arrays
    private static final double ROUNDING = 1e-6; // a fraction of some thousand rows is never off by that much

    private final List<String> columns;
    private final RowBatch.Source source;
    private final RowBatch.Sink sink;
    private final Inputs common;
    private final boolean stops;
    private final Map<Integer, AlcoveException> errors = new TreeMap<>();
    private List<String> outputs;
    private RowBatch batch; // the rows that are under way
    private int first; // of these
    private volatile int running; // row of these
    private List<List<Object>> answered; // what came of them, where they are texts
    private Map<Integer, AlcoveException> failures = Map.of();

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
            Map<String, ?> common,
            boolean stops,
            RowBatch.Source source,
            RowBatch.Sink sink) {
        Set<String> names = new HashSet<>(common.keySet());
        for (String name : columns) {
            if (!names.add(name)) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS, "input " + name + " is given twice", "name it once",
                        Map.of("path", COLUMNS, "expected", "names that differ from each other and the other inputs'"));
            }
        }
        this.columns = List.copyOf(columns);
        this.source = source;
        this.sink = sink;
        this.common = Inputs.of(descriptor, common, Set.copyOf(columns));
        this.stops = stops;
        this.outputs = Tree.list(descriptor.get("outputs")).stream()
                .map(output -> String.valueOf(Tree.object(output).get("name")))
                .toList();
    }

    boolean hasNext() {
        return first < source.size();
    }

    /** Takes the next rows, for the request that follows; returns what its call is to hold. */
    Inputs next() {
        running = 0;
        batch = source.from(first);
        if (batch.arrays().isEmpty()) {
            return common;
        }
        Map<String, Object> values = new LinkedHashMap<>(common.values());
        for (int i = 0; i < columns.size(); i++) {
            values.put(columns.get(i), batch.arrays().get(i));
        }
        return new Inputs(values, common.written());
    }

    /** Takes what the request answered. */
    void take(Outputs answer) {
        if (answered != null) {
            sink.takeRows(answered);
        } else {
            Table table = answer.table(COLUMNS);
            sink.takeColumns(batch.count(), table.names().stream().map(table::column).toList(), failures);
        }
        errors.putAll(failures);
        first += batch.count();
    }

    /** The rows under way have ended, however they did. */
    void end() {
        batch.end();
    }

    /** The names of the op's outputs. */
    List<String> outputs() {
        return outputs;
    }

    /** Why rows failed, by their index. */
    Map<Integer, AlcoveException> errors() {
        return Collections.unmodifiableMap(errors);
    }

    /** How much of all rows is done, when the worker has done a part of those under way. */
    double fraction(double ofThese) {
        return (first + ofThese * batch.count()) / source.size();
    }

    @Override
    public String method() {
        return "map";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        batch.write(json, columns);
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
        int row = fraction == null ? 0 : Math.min((int) (fraction * batch.count() + ROUNDING), batch.count() - 1);
        boolean begins = row > running;
        running = Math.max(row, running);
        return begins;
    }

    @Override
    public Map<String, Object> outputs(Map<String, Object> result) {
        failures = failures(Tree.object(result.get("errors")));
        if (batch.isOfColumns()) {
            answered = null;
            return Map.of(COLUMNS, table(Tree.list(result.get(COLUMNS))));
        }
        List<String> names = Tree.strings(result.get(COLUMNS));
        answered = rows(Tree.list(result.get("rows")), names.size());
        outputs = names;
        return Map.of();
    }

    private Map<Integer, AlcoveException> failures(Map<String, Object> failed) {
        Map<Integer, AlcoveException> found = new HashMap<>();
        failed.forEach((index, error) -> {
            int row = indexOf(index);
            found.put(row, ofRow(Requests.failure(Tree.object(error)), row));
        });
        return found;
    }

    private int indexOf(String index) {
        try {
            int row = Integer.parseInt(index);
            if (row >= 0 && row < batch.count()) {
                return first + row;
            }
        } catch (NumberFormatException e) {
            // falls through
        }
        throw Connection.violation("the error of a row " + index + " that it did not get");
    }

    /** The columns as the table that they are, if each has the right name and a value for each row. */
    private Map<String, Object> table(List<Object> answer) {
        List<Object> names = answer.stream().map(column -> Tree.object(column).get("name")).toList();
        if (!names.equals(outputs)) {
            throw Connection.violation("other columns than the op's outputs");
        }
        for (Object column : answer) {
            Object values = Tree.object(column).get("values");
            if (!isOfEachRow(values) || values instanceof Map<?, ?> array && !DTYPES.contains(array.get("dtype"))) {
                throw Connection.violation("a column that has not a value for each row that it got");
            }
        }
        return Map.of(Values.TAG, "table", COLUMNS, answer);
    }

    private boolean isOfEachRow(Object values) {
        return values instanceof List<?> cells
                ? cells.size() == batch.count()
                : List.of((long) batch.count()).equals(Tree.object(values).get("shape"));
    }

    private List<List<Object>> rows(List<Object> answer, int width) {
        if (answer.size() != batch.count()) {
            throw Connection.violation("another number of rows than it got");
        }
        List<List<Object>> read = new ArrayList<>(answer.size());
        for (Object row : answer) {
            if ((row == null) != failures.containsKey(first + read.size())) {
                throw Connection.violation("a row without outputs or error, or with both");
            }
            read.add(row == null ? null : outputsOf(row, width));
        }
        return read;
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

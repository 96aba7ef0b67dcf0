package org.alcove.batch;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Parameter;

/** A table whose rows are the items of a batch. */
final class ItemTable {
    private static final String NAMES = "item";

    private final Op op;
    private final Path file;
    private final TextTable table;
    private final List<Parameter> inputs = new ArrayList<>(); // of each column; null where it is none

    ItemTable(Op op, Path file) {
        this.op = op;
        this.file = file.toAbsolutePath().normalize();
        this.table = TextTable.read(file);
        table.names().forEach(name -> inputs.add(column(name)));
        if (inputs.stream().allMatch(input -> input == null)) {
            throw Batch.wrong(file + " has no column for an input of " + op.name(), takes(op));
        }
        if (table.rows().isEmpty()) {
            throw Batch.wrong(file + " has no rows", "put a row below the names of the columns for each item");
        }
    }

    /** The op's input of this name. */
    static Parameter input(Op op, String name) {
        return op.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Batch.wrong(op.name() + " has no input " + name, takes(op)));
    }

    /** Made as they are asked for: a table may have a million rows. */
    List<BatchItem> items() {
        List<String> names = names();
        for (int row = 0; row < table.rows().size(); row++) {
            inputs(row); // whatever does not fit is said before anything runs
        }
        return new AbstractList<>() {
            @Override
            public BatchItem get(int row) {
                return new BatchItem(names.get(row), inputs(row));
            }

            @Override
            public int size() {
                return table.rows().size();
            }
        };
    }

    private Map<String, Object> inputs(int row) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int column = 0; column < inputs.size(); column++) {
            String cell = table.rows().get(row).get(column);
            if (inputs.get(column) != null && !cell.isBlank()) {
                values.put(inputs.get(column).name(), value(row, inputs.get(column), cell));
            }
        }
        return values;
    }

    private Object value(int row, Parameter input, String cell) {
        if (BatchItems.isFile(input)) {
            return file.resolveSibling(cell).normalize();
        }
        try {
            return input.parse(cell);
        } catch (AlcoveException wrong) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    "row " + (row + 1) + " of " + file.getFileName() + ": " + wrong.getMessage(),
                    wrong.hint().orElse(null),
                    wrong.data());
        }
    }

    private List<String> names() {
        int named = inputs.contains(null) ? table.names().indexOf(NAMES) : -1;
        int naming = named >= 0 && inputs.get(named) == null ? named : -1;
        int files = firstFile();
        Path base = files < 0 ? file.getParent() : BatchItems.common(file.getParent(), column(files));
        ItemNames names = new ItemNames();
        List<String> all = new ArrayList<>(table.rows().size());
        for (List<String> row : table.rows()) {
            String number = "row-" + (all.size() + 1);
            if (naming >= 0 && !row.get(naming).isBlank()) {
                all.add(names.of(safe(row.get(naming))));
            } else if (files >= 0 && !row.get(files).isBlank()) {
                all.add(names.of(file.resolveSibling(row.get(files)).normalize(), base));
            } else {
                all.add(names.of(number));
            }
        }
        return all;
    }

    /** A name whose folders lead nowhere but below the outputs. */
    private static String safe(String name) {
        return name.strip().replace('\\', '/').replaceAll("(^|/)(\\.{0,2}/)+", "$1").replaceAll("^/+|/+$", "");
    }

    private List<Path> column(int files) {
        return table.rows().stream()
                .filter(row -> !row.get(files).isBlank())
                .map(row -> file.resolveSibling(row.get(files)).normalize())
                .toList();
    }

    private int firstFile() {
        for (int column = 0; column < inputs.size(); column++) {
            if (inputs.get(column) != null && BatchItems.isFile(inputs.get(column))) {
                return column;
            }
        }
        return -1;
    }

    private Parameter column(String name) {
        for (Parameter input : op.inputs()) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        for (Parameter input : op.inputs()) {
            if (BatchItems.loosely(input.name()).equals(BatchItems.loosely(name))) {
                throw Batch.wrong(
                        file.getFileName() + " has a column " + name + ", and " + op.name() + " an input " + input.name(),
                        "write the column as the input is written, or give it quite another name");
            }
        }
        return null;
    }

    private static String takes(Op op) {
        List<String> known = op.inputs().stream().map(Parameter::name).toList();
        return known.isEmpty() ? "it takes none" : "it takes " + String.join(", ", known);
    }
}

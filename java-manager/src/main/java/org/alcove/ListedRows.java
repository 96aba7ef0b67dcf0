package org.alcove;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows that come as lists, and whose outputs go into lists. */
final class ListedRows implements RowBatch.Source, RowBatch.Sink {
    /** Neither a request nor its answer comes near the limit of a message, if a row stays below some 10 kB. */
    private static final int MOST_ROWS_OF_TEXTS = 1000;

    private static final int ENOUGH_CHARACTERS = 1 << 20;
    private static final int CHARACTERS_OF_A_CELL = 24;
    private static final int LEAST_ROWS_OF_ARRAYS = 100; // for which it is worth the blocks

    private final List<? extends List<?>> rows;
    private final int width;
    private final NumberColumns numbers;
    private final RowList results = new RowList();

    /**
     * Rows of an op.
     *
     * @param columns which inputs they give
     * @param floats those of the op's inputs for which an integer does as well
     */
    ListedRows(SharedMemory memory, List<String> columns, Set<String> floats, List<? extends List<?>> rows) {
        this.rows = rows;
        this.width = columns.size();
        this.numbers = new NumberColumns(memory, columns.stream().map(floats::contains).toList());
    }

    /** The outputs so far. */
    List<List<Object>> results() {
        return Collections.unmodifiableList(results);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public RowBatch from(int first) {
        int left = Math.min(rows.size() - first, ArrayRows.MOST_ROWS);
        if (width > 0 && left >= LEAST_ROWS_OF_ARRAYS) {
            RowBatch found = numbers.of(rows.subList(first, first + left));
            if (found != null) {
                return found;
            }
        }
        return texts(first);
    }

    private RowBatch texts(int first) {
        List<Object> plain = new ArrayList<>();
        for (int characters = 0; characters < ENOUGH_CHARACTERS; characters += characters(plain.get(plain.size() - 1))) {
            if (first + plain.size() == rows.size() || plain.size() == MOST_ROWS_OF_TEXTS) {
                break;
            }
            plain.add(plain(first + plain.size()));
        }
        byte[] line = Json.line(json -> Values.writePlain(json, plain));
        return new RowBatch.OfTexts(plain.size(), new String(line, 0, line.length - 1, StandardCharsets.ISO_8859_1));
    }

    private Object plain(int index) {
        Place place = Place.of("rows").item(index);
        Object row = Values.plain(rows.get(index), place);
        if (!(row instanceof List<?>) || !Values.arraysIn(row).isEmpty()) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS, place + " has something else than scalars",
                    "pass arrays as inputs that all rows have in common, or call the op for each",
                    Map.of("path", place.toString(), "expected", "a list of scalars"));
        }
        return row;
    }

    private static int characters(Object row) {
        int sum = CHARACTERS_OF_A_CELL;
        for (Object cell : Tree.list(row)) {
            sum += CHARACTERS_OF_A_CELL + (cell instanceof String text ? text.length() : 0);
        }
        return sum;
    }

    @Override
    public void takeRows(List<List<Object>> next) {
        results.append(next);
    }

    @Override
    public void takeColumns(int count, List<Object> columns, Map<Integer, AlcoveException> failures) {
        results.append(count, columns.stream().map(NumberColumns::cells).toList(), Set.copyOf(failures.keySet()));
    }
}

package org.alcove.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of texts, printed below each other. Nothing is cut off: who searches for a name finds it. */
final class Columns {
    private static final int WIDTH = 100;
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final String indent;

    Columns(String indent) {
        this.indent = indent;
    }

    void add(String... row) {
        rows.add(List.of(row));
    }

    /** Prints the rows; where a line grows too long for most windows, its last text goes on a line of its own. */
    void print() {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(indent);
            for (int column = 0; column < row.size() - 1; column++) {
                String text = row.get(column);
                line.append(text).append(" ".repeat(width(column) - text.length())).append(GAP);
            }
            String last = row.get(row.size() - 1);
            if (row.size() > 1 && line.length() + last.length() > WIDTH && !last.isEmpty()) {
                System.out.println(line.toString().stripTrailing());
                line = new StringBuilder(indent + "    ");
            }
            System.out.println(line.append(last).toString().stripTrailing());
        }
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> column < row.size() - 1)
                .mapToInt(row -> row.get(column).length())
                .max()
                .orElse(0);
    }
}

package org.alcove.files;

import java.util.List;
import java.util.stream.Collectors;

/** Comma-separated values as RFC 4180 has them: a line of names, lines ended by CRLF, quotes where they are needed. */
public final class Csv {
    private Csv() {}

    /**
     * A file's text.
     *
     * @param names of the columns
     * @param columns their cells, equally many; null becomes an empty field, an empty text a quoted one
     */
    public static String text(List<String> names, List<? extends List<?>> columns) {
        StringBuilder text = new StringBuilder(line(names));
        int rows = columns.isEmpty() ? 0 : columns.get(0).size();
        for (int row = 0; row < rows; row++) {
            int at = row;
            text.append(line(columns.stream().map(column -> column.get(at)).collect(Collectors.toList())));
        }
        return text.toString();
    }

    /** One line of these fields. */
    public static String line(List<?> fields) {
        // A line that is wholly empty would be skipped by most readers.
        return fields.size() == 1 && fields.get(0) == null
                ? "\"\"\r\n"
                : fields.stream().map(Csv::field).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String field(Object value) {
        if (value == null) {
            return "";
        }
        String text = value.toString();
        boolean quoted = text.isEmpty() || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')
                || !text.equals(text.strip());
        return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}

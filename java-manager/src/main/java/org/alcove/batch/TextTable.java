package org.alcove.batch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of texts with names above its columns, separated by tabs, commas or, as spreadsheets write it in many countries,
 * semicolons.
 *
 * @param names of the columns
 * @param rows of cells, equally long; empty where nothing stands
 */
record TextTable(List<String> names, List<List<String>> rows) {
    private static final char MARK = '\ufeff'; // with which some programs begin a file
    private static final int LONGEST_LINE = 1 << 20;

    /** Reads {@code .csv}, {@code .tsv} and their like, in UTF-8. */
    static TextTable read(Path file) {
        try (BufferedReader text = Files.newBufferedReader(file)) {
            List<List<String>> records = records(text, separator(text));
            if (records.isEmpty()) {
                throw Batch.wrong(file + " is empty", "its first line names the columns");
            }
            return checked(file, records);
        } catch (CharacterCodingException e) {
            throw Batch.wrong(file + " is not UTF-8", "save it as \"CSV UTF-8\"");
        } catch (NoSuchFileException e) {
            throw Batch.wrong("there is no file " + file, "check the path");
        } catch (IOException e) {
            throw Batch.wrong(file + " cannot be read: " + e.getMessage(), "check the path");
        }
    }

    private static TextTable checked(Path file, List<List<String>> records) {
        List<String> names = records.get(0).stream().map(String::strip).toList();
        List<List<String>> rows = new ArrayList<>(records.size() - 1);
        for (List<String> row : records.subList(1, records.size())) {
            if (row.size() > names.size() && row.subList(names.size(), row.size()).stream().anyMatch(cell -> !cell.isBlank())) {
                throw Batch.wrong(
                        "row " + (rows.size() + 1) + " of " + file + " has " + row.size() + " cells, and there are "
                                + names.size() + " columns",
                        "put a cell that has a separator in it between quotes");
            }
            List<String> cells = new ArrayList<>(row.subList(0, Math.min(row.size(), names.size())));
            while (cells.size() < names.size()) {
                cells.add("");
            }
            rows.add(List.copyOf(cells));
        }
        return new TextTable(names, rows);
    }

    /** What stands most often in the first line, outside of quotes. */
    private static char separator(BufferedReader text) throws IOException {
        text.mark(LONGEST_LINE);
        int[] counts = new int["\t;,".length()];
        boolean quoted = false;
        int character = text.read();
        boolean marked = character == MARK;
        for (int read = 1; character >= 0 && read < LONGEST_LINE && (quoted || character != '\n'); read++) {
            quoted ^= character == '"';
            int at = "\t;,".indexOf(character);
            if (!quoted && at >= 0) {
                counts[at]++;
            }
            character = text.read();
        }
        text.reset();
        text.skip(marked ? 1 : 0);
        int best = 2;
        for (int at = 1; at >= 0; at--) {
            best = counts[at] > counts[best] ? at : best;
        }
        return "\t;,".charAt(best);
    }

    private static List<List<String>> records(Reader text, char separator) throws IOException {
        PushbackReader reader = new PushbackReader(text);
        List<List<String>> records = new ArrayList<>();
        List<String> record = new ArrayList<>();
        while (true) {
            StringBuilder field = new StringBuilder();
            boolean quoted = false;
            int end = reader.read();
            if (end == '"') {
                quoted = true;
                readQuoted(reader, field);
                end = reader.read();
            }
            while (end >= 0 && end != separator && end != '\n' && end != '\r') {
                field.append((char) end);
                end = reader.read();
            }
            record.add(quoted ? field.toString() : field.toString().strip());
            if (end == separator) {
                continue;
            }
            if (record.size() > 1 || quoted || !record.get(0).isEmpty()) { // no empty line
                records.add(record);
            }
            record = new ArrayList<>();
            if (end < 0) {
                return records;
            }
        }
    }

    /** Up to the quote that ends it; two stand for one. */
    private static void readQuoted(PushbackReader reader, StringBuilder field) throws IOException {
        for (int character = reader.read(); character >= 0; character = reader.read()) {
            if (character == '"') {
                int next = reader.read();
                if (next != '"') {
                    if (next >= 0) {
                        reader.unread(next);
                    }
                    return;
                }
            }
            field.append((char) character);
        }
    }
}

package org.alcove.fiji;

import ij.ImagePlus;
import ij.macro.Variable;
import ij.measure.Calibration;
import ij.measure.ResultsTable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Complex;
import org.alcove.DType;
import org.alcove.SharedArray;
import org.alcove.Table;

/** Tables of ImageJ, and those of ops. */
final class Tables {
    private static final double GREATEST_WHOLE = 1L << 53; // up to which a double holds every whole number
    private static final String LABEL = "Label";

    private Tables() {}

    /** Numbers stay numbers as far as a double holds them exactly; all else becomes text, and nothing an empty cell. */
    static ResultsTable toResultsTable(Table table) {
        ResultsTable results = empty((int) table.rows());
        for (String name : table.names()) {
            List<?> cells = cells(table.column(name));
            for (int row = 0; row < cells.size(); row++) {
                put(results, name, row, cells.get(row));
            }
        }
        return results;
    }

    /** A table of so many rows, whose empty cells are no zeros. */
    static ResultsTable empty(int rows) {
        ResultsTable results = new ResultsTable(rows);
        results.setNaNEmptyCells(true);
        return results;
    }

    /** Sets a cell. */
    static void put(ResultsTable results, String column, int row, Object value) {
        if (value == null) {
            results.setValue(column, row, Double.NaN);
        } else if (value instanceof Number number && isExact(number)) {
            results.setValue(column, row, number.doubleValue());
        } else {
            results.setValue(column, row, String.valueOf(value));
        }
    }

    private static boolean isExact(Number number) {
        return number instanceof Double || number instanceof Float || Math.abs(number.doubleValue()) <= GREATEST_WHOLE;
    }

    /** The cells of a column. */
    static List<?> cells(Object column) {
        return column instanceof SharedArray array ? elements(array) : (List<?>) column;
    }

    /** The elements of an array of any type: Boolean, Long, Double, or texts for complex numbers. */
    static List<Object> elements(SharedArray array) {
        List<Object> cells = new ArrayList<>((int) array.size());
        Elements.forEach(array, 0, array.size(), (first, elements, count) -> {
            for (int i = 0; i < count; i++) {
                cells.add(element(array.dtype(), elements, i));
            }
        });
        return cells;
    }

    private static Object element(DType dtype, Object elements, int index) {
        return switch (dtype) {
            case BOOL -> ((byte[]) elements)[index] != 0;
            case FLOAT16 -> (double) Elements.ofHalf(((short[]) elements)[index]);
            case FLOAT32 -> Double.valueOf(Float.toString(((float[]) elements)[index]));
            case FLOAT64 -> ((double[]) elements)[index];
            case COMPLEX64 -> complex(((float[]) elements)[2 * index], ((float[]) elements)[2 * index + 1]);
            case COMPLEX128 -> complex(((double[]) elements)[2 * index], ((double[]) elements)[2 * index + 1]);
            case UINT64 -> unsigned(((long[]) elements)[index]);
            default -> Elements.integers(dtype, elements).applyAsLong(index);
        };
    }

    private static Object unsigned(long bits) {
        return bits >= 0 ? (Object) bits : new BigInteger(Long.toUnsignedString(bits));
    }

    private static String complex(double real, double imaginary) {
        return new Complex(real, imaginary).toString();
    }

    /** Columns of whole numbers become integers, as they do when a file of them is read. */
    static Table toTable(ResultsTable results) {
        Map<String, List<Object>> columns = new LinkedHashMap<>();
        for (String name : results.getHeadings()) {
            columns.put(name, name.equals(LABEL) ? labels(results) : column(results, name));
        }
        return new Table(columns);
    }

    private static List<Object> labels(ResultsTable results) {
        List<Object> labels = new ArrayList<>();
        for (int row = 0; row < results.size(); row++) {
            labels.add(results.getLabel(row));
        }
        return labels;
    }

    private static List<Object> column(ResultsTable results, String name) {
        Variable[] cells = results.getColumnAsVariables(name);
        boolean areWhole = Arrays.stream(cells).allMatch(cell -> cell.getString() == null && isWhole(cell.getValue()));
        List<Object> column = new ArrayList<>();
        for (Variable cell : cells) {
            Object number = areWhole ? (Object) (long) cell.getValue() : (Object) cell.getValue();
            column.add(cell.getString() != null ? cell.getString() : number);
        }
        return column;
    }

    private static boolean isWhole(double value) {
        return value == Math.rint(value) && Math.abs(value) <= GREATEST_WHOLE;
    }

    /**
     * Coordinates along an axis in pixels: of the column of that name, else of ImageJ's own columns, in the image's unit.
     *
     * @param image whose calibration counts, or null
     * @throws org.alcove.AlcoveException {@code invalid_params} when the table has no such column
     */
    static double[] coordinates(ResultsTable table, String axis, ImagePlus image) {
        if (table.columnExists(axis)) {
            return table.getColumn(axis);
        }
        Calibration calibration = image == null ? new Calibration() : image.getCalibration();
        return switch (axis) {
            case "x" -> raw(table, axis, "X", calibration.pixelWidth, calibration.xOrigin);
            case "y" -> raw(table, axis, "Y", calibration.pixelHeight, calibration.yOrigin);
            case "z" -> raw(table, axis, "Slice", 1, -1);
            case "t" -> raw(table, axis, "Frame", 1, -1);
            default -> throw noColumn(axis);
        };
    }

    private static double[] raw(ResultsTable table, String axis, String heading, double scale, double origin) {
        if (!table.columnExists(heading)) {
            throw noColumn(axis);
        }
        return Arrays.stream(table.getColumn(heading)).map(value -> value / scale + origin).toArray();
    }

    private static RuntimeException noColumn(String axis) {
        return Refusal.of(Words.of("Tables.noColumn", axis), Words.of("Tables.noColumnHint"));
    }

    /** Headings for the columns of tracks. */
    static List<String> headingsOfTracks(Scene scene, int columns) {
        List<String> headings = new ArrayList<>(List.of("track", "t"));
        headings.addAll(scene.columns(columns - 2));
        return headings;
    }
}

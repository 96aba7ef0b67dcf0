package org.alcove.fiji;

import ij.IJ;
import ij.WindowManager;
import ij.measure.ResultsTable;
import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Complex;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;

/** What has no place in an image: numbers and tables in windows of tables, texts in the log. */
final class ResultRows {
    private static final Map<String, String> HEADINGS = Map.of("c", "Channel", "z", "Slice", "t", "Frame");

    private final String title;
    private final String image;
    private final Scene scene;
    private final Map<Position, Map<String, Object>> numbers = new LinkedHashMap<>();

    /** {@code image} is the title of the first one, or null. */
    ResultRows(String title, String image, Scene scene) {
        this.title = title;
        this.image = image;
        this.scene = scene;
    }

    /** Takes a value: a number for {@link #show}, anything else for the log. */
    void add(Parameter parameter, Object value, Position position) {
        Object plain = value instanceof SharedArray array && array.size() == 1 ? Tables.elements(array).get(0) : value;
        if (plain instanceof Number || plain instanceof Boolean || plain instanceof Complex) {
            numbers.computeIfAbsent(position, key -> new LinkedHashMap<>()).put(parameter.name(), plain);
        } else if (plain instanceof SharedArray array) {
            showTable(ResultRows.ofArray(parameter, array), parameter);
        } else if (plain instanceof byte[] bytes) {
            log(parameter, Words.of("ResultRows.bytes", bytes.length));
        } else {
            log(parameter, String.valueOf(plain));
        }
    }

    private void log(Parameter parameter, String text) {
        IJ.log(Words.of("ResultRows.logged", name(), parameter.name(), text));
    }

    /** Adds a row of numbers for each position to the op's own table. */
    void show() {
        if (numbers.isEmpty()) {
            return;
        }
        String window = Words.of("ResultRows.numbers", title);
        ResultsTable open = GraphicsEnvironment.isHeadless() ? null : ResultsTable.getResultsTable(window);
        ResultsTable table = open == null ? Tables.empty(0) : open;
        numbers.forEach((position, values) -> {
            table.addRow();
            if (image != null) {
                table.addLabel(image);
            }
            places(position).forEach((heading, place) -> Tables.put(table, heading, table.size() - 1, place));
            values.forEach((name, value) -> Tables.put(table, name, table.size() - 1, value));
        });
        if (GraphicsEnvironment.isHeadless()) {
            numbers.forEach((position, values) -> IJ.log(name() + ": " + values));
        }
        table.show(window);
    }

    private Map<String, Object> places(Position position) {
        Map<String, Object> places = new LinkedHashMap<>();
        for (String axis : scene.outer()) {
            int place = switch (axis) {
                case "c" -> position.channel();
                case "z" -> position.slice();
                case "t" -> position.frame();
                default -> 0;
            };
            if (place > 0) {
                places.put(HEADINGS.get(axis), (long) place);
            }
        }
        return places;
    }

    /** Shows tables in one window, those of several positions one below the other. */
    void showTables(Parameter parameter, List<?> tables, List<Position> positions) {
        ResultsTable all = Tables.empty(0);
        for (int i = 0; i < tables.size(); i++) {
            if (tables.get(i) instanceof Table table) {
                append(all, table, places(positions.get(i)));
            }
        }
        showTable(all, parameter);
    }

    private static void append(ResultsTable all, Table table, Map<String, Object> places) {
        int first = all.size();
        for (int row = 0; row < table.rows(); row++) {
            all.addRow();
            for (Map.Entry<String, Object> place : places.entrySet()) {
                Tables.put(all, place.getKey(), first + row, place.getValue());
            }
        }
        for (String name : table.names()) {
            List<?> cells = Tables.cells(table.column(name));
            for (int row = 0; row < cells.size(); row++) {
                Tables.put(all, name, first + row, cells.get(row));
            }
        }
    }

    /** Shows the rows of points or tracks. */
    void showCoordinates(Parameter parameter, Object value) {
        List<?> arrays = Overlays.isPerPosition(parameter, value, scene)
                ? (List<?>) value
                : Collections.singletonList(value);
        ResultsTable all = Tables.empty(0);
        for (int i = 0; i < arrays.size(); i++) {
            if (arrays.get(i) instanceof SharedArray array && array.shape().length == 2) {
                append(all, ofColumns(parameter, array), places(scene.positions().get(i)));
            }
        }
        showTable(all, parameter);
    }

    private Table ofColumns(Parameter parameter, SharedArray array) {
        int width = (int) array.shape()[1];
        boolean areTracks = parameter.role().orElse("").equals("tracks");
        List<String> headings = areTracks ? Tables.headingsOfTracks(scene, width) : scene.columns(width);
        double[] numbers = array.toDoubles();
        Map<String, List<Double>> columns = new LinkedHashMap<>();
        headings.forEach(heading -> columns.put(heading, new ArrayList<>()));
        for (int i = 0; i < numbers.length; i++) {
            columns.get(headings.get(i % width)).add(numbers[i]);
        }
        return new Table(columns);
    }

    private static ResultsTable ofArray(Parameter parameter, SharedArray array) {
        List<Object> cells = Tables.elements(array);
        ResultsTable table = Tables.empty(cells.size());
        for (int row = 0; row < cells.size(); row++) {
            Tables.put(table, parameter.name(), row, cells.get(row));
        }
        return table;
    }

    private void showTable(ResultsTable table, Parameter parameter) {
        String plain = parameter.name().equals("table") ? name() : Words.of("ResultRows.table", name(), parameter.name());
        String window = plain;
        for (int i = 1; !GraphicsEnvironment.isHeadless() && WindowManager.getFrame(window) != null; i++) {
            window = plain + "-" + i;
        }
        table.show(window);
    }

    private String name() {
        return image == null ? title : Words.of("Results.titleOf", title, image);
    }
}

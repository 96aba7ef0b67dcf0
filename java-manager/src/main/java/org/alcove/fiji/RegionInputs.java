package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.Line;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.measure.ResultsTable;
import ij.process.FloatPolygon;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alcove.Alcove;
import org.alcove.DType;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/**
 * Regions of ImageJ as ops take them: rows of coordinates in pixels, columns in the order of the image's axes. A whole
 * number is a pixel's centre, as it is for points and lines in ImageJ; its areas have a pixel's corner there, half a pixel
 * off.
 */
final class RegionInputs {
    private static final double HALF = 0.5;

    private RegionInputs() {}

    /** Points, vectors, tracks, shapes or a table of what ImageJ has for these; any other value as it is. */
    static Object convert(Alcove alcove, Parameter parameter, Object value, Scene scene) {
        if (value instanceof ResultsTable table) {
            return parameter.type().equals("array") ? coordinates(alcove, parameter, table, scene) : Tables.toTable(table);
        }
        List<Roi> rois = rois(value);
        if (rois == null) {
            return value;
        } else if (parameter.type().equals("shapes")) {
            return rois.stream().flatMap(RegionInputs::parts).map(roi -> shape(alcove, roi, scene)).toList();
        }
        boolean areVectors = parameter.role().orElse("").equals("vectors");
        List<String> columns = columns(scene);
        List<double[]> rows = new ArrayList<>();
        for (Roi roi : rois) {
            rows.addAll(areVectors ? vector(roi, scene, columns) : rows(roi, scene, columns));
        }
        return areVectors
                ? array(alcove, rows, rows.size(), 2, columns.size())
                : array(alcove, rows, rows.size(), columns.size());
    }

    /** The arrays in a value that {@link #convert} has made. */
    static List<SharedArray> arraysIn(Object value) {
        if (value instanceof SharedArray array) {
            return List.of(array);
        } else if (value instanceof List<?> list) {
            return list.stream().flatMap(item -> arraysIn(item).stream()).toList();
        } else if (value instanceof Map<?, ?> map) {
            return map.values().stream().flatMap(item -> arraysIn(item).stream()).toList();
        }
        return List.of();
    }

    private static List<Roi> rois(Object value) {
        if (value instanceof Roi roi) {
            return List.of(roi);
        } else if (value instanceof Roi[] several) {
            return Arrays.asList(several);
        } else if (value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(Roi.class::isInstance)) {
            return list.stream().map(Roi.class::cast).toList();
        }
        return null;
    }

    /** The axes of the image that coordinates have. */
    static List<String> columns(Scene scene) {
        List<String> columns = scene.axes().stream().filter(axis -> !axis.equals("c") && !axis.equals("s")).toList();
        return columns.isEmpty() ? List.of("y", "x") : columns;
    }

    private static Stream<Roi> parts(Roi roi) {
        return roi instanceof ShapeRoi shape ? Arrays.stream(shape.getRois()) : Stream.of(roi);
    }

    private static List<double[]> rows(Roi roi, Scene scene, List<String> columns) {
        FloatPolygon polygon = roi.getFloatPolygon();
        double shift = roi.isLineOrPoint() ? 0 : HALF;
        List<double[]> rows = new ArrayList<>(polygon.npoints);
        for (int i = 0; i < polygon.npoints; i++) {
            Position place = place(roi, i, scene.image());
            rows.add(row(columns, polygon.xpoints[i] - shift, polygon.ypoints[i] - shift, place));
        }
        return rows;
    }

    /** Where a region, or one of its points, was made; else where the user looks. */
    private static Position place(Roi roi, int point, ImagePlus image) {
        if (image == null) {
            return new Position(1, 1, 1);
        }
        int ofPoint = roi instanceof PointRoi points ? points.getPointPosition(point) : 0;
        if (ofPoint > 0) {
            return Position.of(image, ofPoint);
        } else if (roi.hasHyperStackPosition()) {
            return new Position(roi.getCPosition(), roi.getZPosition(), roi.getTPosition());
        }
        return Position.of(image, roi.getPosition() > 0 ? roi.getPosition() : image.getCurrentSlice());
    }

    private static double[] row(List<String> columns, double x, double y, Position place) {
        return columns.stream()
                .mapToDouble(axis -> switch (axis) {
                    case "x" -> x;
                    case "y" -> y;
                    case "z" -> Math.max(1, place.slice()) - 1;
                    case "t" -> Math.max(1, place.frame()) - 1;
                    default -> 0;
                })
                .toArray();
    }

    private static List<double[]> vector(Roi roi, Scene scene, List<String> columns) {
        if (!(roi instanceof Line line)) {
            throw Refusal.of(Words.of("RegionInputs.noLine", roi.getTypeAsString()), Words.of("RegionInputs.noLineHint"));
        }
        double[] start = row(columns, line.x1d, line.y1d, place(roi, 0, scene.image()));
        double[] displacement = new double[start.length];
        displacement[columns.indexOf("x")] = line.x2d - line.x1d;
        displacement[columns.indexOf("y")] = line.y2d - line.y1d;
        return List.of(start, displacement);
    }

    private static Map<String, Object> shape(Alcove alcove, Roi roi, Scene scene) {
        List<String> columns = columns(scene);
        String type = switch (roi.getType()) {
            case Roi.RECTANGLE -> roi.getCornerDiameter() == 0 ? "rectangle" : "polygon";
            case Roi.OVAL -> "ellipse";
            case Roi.LINE -> "line";
            case Roi.POLYLINE, Roi.FREELINE, Roi.ANGLE, Roi.POINT -> "path";
            default -> "polygon";
        };
        boolean isBox = type.equals("rectangle") || type.equals("ellipse");
        List<double[]> rows = isBox ? corners(roi, scene, columns) : rows(roi, scene, columns);
        Map<String, Object> shape = new LinkedHashMap<>();
        shape.put("type", type);
        shape.put("vertices", array(alcove, rows, rows.size(), columns.size()));
        return shape;
    }

    private static List<double[]> corners(Roi roi, Scene scene, List<String> columns) {
        Rectangle2D.Double box = roi.getFloatBounds();
        Position place = place(roi, 0, scene.image());
        double left = box.x - HALF;
        double top = box.y - HALF;
        return List.of(
                row(columns, left, top, place),
                row(columns, left + box.width, top, place),
                row(columns, left + box.width, top + box.height, place),
                row(columns, left, top + box.height, place));
    }

    /** Rows of a table: columns that are named as the axes are in pixels, ImageJ's own X and Y in the image's unit. */
    private static SharedArray coordinates(Alcove alcove, Parameter parameter, ResultsTable table, Scene scene) {
        List<String> columns = new ArrayList<>(columns(scene));
        if (parameter.role().orElse("").equals("tracks")) {
            columns.add(0, "track");
            if (!columns.contains("t")) {
                columns.add(1, "t");
            }
        }
        List<double[]> found = columns.stream().map(axis -> Tables.coordinates(table, axis, scene.image())).toList();
        List<double[]> rows = new ArrayList<>(table.size());
        for (int i = 0; i < table.size(); i++) {
            int row = i;
            rows.add(found.stream().mapToDouble(column -> column[row]).toArray());
        }
        return array(alcove, rows, rows.size(), columns.size());
    }

    private static SharedArray array(Alcove alcove, List<double[]> rows, long... shape) {
        long[] sizes = shape.clone();
        if (sizes.length == 3) {
            sizes[0] /= 2; // start and displacement
        }
        SharedArray array = alcove.allocate(DType.FLOAT64, List.of(), sizes);
        array.copyFrom(rows.stream().flatMapToDouble(Arrays::stream).toArray());
        return array;
    }
}

package org.alcove.fiji;

import ij.gui.Arrow;
import ij.gui.EllipseRoi;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.PointRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.SharedArray;

/**
 * Coordinates that an op returned as regions of ImageJ, each at its position in the image. A whole number is a pixel's
 * centre, as it is for points and lines in ImageJ; its areas have a pixel's corner there, half a pixel off.
 */
final class Regions {
    private static final float HALF = 0.5f;

    private final Scene scene;
    private final Position base;
    private final List<Roi> rois = new ArrayList<>();

    /** Regions at one of the positions for which the op was called. */
    Regions(Scene scene, Position base) {
        this.scene = scene;
        this.base = base;
    }

    List<Roi> rois() {
        return rois;
    }

    /** One region of several points for each position where there are some. */
    void addPoints(SharedArray points) {
        forEachPosition(points, (position, coordinates) -> {
            PointRoi roi = new PointRoi(values(coordinates, 0), values(coordinates, 1));
            roi.setShowLabels(false);
            add(roi, position);
        });
    }

    /** All points as one selection, which shows each in its own slice. */
    PointRoi selection(SharedArray points) {
        PointRoi selection = new PointRoi();
        appendTo(selection, points);
        return selection;
    }

    /** Adds points to a selection. */
    void appendTo(PointRoi selection, SharedArray points) {
        selection.setShowLabels(false);
        boolean isInStack = scene.image() != null && scene.image().getStackSize() > 1;
        forEachPosition(points, (position, coordinates) -> {
            float[] xs = values(coordinates, 0);
            float[] ys = values(coordinates, 1);
            for (int i = 0; i < xs.length; i++) {
                if (isInStack) {
                    selection.addPoint(xs[i], ys[i], position.index(scene.image()));
                } else {
                    selection.addPoint(xs[i], ys[i]);
                }
            }
        });
    }

    /** Arrows. */
    void addVectors(SharedArray vectors) {
        int axes = (int) vectors.shape()[2];
        List<String> columns = scene.columns(axes);
        int x = columns.indexOf("x");
        int y = columns.indexOf("y");
        double[] numbers = vectors.toDoubles();
        for (int start = 0; start < numbers.length; start += 2 * axes) {
            double fromX = numbers[start + x];
            double fromY = numbers[start + y];
            Arrow arrow = new Arrow(fromX, fromY, fromX + numbers[start + axes + x], fromY + numbers[start + axes + y]);
            arrow.setHeadSize(4);
            add(arrow, scene.position(base, columns, numbers, start));
        }
    }

    /** A line for each track, seen in all frames, in a colour of its own. */
    void addTracks(SharedArray tracks) {
        int width = (int) tracks.shape()[1];
        List<String> columns = scene.columns(width - 2);
        double[] numbers = tracks.toDoubles();
        Map<Long, List<float[]>> byTrack = new LinkedHashMap<>();
        for (int start = 0; start < numbers.length; start += width) {
            byTrack.computeIfAbsent(Math.round(numbers[start]), key -> new ArrayList<>()).add(new float[] {
                (float) numbers[start + 2 + columns.indexOf("x")], (float) numbers[start + 2 + columns.indexOf("y")]
            });
        }
        byTrack.forEach((track, places) -> {
            PolygonRoi line = polygon(places, 0, Roi.POLYLINE);
            line.setName(String.valueOf(track));
            line.setStrokeColor(LabelRois.colour((int) Math.floorMod(track, (long) LabelColours.COUNT) + 1));
            add(line, Position.EVERYWHERE);
        });
    }

    /** A region for each shape. */
    void addShapes(List<?> shapes) {
        for (Object shape : shapes) {
            if (shape instanceof Map<?, ?> members && members.get("vertices") instanceof SharedArray vertices) {
                addShape(String.valueOf(members.get("type")), vertices);
            }
        }
    }

    private void addShape(String type, SharedArray vertices) {
        if (vertices.size() == 0) {
            return;
        }
        int width = (int) vertices.shape()[1];
        List<String> columns = scene.columns(width);
        double[] numbers = vertices.toDoubles();
        List<float[]> places = new ArrayList<>();
        for (int start = 0; start < numbers.length; start += width) {
            places.add(new float[] {
                (float) numbers[start + columns.indexOf("x")], (float) numbers[start + columns.indexOf("y")]
            });
        }
        add(shape(type, places), scene.position(base, columns, numbers, 0));
    }

    private static Roi shape(String type, List<float[]> places) {
        boolean isBox = places.size() == 4 && areUpright(places);
        return switch (type) {
            case "rectangle" -> isBox ? box(places, false) : polygon(places, HALF, Roi.POLYGON);
            case "ellipse" -> isBox ? box(places, true) : ellipse(places);
            case "line" -> new Line(places.get(0)[0], places.get(0)[1], last(places)[0], last(places)[1]);
            case "path" -> polygon(places, 0, Roi.POLYLINE);
            default -> polygon(places, HALF, Roi.POLYGON);
        };
    }

    private static float[] last(List<float[]> places) {
        return places.get(places.size() - 1);
    }

    /** Whether four corners, in order, have sides along the axes. */
    private static boolean areUpright(List<float[]> corners) {
        boolean alongX = corners.get(0)[1] == corners.get(1)[1] && corners.get(2)[1] == corners.get(3)[1]
                && corners.get(1)[0] == corners.get(2)[0] && corners.get(3)[0] == corners.get(0)[0];
        boolean alongY = corners.get(0)[0] == corners.get(1)[0] && corners.get(2)[0] == corners.get(3)[0]
                && corners.get(1)[1] == corners.get(2)[1] && corners.get(3)[1] == corners.get(0)[1];
        return alongX || alongY;
    }

    private static Roi box(List<float[]> corners, boolean isOval) {
        double x = Math.min(corners.get(0)[0], corners.get(2)[0]) + HALF;
        double y = Math.min(corners.get(0)[1], corners.get(2)[1]) + HALF;
        double width = Math.abs(corners.get(0)[0] - corners.get(2)[0]);
        double height = Math.abs(corners.get(0)[1] - corners.get(2)[1]);
        return isOval ? new OvalRoi(x, y, width, height) : new Roi(x, y, width, height);
    }

    /** In a box that is turned: from the middle of one side to that of the opposite one, the longer way. */
    private static Roi ellipse(List<float[]> corners) {
        if (corners.size() != 4) {
            return polygon(corners, HALF, Roi.POLYGON);
        }
        double[][] middles = new double[4][];
        for (int i = 0; i < 4; i++) {
            float[] from = corners.get(i);
            float[] to = corners.get((i + 1) % 4);
            middles[i] = new double[] {(from[0] + to[0]) / 2.0 + HALF, (from[1] + to[1]) / 2.0 + HALF};
        }
        double one = Math.hypot(middles[2][0] - middles[0][0], middles[2][1] - middles[0][1]);
        double other = Math.hypot(middles[3][0] - middles[1][0], middles[3][1] - middles[1][1]);
        int start = one >= other ? 0 : 1;
        return new EllipseRoi(
                middles[start][0],
                middles[start][1],
                middles[start + 2][0],
                middles[start + 2][1],
                Math.min(one, other) / Math.max(one, other));
    }

    private static PolygonRoi polygon(List<float[]> places, float shift, int type) {
        float[] xs = new float[places.size()];
        float[] ys = new float[places.size()];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = places.get(i)[0] + shift;
            ys[i] = places.get(i)[1] + shift;
        }
        return new PolygonRoi(xs, ys, type);
    }

    private interface Points {
        void at(Position position, List<float[]> coordinates);
    }

    private void forEachPosition(SharedArray points, Points action) {
        int width = (int) points.shape()[1];
        if (points.size() == 0) {
            return;
        }
        List<String> columns = scene.columns(width);
        double[] numbers = points.toDoubles();
        Map<Position, List<float[]>> byPosition = new LinkedHashMap<>();
        for (int start = 0; start < numbers.length; start += width) {
            Position position = scene.position(base, columns, numbers, start);
            byPosition.computeIfAbsent(position, key -> new ArrayList<>()).add(new float[] {
                (float) numbers[start + columns.indexOf("x")], (float) numbers[start + columns.indexOf("y")]
            });
        }
        byPosition.forEach(action::at);
    }

    private static float[] values(List<float[]> places, int axis) {
        float[] values = new float[places.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = places.get(i)[axis];
        }
        return values;
    }

    private void add(Roi roi, Position position) {
        if (scene.image() != null) {
            position.give(roi, scene.image());
        }
        rois.add(roi);
    }
}

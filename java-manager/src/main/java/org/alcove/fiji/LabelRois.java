package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import java.awt.Color;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** The outlines of labels as regions of ImageJ: one for each label of a plane, with its number as name and its colour. */
final class LabelRois {
    private LabelRois() {}

    /** For each plane of an image of labels its regions, by their labels. */
    static List<List<Roi>> of(ImagePlus labels) {
        int width = labels.getWidth();
        int height = labels.getHeight();
        return IntStream.rangeClosed(1, labels.getStackSize())
                .parallel()
                .mapToObj(index -> ofPlane(pixels(labels.getStack().getPixels(index)), width, height))
                .toList();
    }

    private static IntUnaryOperator pixels(Object plane) {
        if (plane instanceof byte[] bytes) {
            return place -> bytes[place] & 0xFF;
        } else if (plane instanceof short[] shorts) {
            return place -> shorts[place] & 0xFFFF;
        }
        float[] floats = (float[]) plane;
        return place -> (int) floats[place];
    }

    private static List<Roi> ofPlane(IntUnaryOperator pixels, int width, int height) {
        TreeMap<Integer, List<Outline>> outlines = new TreeMap<>();
        new Outlines(pixels, width, height)
                .forEach((label, outline) -> outlines.computeIfAbsent(label, key -> new ArrayList<>(1)).add(outline));
        List<Roi> rois = new ArrayList<>(outlines.size());
        outlines.forEach((label, parts) -> rois.add(dressed(roi(parts), label)));
        return rois;
    }

    private static Roi dressed(Roi roi, int label) {
        roi.setName(String.valueOf(label));
        roi.setStrokeColor(colour(label));
        return roi;
    }

    /** The colour in which an image of labels shows this one. */
    static Color colour(int label) {
        return new Color(LabelColours.table().getRGB(1 + (label - 1) % LabelColours.COUNT));
    }

    private static Roi roi(List<Outline> parts) {
        if (parts.size() == 1) {
            Outline outline = parts.get(0);
            return new PolygonRoi(outline.x(), outline.y(), outline.x().length, Roi.TRACED_ROI);
        }
        Path2D.Float path = new Path2D.Float(Path2D.WIND_EVEN_ODD);
        for (Outline outline : parts) {
            path.moveTo(outline.x()[0], outline.y()[0]);
            for (int i = 1; i < outline.x().length; i++) {
                path.lineTo(outline.x()[i], outline.y()[i]);
            }
            path.closePath();
        }
        return new ShapeRoi(path);
    }
}

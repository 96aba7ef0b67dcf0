package org.alcove.fiji;

import ij.ImagePlus;
import ij.Prefs;
import ij.gui.PointRoi;
import ij.measure.ResultsTable;
import ij.process.LUT;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;

/** What ops take and return as ImageJ's own things: images, regions, tables. */
public final class OpValues {
    private OpValues() {}

    /**
     * A value of ImageJ's as an op takes it. An ImagePlus becomes an array: of booleans for a mask, true where a pixel is
     * not 0, and of whole numbers for labels. A Roi, an array or a list of Rois becomes points, vectors or shapes; a {@link
     * ResultsTable} a table, or points or tracks by its columns. All other values are returned as they are.
     *
     * @return the value; the caller closes the arrays in it
     * @throws org.alcove.AlcoveException {@code invalid_params} when an image is locked by another command or has no pixels,
     *     or a table lacks a column; {@code out_of_shared_memory}
     */
    public static Object toOp(Alcove alcove, Parameter input, Object value) {
        return value instanceof ImagePlus image
                ? ReadImage.of(alcove, input, image, true).array()
                : RegionInputs.convert(alcove, input, value, Scene.of(null));
    }

    /**
     * What an op returned as ImageJ has it, not shown yet. Arrays of two dimensions or more become an ImagePlus by their
     * role, points a {@link PointRoi}, vectors and tracks and shapes a list of Rois, tables a {@link ResultsTable}. All
     * other values are returned as they are. It is a copy, arrays may be closed.
     *
     * @param original the image that the op got, or null
     * @throws org.alcove.AlcoveException {@code invalid_params} when ImageJ cannot hold it; the message says why
     */
    public static Object toImageJ(Parameter output, Object value, String title, ImagePlus original) {
        Scene scene = Scene.of(original);
        if (value instanceof Table table) {
            return Tables.toResultsTable(table);
        } else if (output.type().equals("shapes") && value instanceof List<?> shapes) {
            Regions regions = new Regions(scene, Position.EVERYWHERE);
            regions.addShapes(shapes);
            return regions.rois();
        } else if (value instanceof SharedArray array && array.shape().length >= 2) {
            return ofArray(output, array, title, original, scene);
        }
        return value;
    }

    private static Object ofArray(Parameter output, SharedArray array, String title, ImagePlus original, Scene scene) {
        Regions regions = new Regions(scene, Position.EVERYWHERE);
        switch (output.role().orElse("")) {
            case "points" -> {
                return regions.selection(array);
            }
            case "vectors" -> {
                regions.addVectors(array);
                return regions.rois();
            }
            case "tracks" -> {
                regions.addTracks(array);
                return regions.rois();
            }
            default -> {
                return image(output, array, title, original == null ? null : Appearance.of(original));
            }
        }
    }

    /** An array of pixels as an image that looks as its role says, and as the original did where they are alike. */
    static ImagePlus image(Parameter output, SharedArray array, String title, Appearance original) {
        String role = output.role().orElse("");
        if (role.equals("labels")) {
            ImagePlus labels = ImagePlusArrays.toLabels(array, title);
            if (original != null) {
                keepCalibration(labels, original);
            }
            return labels;
        }
        ImagePlus image = ImagePlusArrays.toImagePlus(array, title, original == null ? null : original.calibrated());
        if (role.equals("mask") && image.getBitDepth() == 8) {
            showAsMask(image);
        } else if (original != null) {
            original.dress(image);
        }
        return image;
    }

    /** What a single slice or frame cannot tell: the depth and the interval of the stack that it is from. */
    private static void keepCalibration(ImagePlus labels, Appearance original) {
        if (labels.getNSlices() == 1) {
            labels.getCalibration().pixelDepth = original.calibration().pixelDepth;
        }
        if (labels.getNFrames() == 1) {
            labels.getCalibration().frameInterval = original.calibration().frameInterval;
        }
    }

    /** ImageJ's masks are 255 in the foreground, shown black unless its user wants a black background. */
    private static void showAsMask(ImagePlus image) {
        if (!Prefs.blackBackground) {
            byte[] falling = new byte[256];
            for (int i = 0; i < falling.length; i++) {
                falling[i] = (byte) (255 - i);
            }
            image.setLut(new LUT(falling, falling.clone(), falling.clone()));
        }
    }
}

package org.alcove.fiji;

import ij.ImagePlus;
import ij.gui.ImageRoi;
import ij.gui.Overlay;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/** Results over the image that they came from. */
final class Overlays {
    private static final double OPACITY = 0.5;
    private static final int OF_MASKS = Color.YELLOW.getRGB();
    private static final String MADE_BY = "alcove";

    private Overlays() {}

    /**
     * What a call has found, over the slice of the first image that is visible: labels and masks so that the image shines
     * through, images in its place, coordinates and shapes as regions. Anything else is not there.
     */
    static Overlay preview(OpRequest request, InputArrays inputs, Outputs outputs) {
        Scene scene = inputs.scene();
        Overlay overlay = new Overlay();
        if (scene.image() == null) {
            return overlay;
        }
        for (Map.Entry<Parameter, Object> each : shown(request, inputs, outputs).entrySet()) {
            if (each.getValue() instanceof SharedArray array && isOfPixels(each.getKey(), array)) {
                overlay.add(translucent(each.getKey(), array, scene.image()));
            } else {
                regions(each.getKey(), each.getValue(), scene).forEach(overlay::add);
            }
        }
        return overlay;
    }

    /** Outputs, and the arrays that the op changed, by their parameters. */
    static Map<Parameter, Object> shown(OpRequest request, InputArrays inputs, Outputs outputs) {
        Map<Parameter, Object> shown = new LinkedHashMap<>();
        for (Parameter parameter : request.op().inputs()) {
            if (parameter.direction().isPresent() && inputs.values().get(parameter.name()) instanceof SharedArray array) {
                shown.put(parameter, array);
            }
        }
        for (Parameter output : request.op().outputs()) {
            if (outputs.names().contains(output.name())) {
                shown.put(output, outputs.get(output.name()));
            }
        }
        return shown;
    }

    /** Whether an array is one that ImageJ shows as an image. */
    static boolean isOfPixels(Parameter parameter, SharedArray array) {
        boolean areCoordinates = List.of("points", "vectors", "tracks").contains(parameter.role().orElse(""));
        return !areCoordinates && array.shape().length >= 2 && array.size() > 0;
    }

    /** Regions of points, vectors, tracks or shapes at the positions that they were found at; none for anything else. */
    static List<Roi> regions(Parameter parameter, Object value, Scene scene) {
        List<Roi> rois = new ArrayList<>();
        List<?> values = isPerPosition(parameter, value, scene) ? (List<?>) value : Collections.singletonList(value);
        for (int i = 0; i < values.size(); i++) {
            Regions here = new Regions(scene, scene.positions().get(i));
            add(here, parameter, values.get(i));
            rois.addAll(here.rois());
        }
        return rois;
    }

    /** What has no axes comes in a list, one value for each position, where the op was called for several. */
    static boolean isPerPosition(Parameter parameter, Object value, Scene scene) {
        return scene.isIterated() && parameter.axes().isEmpty() && value instanceof List<?> list
                && list.size() == scene.positions().size();
    }

    /** Makes points the selection of the image. */
    static void select(Parameter parameter, Object value, Scene scene) {
        PointRoi selection = new PointRoi();
        List<?> values = isPerPosition(parameter, value, scene) ? (List<?>) value : Collections.singletonList(value);
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof SharedArray points && points.size() > 0) {
                new Regions(scene, scene.positions().get(i)).appendTo(selection, points);
            }
        }
        scene.image().setRoi(selection);
    }

    private static void add(Regions regions, Parameter parameter, Object value) {
        if (parameter.type().equals("shapes") && value instanceof List<?> shapes) {
            regions.addShapes(shapes);
        } else if (value instanceof SharedArray array && array.size() > 0) {
            switch (parameter.role().orElse("")) {
                case "points" -> regions.addPoints(array);
                case "vectors" -> regions.addVectors(array);
                case "tracks" -> regions.addTracks(array);
                default -> { }
            }
        }
    }

    /** Adds regions to the image's overlay, in place of those that the same command has added before. */
    static void replace(ImagePlus image, String maker, List<Roi> rois) {
        Overlay overlay = Optional.ofNullable(image.getOverlay()).map(Overlay::duplicate).orElseGet(Overlay::new);
        for (int i = overlay.size() - 1; i >= 0; i--) {
            if (maker.equals(overlay.get(i).getProperty(MADE_BY))) {
                overlay.remove(i);
            }
        }
        for (Roi roi : rois) {
            roi.setProperty(MADE_BY, maker);
            overlay.add(roi);
        }
        image.setOverlay(overlay);
    }

    private static Roi translucent(Parameter parameter, SharedArray array, ImagePlus image) {
        ImagePlus shown = OpValues.image(parameter, array, "", Appearance.of(image));
        Position here = Position.of(image, image.getCurrentSlice());
        int index = shown.getStackIndex(
                shown.getNChannels() == image.getNChannels() ? here.channel() : 1,
                shown.getNSlices() == image.getNSlices() ? here.slice() : 1,
                shown.getNFrames() == image.getNFrames() ? here.frame() : 1);
        ImageProcessor plane = shown.getStack().getProcessor(index);
        boolean isMask = parameter.role().orElse("").equals("mask");
        boolean isOpaque = !isMask && !parameter.role().orElse("").equals("labels");
        if (shown.getBitDepth() == 16 || shown.getBitDepth() == 32) {
            plane.setMinAndMax(shown.getDisplayRangeMin(), shown.getDisplayRangeMax());
        }
        ImageRoi roi = new ImageRoi(0, 0, isMask ? coloured(plane) : new ColorProcessor(plane.createImage()));
        roi.setZeroTransparent(!isOpaque);
        roi.setOpacity(isOpaque ? 1 : OPACITY);
        new Position(image.isComposite() ? 0 : here.channel(), here.slice(), here.frame()).give(roi, image);
        return roi;
    }

    private static ImageProcessor coloured(ImageProcessor mask) {
        byte[] pixels = (byte[]) mask.getPixels();
        int[] colours = new int[pixels.length];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = pixels[i] == 0 ? 0 : OF_MASKS;
        }
        return new ColorProcessor(mask.getWidth(), mask.getHeight(), colours);
    }
}

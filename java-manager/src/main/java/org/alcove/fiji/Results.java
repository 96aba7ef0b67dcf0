package org.alcove.fiji;

import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.Roi;
import ij.plugin.frame.RoiManager;
import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.alcove.Table;

/** Shows what an op returned as ImageJ's users expect it: images, regions, tables, lines in the log. */
final class Results {
    /** One after the other: two calls may add to the same table. */
    private static final Object SHOWING = new Object();

    private final String title;
    private final OpRequest request;
    private final InputArrays inputs;
    private final Scene scene;
    private final Optional<ReadImage> first;
    private final ResultRows rows;
    private int images;

    Results(String title, OpRequest request, InputArrays inputs) {
        this.title = title;
        this.request = request;
        this.inputs = inputs;
        this.scene = inputs.scene();
        this.first = inputs.images().stream().findFirst();
        this.rows = new ResultRows(title, first.map(image -> image.before().title()).orElse(null), scene);
    }

    /**
     * Shows all of it.
     *
     * @throws org.alcove.AlcoveException {@code invalid_params} for what ImageJ cannot hold; the rest is shown all the same
     */
    void show(Outputs outputs) {
        synchronized (SHOWING) {
            Map<Parameter, Object> all = Overlays.shown(request, inputs, outputs);
            images = (int) all.entrySet().stream().filter(each -> isImage(each.getKey(), each.getValue())).count();
            RuntimeException failure = null;
            for (Map.Entry<Parameter, Object> each : all.entrySet()) {
                try {
                    show(each.getKey(), each.getValue());
                } catch (RuntimeException e) {
                    failure = failure == null ? e : failure;
                }
            }
            rows.show();
            if (failure != null) {
                throw failure;
            }
        }
    }

    private boolean isImage(Parameter parameter, Object value) {
        return value instanceof SharedArray array
                && Overlays.isOfPixels(parameter, array)
                && !parameter.direction().equals(Optional.of("inout"))
                && way(parameter).equals(ShowAs.IMAGE);
    }

    /** How the output is to be shown; what cannot be shown in several ways has the first of them. */
    private String way(Parameter parameter) {
        String usual = ShowAs.choices(parameter).stream().findFirst().orElse(ShowAs.IMAGE);
        String wanted = request.showAs().getOrDefault(parameter.name(), usual);
        boolean hasPlace = !wanted.equals(ShowAs.OVERLAY) && !wanted.equals(ShowAs.SELECTION) || isStillOpen();
        if (!hasPlace) {
            String ofRegions = GraphicsEnvironment.isHeadless() ? ShowAs.TABLE : ShowAs.ROI_MANAGER;
            wanted = isOfLabels(parameter) ? ShowAs.IMAGE : ofRegions;
        }
        return wanted;
    }

    private static boolean isOfLabels(Parameter parameter) {
        return List.of("labels", "mask").contains(parameter.role().orElse(""));
    }

    /** Whether the image is where its user can see it, or was never to be seen. */
    private boolean isStillOpen() {
        return first.isPresent() && (first.get().image().isVisible() || !first.get().before().isVisible());
    }

    private void show(Parameter parameter, Object value) {
        if (parameter.direction().equals(Optional.of("inout"))) {
            change(parameter, (SharedArray) value);
        } else if (value instanceof SharedArray array && Overlays.isOfPixels(parameter, array)) {
            showPixels(parameter, array);
        } else if (isOfRegions(parameter)) {
            showRegions(parameter, value);
        } else {
            showOthers(parameter, value);
        }
    }

    private static boolean isOfRegions(Parameter parameter) {
        return parameter.type().equals("shapes")
                || List.of("points", "vectors", "tracks").contains(parameter.role().orElse(""));
    }

    private void change(Parameter parameter, SharedArray array) {
        ReadImage read = inputs.images().stream()
                .filter(each -> each.parameter().equals(parameter))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no image for " + parameter.name()));
        if (read.before().isVisible() && !read.image().isVisible()) {
            OpValues.image(parameter, array, read.before().title(), read.before()).show();
        } else {
            new ChangedImage(title, read).show();
        }
    }

    private void showPixels(Parameter parameter, SharedArray array) {
        ImagePlus image = OpValues.image(
                parameter, array, titleOf(parameter), first.map(ReadImage::before).orElse(null));
        if (way(parameter).equals(ShowAs.IMAGE)) {
            image.setTitle(WindowManager.makeUniqueName(image.getTitle()));
            image.show();
            return;
        }
        boolean isMask = parameter.role().orElse("").equals("mask");
        List<Roi> rois = new ArrayList<>();
        List<List<Roi>> planes = LabelRois.of(image);
        for (int i = 0; i < planes.size(); i++) {
            Position position = positionOf(image, i + 1);
            for (Roi roi : planes.get(i)) {
                if (isMask) { // no label 255
                    roi.setName(parameter.name());
                    roi.setStrokeColor(null);
                }
                position.give(roi, scene.image());
                rois.add(roi);
            }
        }
        showRois(parameter, rois);
    }

    /** Where a plane of a result belongs in the image that the op got. */
    private Position positionOf(ImagePlus result, int index) {
        Position base = scene.positions().get(0);
        Position own = Position.of(result, index);
        return new Position(
                result.getNChannels() > 1 ? own.channel() : fixed(base.channel(), "c"),
                result.getNSlices() > 1 ? own.slice() : fixed(base.slice(), "z"),
                result.getNFrames() > 1 ? own.frame() : fixed(base.frame(), "t"));
    }

    /** Along an axis that the op was called along the result has as many positions, unless there is only one. */
    private int fixed(int place, String axis) {
        return scene.outer().contains(axis) ? 0 : place;
    }

    private void showRegions(Parameter parameter, Object value) {
        String way = way(parameter);
        if (way.equals(ShowAs.TABLE) || parameter.role().orElse("").equals("tracks")) {
            rows.showCoordinates(parameter, value);
        }
        if (way.equals(ShowAs.SELECTION)) {
            Overlays.select(parameter, value, scene);
        } else if (!way.equals(ShowAs.TABLE)) {
            showRois(parameter, Overlays.regions(parameter, value, scene));
        }
    }

    private void showRois(Parameter parameter, List<Roi> rois) {
        boolean toManager = way(parameter).equals(ShowAs.ROI_MANAGER) && !GraphicsEnvironment.isHeadless();
        if (toManager) {
            EventThread.wait(() -> addToManager(rois, scene.image()));
        } else if (scene.image() != null) {
            Overlays.replace(scene.image(), title + " " + parameter.name(), rois);
        }
    }

    private static void addToManager(List<Roi> rois, ImagePlus image) {
        RoiManager manager = RoiManager.getRoiManager();
        for (Roi roi : rois) {
            manager.add((ImagePlus) null, roi, -1);
        }
        if (image != null && image.isVisible()) {
            manager.runCommand(image, "Show All");
        }
    }

    /** Tables, numbers, texts; several of each where the op was called for several positions. */
    private void showOthers(Parameter parameter, Object value) {
        if (!Overlays.isPerPosition(parameter, value, scene)) {
            showOthers(parameter, Collections.singletonList(value), List.of(Position.EVERYWHERE));
        } else {
            showOthers(parameter, (List<?>) value, scene.positions());
        }
    }

    private void showOthers(Parameter parameter, List<?> values, List<Position> positions) {
        if (values.stream().anyMatch(Table.class::isInstance)) {
            rows.showTables(parameter, values, positions);
            return;
        }
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value instanceof SharedArray array && Overlays.isOfPixels(parameter, array)) {
                showPixels(parameter, array);
            } else if (value instanceof List<?> list && list.stream().anyMatch(SharedArray.class::isInstance)) {
                list.forEach(item -> showPixels(parameter.items().orElse(parameter), (SharedArray) item));
            } else if (value != null) {
                rows.add(parameter, value, positions.get(i));
            }
        }
    }

    private String titleOf(Parameter parameter) {
        if (first.isEmpty()) {
            return images > 1 ? Words.of("Results.titleOfOne", title, parameter.name()) : title;
        }
        String image = first.get().before().title();
        return images > 1
                ? Words.of("Results.titleOfOneOf", title, image, parameter.name())
                : Words.of("Results.titleOf", title, image);
    }
}

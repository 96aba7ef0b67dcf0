package org.alcove.drive;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.Overlay;
import ij.gui.Roi;
import ij.measure.Calibration;
import ij.measure.ResultsTable;
import ij.plugin.frame.Recorder;
import ij.plugin.frame.RoiManager;
import ij.text.TextWindow;
import java.awt.Frame;
import java.awt.Rectangle;
import java.awt.Window;
import java.awt.event.WindowEvent;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** What is asked about images, tables and macros, and the few things that need no hand. */
final class ImageActions {
    private ImageActions() {}

    static void addTo(Map<String, Driver.Action> actions) {
        actions.put("open", arguments -> open(arguments.get(0)));
        actions.put("images", arguments -> List.of(WindowManager.getImageTitles()));
        actions.put("image", arguments -> image(arguments.get(0), Path.of(arguments.get(1))));
        actions.put("overlay", arguments -> regions(find(arguments.get(0)).getOverlay()));
        actions.put("selection", arguments -> region(find(arguments.get(0)).getRoi()));
        actions.put("manager", arguments -> managed());
        actions.put("tables", arguments -> tables());
        actions.put("table", arguments -> table(arguments.get(0)));
        actions.put("log", arguments -> String.valueOf(IJ.getLog()));
        actions.put("status", arguments -> ij.ImageJ.getStatusBarText());
        actions.put("macro", arguments -> macro(arguments.get(0)));
        actions.put("start-macro", arguments -> {
            new Thread(() -> IJ.runMacro(arguments.get(0)), "macro").start();
            return true;
        });
        actions.put("record", arguments -> Hands.onEventThread(() -> new Recorder().isShowing()));
        actions.put("recorded", arguments -> Recorder.getInstance().getText());
        actions.put("tidy", arguments -> Hands.onEventThread(ImageActions::tidy));
    }

    /** To its end, or until ImageJ shows a message that somebody has to answer. */
    private static Object macro(String text) throws Exception {
        CompletableFuture<Object> result = new CompletableFuture<>();
        new Thread(() -> result.complete(String.valueOf(IJ.runMacro(text))), "macro").start();
        return WindowActions.await("end of the macro", () -> {
            if (Parts.window("Macro Error") != null) {
                throw new AssertionError(Parts.described(Parts.window("Macro Error")).toString());
            }
            return result.getNow(null);
        });
    }

    private static Object tidy() {
        for (int id : WindowManager.getIDList() == null ? new int[0] : WindowManager.getIDList()) {
            WindowManager.getImage(id).changes = false;
            WindowManager.getImage(id).close();
        }
        if (Recorder.getInstance() != null) {
            Recorder.getInstance().close();
        }
        if (RoiManager.getInstance() != null) {
            RoiManager.getInstance().close();
        }
        IJ.log("\\Clear");
        ResultsTable.getResultsTable().reset();
        for (Window window : Parts.windows()) {
            if (window != IJ.getInstance()) {
                window.dispatchEvent(new WindowEvent(window, WindowEvent.WINDOW_CLOSING));
                window.dispose();
            }
        }
        return Parts.windows().size();
    }

    private static Object open(String path) {
        ImagePlus image = IJ.openImage(path);
        image.show();
        return image.getTitle();
    }

    private static ImagePlus find(String title) {
        ImagePlus image = WindowManager.getImage(title);
        if (image == null) {
            throw new AssertionError("There is no image " + title + ", but " + List.of(WindowManager.getImageTitles()));
        }
        return image;
    }

    /** Its facts; its pixels go into a file, plane by plane, big-endian. */
    private static Object image(String title, Path file) throws IOException {
        ImagePlus image = find(title);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int slice = 1; slice <= image.getStackSize(); slice++) {
                write(image.getStack().getPixels(slice), out);
            }
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("type", List.of("uint8", "uint16", "float32", "uint8 colours", "rgb").get(image.getType()));
        facts.put("shape", List.of(image.getNFrames(), image.getNSlices(), image.getNChannels(), image.getHeight(), image.getWidth()));
        Calibration scale = image.getCalibration();
        facts.put("pixel", List.of(scale.pixelWidth, scale.pixelHeight, scale.pixelDepth));
        facts.put("unit", scale.getUnit());
        facts.put("range", List.of(image.getDisplayRangeMin(), image.getDisplayRangeMax()));
        facts.put("inverting", image.isInvertedLut());
        facts.put("position", List.of(image.getC(), image.getZ(), image.getT()));
        facts.put("locked", image.isLocked());
        return facts;
    }

    private static void write(Object pixels, DataOutputStream out) throws IOException {
        if (pixels instanceof byte[] bytes) {
            out.write(bytes);
        } else if (pixels instanceof short[] shorts) {
            for (short pixel : shorts) {
                out.writeShort(pixel);
            }
        } else if (pixels instanceof float[] floats) {
            for (float pixel : floats) {
                out.writeFloat(pixel);
            }
        } else {
            for (int pixel : (int[]) pixels) {
                out.writeInt(pixel);
            }
        }
    }

    private static List<Object> regions(Overlay overlay) {
        List<Object> regions = new ArrayList<>();
        for (int i = 0; overlay != null && i < overlay.size(); i++) {
            regions.add(region(overlay.get(i)));
        }
        return regions;
    }

    private static Object region(Roi roi) {
        if (roi == null) {
            return null;
        }
        Rectangle bounds = roi.getBounds();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("type", roi.getTypeAsString());
        facts.put("name", String.valueOf(roi.getName()));
        facts.put("bounds", List.of(bounds.x, bounds.y, bounds.width, bounds.height));
        facts.put("position", List.of(roi.getPosition(), roi.getCPosition(), roi.getZPosition(), roi.getTPosition()));
        facts.put("size", roi.size());
        return facts;
    }

    private static Object managed() {
        RoiManager manager = RoiManager.getInstance();
        List<Object> regions = new ArrayList<>();
        if (manager != null) {
            for (Roi roi : manager.getRoisAsArray()) {
                regions.add(region(roi));
            }
        }
        return regions;
    }

    private static List<String> tables() {
        List<String> titles = new ArrayList<>();
        for (Frame frame : WindowManager.getNonImageWindows()) {
            if (frame instanceof TextWindow window && window.getResultsTable() != null) {
                titles.add(frame.getTitle());
            }
        }
        return titles;
    }

    private static Object table(String title) {
        ResultsTable table = ResultsTable.getResultsTable(title);
        if (table == null) {
            throw new AssertionError("There is no table " + title + ", but " + tables());
        }
        Map<String, Object> columns = new LinkedHashMap<>();
        for (String heading : table.getHeadings()) {
            if (table.columnExists(heading)) {
                int[] rows = IntStream.range(0, table.size()).toArray();
                columns.put(heading, IntStream.of(rows).mapToObj(row -> table.getStringValue(heading, row)).toList());
            }
        }
        return columns;
    }
}

package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.CompositeImage;
import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.Undo;
import ij.WindowManager;
import ij.gui.Arrow;
import ij.gui.ImageRoi;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.macro.Interpreter;
import ij.process.ByteProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ij.process.ShortProcessor;
import java.awt.Color;
import java.awt.Window;
import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Workbench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ops on images of ImageJ, and what becomes of their results; in batch mode, so that no window is needed. */
class RunningTest {
    private static final String OPS = """
            from dataclasses import dataclass
            from typing import Annotated, Optional
            import alcove
            from alcove import Axes, DTypes, Image, InOut, Labels, Mask, Out, Points, Shapes, Table, Tracks, Vectors, op

            @op
            def plus(image: Image) -> Image:
                return image + 1

            @op
            def label(image: Image) -> Labels:
                return image.astype("uint16")

            @op
            def bright(image: Image) -> Mask:
                return image > 1

            @op
            def area(mask: Mask, labels: Labels) -> int:
                assert mask.dtype == bool and labels.dtype.kind in "iu", (mask.dtype, labels.dtype)
                return int(mask.sum()) + 1000 * int(labels.max())

            @dataclass
            class Found:
                points: Points
                vectors: Vectors
                tracks: Tracks
                shapes: Shapes

            @op
            def find(image: Annotated[Image, Axes("z y x")]) -> Found:
                import numpy
                points = numpy.array([[0, 2, 3], [1, 1.5, 0], [1, 4, 4]], dtype="float64")
                vectors = numpy.array([[[1, 2, 3], [0, 1, 2]]], dtype="float64")
                tracks = numpy.array([[7, 0, 0, 1, 1], [7, 1, 0, 2, 3], [9, 0, 1, 0, 0]], dtype="float64")
                box = numpy.array([[1, -0.5, 0.5], [1, -0.5, 2.5], [1, 3.5, 2.5], [1, 3.5, 0.5]])
                return Found(points, vectors, tracks, [
                    {"type": "rectangle", "vertices": box}, {"type": "ellipse", "vertices": box},
                    {"type": "line", "vertices": box[:2]}, {"type": "path", "vertices": box[:3]},
                    {"type": "polygon", "vertices": box[:3]}])

            @op
            def where(image: Annotated[Image, Axes("z y x")], points: Points, vectors: Vectors, shapes: Shapes) -> list:
                return [points.tolist(), vectors.tolist(),
                        [shape["type"] + str(shape["vertices"].tolist()) for shape in shapes]]

            @op
            def invert(image: InOut[Image]) -> None:
                image[...] = 255 - image

            @op
            def fill(image: Image, out: Out[Labels]) -> None:
                out[...] = image

            @op
            def held(image: InOut[Image], path: str) -> None:
                import os, time
                open(path + " runs", "w").close()
                while not os.path.exists(path):
                    time.sleep(0.01)
                image[...] = 9
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void openInBatchMode() {
        Interpreter.batchMode = true;
        alcove = bench.open();
    }

    @AfterEach
    void forgetImages() {
        for (int id : WindowManager.getIDList() == null ? new int[0] : WindowManager.getIDList()) {
            WindowManager.getImage(id).close();
        }
        Arrays.stream(Window.getWindows()).forEach(Window::dispose); // tables, where there is a display
        Interpreter.batchMode = false;
        Undo.setup(Undo.NOTHING, null);
    }

    @Test
    void aResultLooksLikeTheImageThatItCameFrom() {
        ImagePlus image = hyperstack();
        run("plus", Map.of("image", image));
        ImagePlus result = shown("Plus of blobs ü");
        assertArrayEquals(image.getDimensions(), result.getDimensions());
        for (int i = 1; i <= image.getStackSize(); i++) {
            assertEquals(image.getStack().getVoxel(2, 1, i - 1) + 1, result.getStack().getVoxel(2, 1, i - 1));
        }
        assertEquals(image.getCalibration().toString(), result.getCalibration().toString());
        assertEquals("slice 3", result.getStack().getSliceLabel(3));
        LUT[] luts = result.getLuts();
        assertEquals(Color.MAGENTA.getRGB(), luts[1].getRGB(255));
        assertEquals(1, luts[0].min);
        assertEquals(CompositeImage.COLOR, result.getCompositeMode());
    }

    @Test
    void onlyWhatIsVisibleIsTaken() {
        ImagePlus image = hyperstack();
        image.setPosition(2, 1, 3);
        run("plus", Map.of("image", image), Map.of(), false);
        ImagePlus result = shown("Plus of blobs ü");
        assertEquals(1, result.getStackSize());
        int index = image.getStackIndex(2, 1, 3);
        assertEquals(image.getStack().getVoxel(3, 2, index - 1) + 1, result.getProcessor().get(3, 2));
        assertEquals(0.5, result.getCalibration().pixelWidth);
        assertEquals(7.0, result.getCalibration().frameInterval);
    }

    @Test
    void labelsAreAnImageOrRegionsWhereTheyWereFound() {
        ImagePlus image = stack(3);
        run("label", Map.of("image", image));
        assertEquals(LabelColours.table().getRGB(5), shown("Label of stack").getProcessor().getLut().getRGB(5));

        for (int i = 0; i < 2; i++) { // the second time it takes the place of the first
            image.setSlice(2);
            run("label", Map.of("image", image), Map.of("labels", ShowAs.OVERLAY), i == 0);
        }
        List<Roi> visible = rois(image.getOverlay());
        assertTrue(visible.stream().allMatch(roi -> roi.getPosition() == 2), "of the visible slice");
        assertEquals(labelsOf(image, 2), visible.stream().map(Roi::getName).toList());

        image.getOverlay().add(new Roi(0, 0, 1, 1)); // the user's own stays
        run("label", Map.of("image", image), Map.of("labels", ShowAs.OVERLAY), true);
        assertEquals(1 + labelsOf(image, 1).size() + labelsOf(image, 2).size() + labelsOf(image, 3).size(),
                image.getOverlay().size());
        assertEquals(3, image.getOverlay().get(image.getOverlay().size() - 1).getPosition());
    }

    @Test
    void masksAreZeroAnd255AndLabelsAreWholeNumbers() {
        ImagePlus image = new ImagePlus("m", new ByteProcessor(2, 2, new byte[] {0, 1, 2, (byte) 255}));
        run("bright", Map.of("image", image));
        ImagePlus mask = shown("Bright of m");
        assertArrayEquals(new byte[] {0, 0, -1, -1}, (byte[]) mask.getProcessor().getPixels());
        assertTrue(mask.isInvertedLut(), "black is foreground where ImageJ’s user has not said otherwise");

        ImageStack many = new LabelStack(2, 2);
        many.addSlice(new FloatProcessor(2, 2, new float[] {0, 1, 70_000, 2}));
        try (InputArrays inputs = InputArrays.of(
                alcove, request(op("area"), Map.of("mask", mask, "labels", new ImagePlus("l", many)), Map.of(), true))) {
            try (Outputs outputs = op("area").call(inputs.values())) {
                assertEquals(70_000_002, outputs.integer("result"));
            }
        }
    }

    @Test
    void coordinatesBecomeRegionsInTheirSlices() {
        ImagePlus image = stack(2);
        run("find", Map.of("image", image));
        List<Roi> rois = rois(image.getOverlay());
        PointRoi points = (PointRoi) rois.get(1);
        assertEquals(2, points.getNCoordinates());
        assertEquals(2, points.getPosition());
        assertEquals(0, points.getFloatPolygon().xpoints[0]); // as numpy, points of ImageJ have a pixel's centre at 0
        assertEquals(1.5, points.getFloatPolygon().ypoints[0]);
        Arrow arrow = (Arrow) rois.get(2);
        assertEquals(List.of(3.0, 2.0, 5.0, 3.0), List.of(arrow.x1d, arrow.y1d, arrow.x2d, arrow.y2d));
        assertEquals(List.of("7", "9"), List.of(rois.get(3).getName(), rois.get(4).getName()));
        assertEquals(0, rois.get(3).getPosition(), "a track is seen everywhere");
        Roi box = rois.get(5);
        assertEquals("java.awt.geom.Rectangle2D$Double[x=1.0,y=0.0,w=2.0,h=4.0]", box.getFloatBounds().toString());
        assertEquals(Roi.OVAL, rois.get(6).getType());
        assertEquals(0.5, ((Line) rois.get(7)).x1d);
        assertEquals(List.of(Roi.POLYLINE, Roi.POLYGON), List.of(rois.get(8).getType(), rois.get(9).getType()));

        run("find", Map.of("image", image), Map.of("points", ShowAs.SELECTION), true);
        PointRoi selection = (PointRoi) image.getRoi();
        assertEquals(List.of(1, 2, 2), List.of(
                selection.getPointPosition(0), selection.getPointPosition(1), selection.getPointPosition(2)));
    }

    @Test
    void regionsArriveAsCoordinatesOfTheOp() {
        ImagePlus image = stack(2);
        PointRoi points = new PointRoi(1.5, 2);
        points.setPosition(2);
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("image", image);
        inputs.put("points", List.of(points));
        inputs.put("vectors", new Arrow(1, 2, 4, 6));
        inputs.put("shapes", List.of(new OvalRoi(1, 2, 3, 4), new Line(0, 1, 2, 3)));
        Op op = op("where");
        try (InputArrays arrays = InputArrays.of(alcove, request(op, inputs, Map.of(), true));
                Outputs outputs = op.call(arrays.values())) {
            assertEquals(
                    "[[[1.0, 2.0, 1.5]], [[[0.0, 2.0, 1.0], [0.0, 4.0, 3.0]]], "
                            + "[ellipse[[0.0, 1.5, 0.5], [0.0, 1.5, 3.5], [0.0, 5.5, 3.5], [0.0, 5.5, 0.5]], "
                            + "line[[0.0, 1.0, 0.0], [0.0, 3.0, 2.0]]]]",
                    outputs.get("result").toString());
        }
    }

    @Test
    void anImageIsChangedWhereItIs() {
        ImagePlus image = stack(2);
        ImageProcessor before = image.getStack().getProcessor(1).duplicate();
        byte[] other = ((byte[]) image.getStack().getPixels(2)).clone();
        run("invert", Map.of("image", image), Map.of(), false);
        assertEquals(255 - before.get(1, 1), image.getProcessor().get(1, 1));
        assertArrayEquals(other, (byte[]) image.getStack().getPixels(2), "the slice that was not visible");
        image.getProcessor().reset();
        assertEquals(before.get(1, 1), image.getProcessor().get(1, 1), "ImageJ has the pixels for Undo");

        run("invert", Map.of("image", image));
        assertEquals(255 - (other[0] & 0xFF), image.getStack().getProcessor(2).get(0));
        run("fill", Map.of("image", image));
        assertEquals(2, shown("Fill of stack").getStackSize());
    }

    @Test
    void anImageThatBecomesAnotherMeanwhileIsLeftAlone() throws Exception {
        ImagePlus image = new ImagePlus("image", new ByteProcessor(3, 3));
        String path = bench.folder().resolve("go on").toString();
        FutureTask<Throwable> run = new FutureTask<>(() -> assertThrows(
                AlcoveException.class, () -> run("held", Map.of("image", image, "path", path))));
        new Thread(run).start();
        Eventually.becomes("it runs", () -> Files.exists(Path.of(path + " runs")));
        assertEquals(List.of("Held"), OpRunner.running());
        assertTrue(!image.isLocked(), "only while it is read");
        image.setProcessor(new ShortProcessor(3, 3));
        Files.createFile(Path.of(path));
        AlcoveException failure = (AlcoveException) run.get();
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().contains("another size or type"), failure.getMessage());
        assertEquals(0, image.getProcessor().get(0));
        assertEquals(List.of(), OpRunner.running());
    }

    @Test
    void escapeCancelsWhatWasStartedLast() throws Exception {
        ImagePlus image = stack(1);
        String path = bench.folder().resolve("go on").toString();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            String own = path + i;
            Thread thread = new Thread(() -> run("held", Map.of("image", image, "path", own)));
            thread.setUncaughtExceptionHandler((failed, failure) -> failures.add(failure));
            thread.start();
            threads.add(thread);
            Eventually.becomes("it runs", () -> Files.exists(Path.of(own + " runs")));
        }
        assertEquals(List.of("Held", "Held"), OpRunner.running());
        IJ.setKeyDown(KeyEvent.VK_ESCAPE);
        Eventually.becomes("the second has ended", () -> !threads.get(1).isAlive());
        assertEquals(1, OpRunner.running().size());
        assertInstanceOf(CancelledException.class, failures.get(0));
        Files.createFile(Path.of(path + 1));
        threads.get(0).join();
        assertEquals(1, failures.size());
        assertEquals(9, image.getProcessor().get(0));
    }

    @Test
    void anImageThatAnotherCommandHasIsRefused() throws Exception {
        ImagePlus image = new ImagePlus("busy", new ByteProcessor(3, 3));
        Thread other = new Thread(image::lock);
        other.start();
        other.join();
        AlcoveException failure = assertThrows(AlcoveException.class, () -> run("plus", Map.of("image", image)));
        assertEquals("busy is in use by another command", failure.getMessage());
    }

    @Test
    void aPreviewShinesThroughLabelsAndHidesTheImageBelowAnother() {
        ImagePlus image = stack(2);
        image.setSlice(2);
        for (String name : List.of("label", "plus", "bright")) {
            Op op = op(name);
            OpRequest request = request(op, Map.of("image", image), Map.of(), false);
            try (InputArrays inputs = InputArrays.of(alcove, request); Outputs outputs = op.call(inputs.values())) {
                Overlay overlay = Overlays.preview(request, inputs, outputs);
                assertEquals(1, overlay.size());
                ImageRoi shown = (ImageRoi) overlay.get(0);
                assertEquals(name.equals("plus") ? 1.0 : 0.5, shown.getOpacity());
                assertEquals(2, shown.getPosition());
            }
        }
        assertNull(image.getOverlay(), "who asks for it puts it there");
    }

    private Op op(String name) {
        return bench.op(alcove, name, OPS.replace("import alcove\n", "import alcove  # " + name + "\n"));
    }

    private static OpRequest request(Op op, Map<String, Object> inputs, Map<String, String> showAs, boolean eachPosition) {
        return new OpRequest(op, inputs, showAs, eachPosition);
    }

    private void run(String name, Map<String, Object> inputs) {
        run(name, inputs, Map.of(), true);
    }

    private void run(String name, Map<String, Object> inputs, Map<String, String> showAs, boolean eachPosition) {
        Op op = op(name);
        OpRunner.run(alcove, op.title(), request(op, inputs, showAs, eachPosition));
    }

    private static ImagePlus shown(String title) {
        ImagePlus image = WindowManager.getImage(title);
        assertNotNull(image, "there is " + Arrays.toString(WindowManager.getImageTitles()));
        return image;
    }

    private static List<Roi> rois(Overlay overlay) {
        return new ArrayList<>(Arrays.asList(overlay.toArray()));
    }

    private static List<String> labelsOf(ImagePlus image, int slice) {
        TreeSet<Integer> labels = new TreeSet<>();
        for (byte pixel : (byte[]) image.getStack().getPixels(slice)) {
            labels.add(pixel & 0xFF);
        }
        labels.remove(0);
        return labels.stream().map(String::valueOf).toList();
    }

    /** Two channels in three frames, calibrated, in colours. */
    private static ImagePlus hyperstack() {
        ImagePlus plain = Images.random(16, 2, 1, 3);
        for (int i = 1; i <= plain.getStackSize(); i++) {
            ShortProcessor plane = (ShortProcessor) plain.getStack().getProcessor(i);
            for (int j = 0; j < plane.getPixelCount(); j++) {
                plane.set(j, 100 * (i - 1) + j);
            }
        }
        plain.setTitle("blobs ü");
        plain.getCalibration().pixelWidth = 0.5;
        plain.getCalibration().setUnit("\u00b5m");
        plain.getCalibration().frameInterval = 7;
        for (int i = 1; i <= plain.getStackSize(); i++) {
            plain.getStack().setSliceLabel("slice " + i, i);
        }
        CompositeImage image = new CompositeImage(plain, CompositeImage.COLOR);
        image.setLuts(new LUT[] {LUT.createLutFromColor(Color.GREEN), LUT.createLutFromColor(Color.MAGENTA)});
        return image;
    }

    private static ImagePlus stack(int slices) {
        ImagePlus image = Images.random(8, 1, slices, 1);
        image.setTitle("stack");
        return image;
    }
}

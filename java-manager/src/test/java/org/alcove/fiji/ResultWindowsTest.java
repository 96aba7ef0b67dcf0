package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.Undo;
import ij.WindowManager;
import ij.measure.ResultsTable;
import ij.plugin.frame.RoiManager;
import ij.process.ByteProcessor;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.alcove.Alcove;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.Workbench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Results in windows of ImageJ's. */
class ResultWindowsTest {
    private static final String OPS = """
            import os, time
            from dataclasses import dataclass
            from alcove import Image, InOut, Labels, Points, Table, op

            @dataclass
            class Measured:
                table: Table
                count: int
                mean: float
                note: str

            @op
            def measure(image: Image) -> Measured:
                rows = {"area": [2.5, None], "name": ["a", "b"], "n": [1, 2]}
                return Measured(rows, int(image.max()), float(image.mean()), "fine")

            @op
            def label(image: Image, path: str) -> Labels:
                open(path + " runs", "w").close()
                while not os.path.exists(path):
                    time.sleep(0.01)
                return image.astype("uint16")

            @op
            def spot(image: Image) -> Points:
                import numpy
                return numpy.array([[1, 2], [0.5, 0]])

            @op
            def invert(image: InOut[Image]) -> None:
                image[...] = 255 - image
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;
    private Path goOn;

    @BeforeEach
    void open() {
        assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
        alcove = bench.open();
        goOn = bench.folder().resolve("go on");
    }

    @AfterEach
    void closeWindows() throws Exception {
        EventQueue.invokeAndWait(() -> Arrays.stream(Window.getWindows()).forEach(Window::dispose));
        for (int id : WindowManager.getIDList() == null ? new int[0] : WindowManager.getIDList()) {
            ImagePlus image = WindowManager.getImage(id);
            image.changes = false;
            image.close();
        }
    }

    @Test
    void numbersAreRowsOfOneTableAndTablesHaveWindowsOfTheirOwn() {
        ImagePlus image = shown("blobs.gif", 2);
        run("measure", Map.of("image", image));
        run("measure", Map.of("image", stack()), true);
        ResultsTable numbers = ResultsTable.getResultsTable("Results of Measure");
        assertEquals(List.of("Label", "count", "mean", "Slice"), List.of(numbers.getHeadings()));
        assertEquals(3, numbers.size());
        assertEquals("blobs.gif", numbers.getLabel(0));
        assertEquals(List.of(2.0, 6.0), List.of(numbers.getValue("count", 0), numbers.getValue("count", 2)));
        assertEquals(2, numbers.getValue("Slice", 2));

        ResultsTable table = ResultsTable.getResultsTable("Measure of blobs.gif");
        assertEquals("b", table.getStringValue("name", 1));
        assertTrue(Double.isNaN(table.getValue("area", 1)), "an empty cell is no zero");
        ResultsTable ofStack = ResultsTable.getResultsTable("Measure of stack");
        assertEquals(List.of("Slice", "area", "name", "n"), List.of(ofStack.getHeadings()));
        assertEquals(4, ofStack.size());
        assertTrue(IJ.getLog() == null || IJ.getLog().contains("note = fine"), IJ.getLog());
    }

    @Test
    void regionsGoToTheRoiManagerAndAChangeCanBeUndone() throws Exception {
        Files.createFile(goOn);
        ImagePlus image = shown("blobs.gif", 2);
        OpRunner.run(alcove, "Label", new OpRequest(
                op("label"), Map.of("image", image, "path", goOn), Map.of("labels", ShowAs.ROI_MANAGER), true));
        RoiManager manager = RoiManager.getInstance();
        assertEquals(List.of("2"), Arrays.stream(manager.getRoisAsArray()).map(roi -> roi.getName()).toList());
        manager.reset(); // or it asks whether to save them
        manager.close();

        run("invert", Map.of("image", image));
        assertEquals(253, image.getProcessor().get(1, 1));
        WindowManager.setCurrentWindow(image.getWindow());
        Undo.undo();
        assertEquals(2, image.getProcessor().get(1, 1));
    }

    @Test
    void anImageThatIsClosedMeanwhileStillGivesItsResult() throws Exception {
        ImagePlus image = shown("closed.tif", 3);
        image.getCalibration().pixelWidth = 0.25;
        image.getCalibration().setUnit("mm");
        Op op = op("label");
        OpRequest request = new OpRequest(
                op, Map.of("image", image, "path", goOn), Map.of("labels", ShowAs.OVERLAY), true);
        FutureTask<Void> onEventThread = new FutureTask<>(() -> OpRunner.run(alcove, "Label", request), null);
        EventQueue.invokeAndWait(onEventThread); // and does not wait for the op
        Eventually.becomes("it runs", () -> Files.exists(Path.of(goOn + " runs")));
        image.close();
        Files.createFile(goOn);
        Eventually.becomes("its result", () -> WindowManager.getImage("Label of closed.tif") != null);
        ImagePlus result = WindowManager.getImage("Label of closed.tif");
        assertEquals(3, result.getProcessor().get(1, 1));
        assertEquals(0.25, result.getCalibration().pixelWidth);
        Eventually.becomes("it has ended", () -> OpRunner.running().isEmpty());
        onEventThread.get();
    }

    private void run(String name, Map<String, Object> inputs) {
        run(name, inputs, false);
    }

    private void run(String name, Map<String, Object> inputs, boolean eachPosition) {
        Op op = op(name);
        OpRunner.run(alcove, op.title(), new OpRequest(op, inputs, Map.of(), eachPosition));
    }

    private Op op(String name) {
        return bench.op(alcove, name, OPS);
    }

    private static ImagePlus shown(String title, int value) {
        byte[] pixels = new byte[12];
        Arrays.fill(pixels, (byte) value);
        ImagePlus image = new ImagePlus(title, new ByteProcessor(4, 3, pixels));
        image.show();
        assertNotNull(image.getWindow());
        return image;
    }

    private static ImagePlus stack() {
        ImagePlus image = new ImagePlus("stack", new ByteProcessor(4, 3));
        ImageStack stack = new ImageStack(4, 3);
        stack.addSlice(new ByteProcessor(4, 3));
        stack.addSlice(new ByteProcessor(4, 3));
        stack.getProcessor(2).set(0, 6);
        image.setStack(stack);
        return image;
    }
}

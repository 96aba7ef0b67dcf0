package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.macro.Interpreter;
import ij.measure.ResultsTable;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Op;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What ops are asked to do by macros: without any window, so also in batch mode and without a display. */
class OpDialogTest {
    @RegisterExtension
    final Workbench workbench = new Workbench();

    private final List<ImagePlus> open = new ArrayList<>();

    @BeforeEach
    void beginBatchMode() {
        Interpreter.batchMode = true;
    }

    @AfterEach
    void endBatchMode() {
        open.forEach(Interpreter::removeBatchModeImage);
        Interpreter.batchMode = false;
        WindowManager.setTempCurrentImage(null);
        ResultsTable.getResultsTable().reset();
    }

    /** One that a macro in batch mode has opened, or a script: without a window. */
    private ImagePlus opened(String title, String kind, int slices) {
        ImagePlus image = IJ.createImage(title, kind, 8, 6, slices);
        Interpreter.addBatchModeImage(image);
        open.add(image);
        return image;
    }

    private Map<String, Op> ops(String source) {
        Alcove alcove = workbench.open();
        Map<String, Op> ops = new HashMap<>();
        alcove.ops(workbench.file("öps.py", source), TestToolbox.python()).forEach(op -> ops.put(op.name(), op));
        return ops;
    }

    /** What a macro does that runs the command with these options. */
    private static OpRequest run(Op op, ImagePlus active, String options) {
        FutureTask<OpRequest> task = new FutureTask<>(() -> {
            WindowManager.setTempCurrentImage(active);
            Macro.setOptions(options);
            try {
                return OpDialog.ask(null, op, op.title()).orElseThrow();
            } finally {
                Macro.setOptions(null);
                WindowManager.setTempCurrentImage(null);
            }
        });
        new Thread(task, "Run$_test").start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AlcoveException refusal) {
                throw refusal;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String refusal(Op op, ImagePlus active, String options) {
        AlcoveException refusal = assertThrows(AlcoveException.class, () -> run(op, active, options));
        return refusal.getMessage() + " | " + refusal.hint().orElseThrow();
    }

    @Test
    void macrosSayWhatTheyWantAndGetTheUsualForTheRest() {
        Op op = ops("""
                from pathlib import Path
                from typing import Annotated, Literal, Optional
                from alcove import Image, Labels, Range, op

                @op
                def segment(image: Image, Radius: Annotated[int, Range(1, 50)], sigma: float = 2.5, fill: bool = True,
                        dark: bool = False, method: Literal["otsu", "li"] = "otsu", model: Optional[Path] = None,
                        scales: list[float] = [1, 2.5], name: str = "a b") -> Labels:
                    return image
                """).get("segment");
        assertEquals("Segment takes images, and no image is open | Open an image, then choose Segment again",
                refusal(op, null, "radius=3"));
        ImagePlus active = opened("Zellen ü [1].tif", "16-bit", 5);
        ImagePlus other = opened("other", "8-bit", 1);
        OpRequest usual = run(op, active, "radius=3");
        assertSame(active, usual.inputs().get("image"));
        assertEquals(BigInteger.valueOf(3), usual.inputs().get("Radius"), "keys are small letters");
        assertEquals(2.5, usual.inputs().get("sigma"));
        assertEquals(true, usual.inputs().get("fill"), "a box that is not mentioned is as it is at first");
        assertEquals("a b", usual.inputs().get("name"));
        assertNull(usual.inputs().get("model"));
        assertEquals(Map.of("labels", "image"), usual.showAs());
        assertTrue(usual.eachPosition());

        OpRequest chosen = run(op, active, "image=other radius=7.0 sigma=1e-3 fill=false dark method=LI model=[/a b/c.pt]"
                + " scales=[[3, 4]] name=[] labels_as=[ROI Manager] stack=false");
        assertSame(other, chosen.inputs().get("image"));
        assertEquals(BigInteger.valueOf(7), chosen.inputs().get("Radius"));
        assertEquals(0.001, chosen.inputs().get("sigma"));
        assertEquals(false, chosen.inputs().get("fill"));
        assertEquals(true, chosen.inputs().get("dark"));
        assertEquals("li", chosen.inputs().get("method"));
        assertEquals(Path.of("/a b/c.pt"), chosen.inputs().get("model"));
        assertEquals(List.of(3L, 4L), chosen.inputs().get("scales"));
        assertEquals("", chosen.inputs().get("name"));
        assertEquals(Map.of("labels", "ROI Manager"), chosen.showAs());
        assertFalse(chosen.eachPosition());

        assertSame(active, run(op, other, "radius=1 image=[Zellen ü [1].tif]").inputs().get("image"));
        assertSame(active, run(op, other, "radius=1 image=" + active.getID()).inputs().get("image"));
        assertEquals("Radius is missing | radius is integer from 1 to 50", refusal(op, active, "sigma=2"));
        assertEquals("Radius must be from 1 to 50 | radius is integer from 1 to 50", refusal(op, active, "radius=51"));
        assertEquals("There is no key simga | The keys are dark, fill, image, labels_as, method, model, name, radius, scales,"
                + " sigma, stack", refusal(op, active, "radius=3 simga=2"));
        assertEquals("Image: no image “gone” is open | Open are: Zellen ü [1].tif, other",
                refusal(op, active, "radius=3 image=gone"));
    }

    @Test
    void imagesThatDoNotFitAreRefusedWithWhatTheOpWants() {
        Map<String, Op> ops = ops("""
                from typing import Annotated, Optional
                from alcove import Axes, DTypes, Image, InOut, Labels, Mask, Out, op

                @op
                def volume(image: Annotated[Image, Axes("z y x"), DTypes("uint8 uint16")]) -> Image:
                    return image

                @op
                def fill(image: InOut[Annotated[Image, DTypes("uint16")]], seeds: Labels,
                        mask: Optional[Mask] = None, stack: int = 3) -> None:
                    pass

                @op
                def label(image: Image, out: Out[Labels]) -> None:
                    pass

                @op
                def strange(image: Annotated[Image, Axes("angle y x")]) -> Image:
                    return image
                """);
        ImagePlus active = opened("blobs.gif", "32-bit", 1);
        assertEquals("Volume takes 8-bit or 16-bit images with slices; blobs.gif is another kind: 32-bit image | Convert it"
                + " with Image > Type, or open another image", refusal(ops.get("volume"), active, " "));
        assertEquals("Strange takes images with an axis “angle”, which ImageJ’s images do not have | It can be run from a Java"
                + " or Python program, or by alcove run", refusal(ops.get("strange"), active, " "));
        ImagePlus deep = opened("deep", "16-bit", 3);
        ImagePlus seeds = opened("seeds", "8-bit", 1);
        assertEquals("Seeds is missing | Say which: seeds=[title of the image]", refusal(ops.get("fill"), deep, " "));
        assertEquals("Fill takes 16-bit images; seeds is another kind: 8-bit image | Convert it with Image > Type, or open"
                + " another image", refusal(ops.get("fill"), seeds, "seeds=seeds"), "nothing is converted that is changed in place");
        OpRequest request = run(ops.get("fill"), deep, "seeds=seeds stack=7 stack_2=false mask=None");
        assertEquals(List.of("image", "seeds", "mask", "stack"), List.copyOf(request.inputs().keySet()));
        assertSame(seeds, request.inputs().get("seeds"));
        assertEquals(BigInteger.valueOf(7), request.inputs().get("stack"));
        assertFalse(request.eachPosition());
        OpRequest labelled = run(ops.get("label"), deep, "out_as=overlay");
        assertEquals(List.of("image"), List.copyOf(labelled.inputs().keySet()), "the op fills out");
        assertEquals(Map.of("out", "overlay"), labelled.showAs());
    }

    @Test
    void pointsShapesAndTablesComeFromWhereImageJHasThem() {
        Map<String, Op> ops = ops("""
                from typing import Optional
                from alcove import Image, Points, Shapes, Table, op

                @op
                def count(points: Points, image: Optional[Image] = None) -> int:
                    return len(points)

                @op
                def measure(shapes: Shapes, table: Optional[Table] = None) -> Table:
                    return table

                @op
                def twice(number: int = 2) -> int:
                    return 2 * number

                @op
                def stitch(images: list[Image]) -> Image:
                    return images[0]
                """);
        assertEquals(BigInteger.valueOf(3), run(ops.get("twice"), null, "number=3").inputs().get("number"));
        assertEquals("There is no key stack | The keys are number", refusal(ops.get("twice"), null, "stack=false"));
        ImagePlus active = opened("blobs.gif", "8-bit", 1);
        assertEquals("Count needs something for “Points” | Mark points with the multi-point tool, add them to the ROI Manager, or"
                + " open a table", refusal(ops.get("count"), active, " "));
        active.setRoi(new PointRoi(new float[] {1, 2}, new float[] {3, 4}));
        PointRoi points = (PointRoi) run(ops.get("count"), active, " ").inputs().get("points");
        assertEquals(2, points.size());
        assertEquals("Measure needs something for “Shapes” | Make a selection, or add some to the ROI Manager",
                refusal(ops.get("measure"), active, " "), "points are no shapes");
        active.setRoi(1, 1, 3, 2);
        OpRequest measured = run(ops.get("measure"), active, "shapes=Selection");
        assertEquals("Rectangle", ((Roi) measured.inputs().get("shapes")).getTypeAsString());
        assertNull(measured.inputs().get("table"));
        ResultsTable.getResultsTable().addRow();
        ResultsTable.getResultsTable().addValue("x", 1);
        assertSame(ResultsTable.getResultsTable(), run(ops.get("measure"), active, "table=results").inputs().get("table"));
        ImagePlus other = opened("other [2]", "8-bit", 1);
        assertEquals(List.of(active, other), run(ops.get("stitch"), active, " ").inputs().get("images"));
        assertEquals(List.of(other), run(ops.get("stitch"), active, "images=[[\"other [2]\"]]").inputs().get("images"));
    }

    @Test
    void titlesEndInDotsWhereThereIsSomethingToAsk() {
        Map<String, Op> ops = ops("""
                from alcove import Image, InOut, Labels, Out, op

                @op
                def smooth(image: Image) -> Image:
                    return image

                @op
                def copy(image: Image, out: Out[Image]) -> None:
                    pass

                @op
                def invert(image: InOut[Image]) -> None:
                    pass

                @op
                def add(image: Image, other: Image) -> Image:
                    return image

                @op
                def blur(image: Image, sigma: float = 1) -> Image:
                    return image

                @op
                def label(image: Image) -> Labels:
                    return image

                @op
                def hello() -> str:
                    return "hello"
                """);
        assertEquals(
                Map.of("smooth", false, "copy", false, "invert", false, "add", true, "blur", true, "label", true, "hello", false),
                ops.entrySet().stream().collect(Collectors.toMap(
                        Map.Entry::getKey, op -> OpDialog.asks(op.getValue().descriptor()))));
    }

    @Test
    void helpIsWhatTheAuthorWrote() {
        String html = Help.html(ops("""
                from typing import Annotated
                from alcove import Image, Label, Range, op

                @op
                def smooth(image: Image, sigma: Annotated[float, Range(0, 9), Label("Blur")] = 2) -> Image:
                    \"""Smooths <b> & more.

                    In several paragraphs.

                    sigma: how far & wide

                    Returns: what is left
                    \"""
                    return image
                """).get("smooth"));
        assertTrue(html.startsWith("<html><h1>Smooth</h1><p>Smooths &lt;b&gt; &amp; more.</p><p>In several paragraphs.</p>"), html);
        assertTrue(html.contains("<b>Blur</b></dt><dd>how far &amp; wide<br><small>In macros sigma: float from 0 to 9"), html);
        assertTrue(html.contains("what is left"), html);
        assertTrue(html.contains("öps.py"), html);
    }
}

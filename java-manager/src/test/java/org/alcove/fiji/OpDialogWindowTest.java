package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.Prefs;
import ij.WindowManager;
import ij.macro.Interpreter;
import ij.plugin.frame.Recorder;
import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.TextField;
import java.awt.event.KeyEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dialogs of ops, in real windows. */
class OpDialogWindowTest {
    private static final String EVERYTHING = """
            from pathlib import Path
            from typing import Annotated, Literal, Optional
            from alcove import Image, Label, Labels, Range, Unit, op

            @op
            def segment(image: Image, sigma: Annotated[float, Range(0, 20), Unit("pixel"), Label("Blur")] = 2.5,
                    a: int = 3, fill: bool = True, dark: bool = False, method: Literal["otsu", "li"] = "otsu",
                    model: Optional[Path] = None, scales: list[float] = [1, 2.5], name: str = "ä [b") -> Labels:
                return image

            @op
            def invert(image: Image) -> Image:
                return 255 - image
            """;

    @RegisterExtension
    final Workbench workbench = new Workbench();

    private final AskingCommand command = new AskingCommand();

    @BeforeEach
    void requireDisplay() {
        Assumptions.assumeFalse(GraphicsEnvironment.isHeadless(), "needs a display");
    }

    @AfterEach
    void closeDialog() {
        command.close();
        Recorder.record = false;
        for (String key : List.of("sigma", "a", "fill", "dark", "method", "model", "scales", "name", "labels_as", "stack")) {
            Prefs.set("alcove.öps.py.segment." + key, null);
        }
    }

    private Op op(Alcove alcove, String name, String source) {
        Map<String, Op> ops = new HashMap<>();
        alcove.ops(workbench.file("öps.py", source), TestToolbox.python()).forEach(op -> ops.put(op.name(), op));
        return ops.get(name);
    }

    @Test
    void whatIsChosenIsRecordedAndReplayedExactly() throws Exception {
        ImagePlus image = IJ.createImage("Zellen ü 1.tif", "16-bit ramp", 8, 6, 5);
        Op op = op(workbench.open(), "segment", EVERYTHING);
        new Recorder(false);
        Recorder.record = true; // where there was one already
        Recorder.setCommand("Segment...");
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () -> OpDialog.ask(null, op, "Segment"));
        assertEquals("Segment", command.dialog().getTitle());
        assertEquals(
                List.of("Image:", "Zellen ü 1.tif (16-bit stack of 5 slices)", "Blur (pixel):", "A:", "Method:", "Model, optional:",
                        "Scales:", "Name:", "Labels as:"),
                command.labels());
        assertEquals(1, command.dialog().getSliders().size());
        assertEquals("2.5", command.field(TextField.class, "sigma").getText());
        assertEquals("Run on each slice: 5", command.field(Checkbox.class, "stack").getLabel());
        assertTrue(command.field(Checkbox.class, "fill").getState());
        command.type("sigma", "3.14159");
        command.type("a", "12345678901234567890");
        command.tick("fill", false);
        command.choose("method", "li");
        command.choose("labels_as", "overlay");
        command.tick("stack", false);
        command.press(0);
        OpRequest chosen = answer.get().orElseThrow();
        assertSame(image, chosen.inputs().get("image"));
        assertEquals(3.14159, chosen.inputs().get("sigma"));
        assertEquals(false, chosen.inputs().get("fill"));
        assertEquals("ä [b", chosen.inputs().get("name"));
        assertEquals(Map.of("labels", "overlay"), chosen.showAs());
        assertFalse(chosen.eachPosition());

        String options = Recorder.getCommandOptions();
        assertTrue(options.startsWith("image=[\\\"Zellen \\\\u00fc 1.tif\\\"] a=12345678901234567890 sigma=3.14159"), options);
        String seen = IJ.runMacro("return \"" + options + "\";");
        FutureTask<OpRequest> replayed = command.command("Run$_test", image, () -> {
            Macro.setOptions(seen);
            return OpDialog.ask(null, op, "Segment").orElseThrow();
        });
        assertEquals(chosen.inputs(), replayed.get().inputs());
        assertEquals(chosen.showAs(), replayed.get().showAs());
        assertFalse(replayed.get().eachPosition());
    }

    @Test
    void valuesAreRememberedAsLongAsTheyFit() throws Exception {
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 1);
        Alcove alcove = workbench.open();
        Op op = op(alcove, "segment", EVERYTHING);
        FutureTask<Optional<OpRequest>> first = command.asked(image, () -> OpDialog.ask(alcove, op, "Segment"));
        command.type("sigma", "15");
        command.choose("method", "li");
        command.press(0);
        assertEquals(15.0, first.get().orElseThrow().inputs().get("sigma"));

        FutureTask<Optional<OpRequest>> second = command.asked(image, () -> OpDialog.ask(alcove, op, "Segment"));
        assertEquals("15", command.field(TextField.class, "sigma").getText());
        assertEquals("li", command.field(Choice.class, "method").getSelectedItem());
        command.type("sigma", "1");
        command.press(1);
        assertEquals(Optional.empty(), second.get(), "cancelled");

        Op changed = op(alcove, "segment", EVERYTHING.replace("Range(0, 20)", "Range(0, 10)").replace("\"li\"]", "\"yen\"]"));
        FutureTask<Optional<OpRequest>> third = command.asked(image, () -> OpDialog.ask(alcove, changed, "Segment"));
        assertEquals("2.5", command.field(TextField.class, "sigma").getText(), "what was remembered is out of range now");
        assertEquals("otsu", command.field(Choice.class, "method").getSelectedItem());
        command.press(1);
        third.get();
    }

    @Test
    void whatCannotBeIsSaidAndNotTaken() throws Exception {
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 1);
        Op op = op(workbench.open(), "segment", EVERYTHING);
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () -> OpDialog.ask(null, op, "Segment"));
        command.type("sigma", "25");
        assertEquals("Blur (pixel) must be from 0 to 20", command.status());
        assertFalse(command.dialog().getButtons()[0].isEnabled());
        EventQueue.invokeAndWait(() -> command.dialog().keyPressed(new KeyEvent(
                command.field(TextField.class, "sigma"), KeyEvent.KEY_PRESSED, 0, 0, KeyEvent.VK_ENTER, '\n')));
        assertFalse(answer.isDone());
        command.type("sigma", "");
        assertEquals("Blur (pixel) is missing", command.status());
        command.type("sigma", "2,5");
        assertEquals("Blur (pixel): write 2.5, with a point", command.status());
        command.type("sigma", "0.125");
        command.type("scales", "[1, ");
        assertEquals("Scales: cannot read “[1, ”", command.status());
        command.type("scales", "[]");
        assertEquals("", command.status());
        assertTrue(command.dialog().getButtons()[0].isEnabled());
        command.press(0);
        assertEquals(0.125, answer.get().orElseThrow().inputs().get("sigma"));
    }

    @Test
    void onlyImagesThatFitCanBeChosen() throws Exception {
        Op op = op(workbench.open(), "add", """
                from typing import Annotated, Optional
                from alcove import DTypes, Image, Mask, op

                @op
                def add(image: Annotated[Image, DTypes("uint8")], other: Image, mask: Optional[Mask] = None) -> Image:
                    return image
                """);
        ImagePlus first = IJ.createImage("first", "8-bit", 8, 6, 1);
        ImagePlus second = IJ.createImage("second", "16-bit", 8, 6, 3);
        Interpreter.batchMode = true;
        Interpreter.addBatchModeImage(second);
        try {
            FutureTask<Optional<OpRequest>> answer = command.asked(first, () -> OpDialog.ask(null, op, "Add"));
            assertEquals(List.of("Image:", "first (8-bit image)", "Other:", "Mask, optional:"), command.labels());
            assertEquals(List.of("first", "second"), command.items("other"));
            assertEquals("second", command.field(Choice.class, "other").getSelectedItem(), "one that is not taken yet");
            assertEquals(List.of("None", "first"), command.items("mask"));
            assertEquals("Run on each slice: 3", command.field(Checkbox.class, "stack").getLabel());
            command.choose("other", "first");
            assertFalse(command.field(Checkbox.class, "stack").isEnabled());
            command.press(0);
            assertSame(first, answer.get().orElseThrow().inputs().get("other"));
        } finally {
            Interpreter.removeBatchModeImage(second);
            Interpreter.batchMode = false;
            WindowManager.setTempCurrentImage(null);
        }
    }

    @Test
    void whereThereIsNothingToAskTheActiveImageIsTaken() throws Exception {
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 1);
        Op op = op(workbench.open(), "invert", EVERYTHING);
        new Recorder(false);
        Recorder.record = true; // where there was one already
        Recorder.setCommand("Invert");
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () -> OpDialog.ask(null, op, "Invert"));
        assertSame(image, answer.get().orElseThrow().inputs().get("image"));
        assertEquals("image=image", Recorder.getCommandOptions());
        Recorder.record = false;

        ImagePlus stack = IJ.createImage("stack", "8-bit ramp", 8, 6, 4);
        FutureTask<Optional<OpRequest>> ofStack = command.asked(stack, () -> OpDialog.ask(null, op, "Invert"));
        assertEquals("Run on each slice: 4", command.field(Checkbox.class, "stack").getLabel(), "ImageJ asks about stacks, too");
        command.press(0);
        assertTrue(ofStack.get().orElseThrow().eachPosition());
    }
}

package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.ImageRoi;
import ij.gui.Overlay;
import ij.gui.Roi;
import java.awt.Checkbox;
import java.awt.GraphicsEnvironment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.alcove.Alcove;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.alcove.WorkerInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an op would do, shown over the image while its dialog is open. */
class PreviewTest {
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
    }

    private Op op(Alcove alcove, String name, String source) {
        return alcove.op(workbench.file("öps.py", source), name, TestToolbox.python());
    }

    @Test
    void thePreviewFollowsTheValuesAndLeavesNothing() throws Exception {
        Alcove alcove = workbench.open();
        Op op = op(alcove, "threshold", """
                import time
                from alcove import Image, Labels, OpError, op, progress

                @op
                def threshold(image: Image, level: int = 5) -> Labels:
                    while level == 5:
                        progress(0.5)
                        time.sleep(0.01)
                    if level == 6:
                        raise OpError("level 6 is not for today")
                    return (image > level).astype("uint8")
                """);
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 3);
        image.setSlice(2);
        Overlay own = new Overlay(new Roi(1, 1, 2, 2));
        image.setOverlay(own);
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () ->
                new FormDialog(alcove, new OpForm(op, "Threshold", OpenImages.now()), Duration.ofHours(1)).ask());
        assertSame(own, image.getOverlay());
        command.tick("preview", true);
        Eventually.becomes("a run that does not end", () -> alcove.workers().list().stream()
                .anyMatch(worker -> worker.state() == WorkerInfo.State.BUSY));
        command.type("level", "2");
        Eventually.becomes("labels over the image", () -> image.getOverlay().size() == 2);
        ImageRoi shown = (ImageRoi) image.getOverlay().get(1);
        assertTrue(shown.getPosition() == 2 || shown.getZPosition() == 2, "on the visible slice");

        command.type("level", "255");
        Eventually.becomes("no label is left", () -> image.getOverlay().size() == 2
                && isClear((ImageRoi) image.getOverlay().get(1)));
        command.type("level", "6");
        Eventually.becomes("the failure is said", () -> command.status().equals("Preview: level 6 is not for today"));
        assertSame(own, image.getOverlay());
        assertTrue(command.field(Checkbox.class, "preview").getState(), "another value may do");
        command.type("level", "0");
        Eventually.becomes("labels over the image", () -> image.getOverlay().size() == 2);
        command.tick("preview", false);
        Eventually.becomes("the image as it was", () -> image.getOverlay() == own);
        command.tick("preview", true);
        Eventually.becomes("labels over the image", () -> image.getOverlay().size() == 2);
        command.press(0);
        assertTrue(answer.get().orElseThrow().eachPosition());
        assertSame(own, image.getOverlay());
    }

    private static boolean isClear(ImageRoi roi) {
        int[] pixels = (int[]) roi.getProcessor().getPixels();
        return Arrays.stream(pixels).allMatch(pixel -> (pixel & 0xFFFFFF) == 0);
    }

    @Test
    void aPreviewThatTakesTooLongTurnsItselfOff() throws Exception {
        Alcove alcove = workbench.open();
        Op op = op(alcove, "wait", """
                import time
                from alcove import Image, op, progress

                @op
                def wait(image: Image, level: int = 2) -> Image:
                    while True:
                        progress(0.5)
                        time.sleep(0.01)
                """);
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 1);
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () ->
                new FormDialog(alcove, new OpForm(op, "Wait", OpenImages.now()), Duration.ofSeconds(1)).ask());
        command.tick("preview", true);
        Eventually.becomes("it is off", () -> !command.field(Checkbox.class, "preview").getState());
        assertEquals("The preview took more than 1 s, so it is off", command.status());
        command.press(1);
        assertEquals(Optional.empty(), answer.get());
    }

    @Test
    void noEnvironmentIsMadeForAPreview() throws Exception {
        Alcove alcove = workbench.open(TestToolbox.settings(workbench.memoryDirectory()));
        Op op = alcove.op(workbench.file("öps.py", """
                # /// script
                # dependencies = ["a-package-that-nobody-has"]
                # ///
                from alcove import Image, op

                @op
                def smooth(image: Image, sigma: float = 2) -> Image:
                    return image
                """), "smooth");
        ImagePlus image = IJ.createImage("image", "8-bit ramp", 8, 6, 1);
        FutureTask<Optional<OpRequest>> answer = command.asked(image, () -> OpDialog.ask(alcove, op, "Smooth"));
        command.tick("preview", true);
        Eventually.becomes("it is off", () -> !command.field(Checkbox.class, "preview").getState());
        assertEquals("Run it once first: the preview needs its environment", command.status());
        command.press(1);
        assertEquals(Optional.empty(), answer.get());
    }
}

package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ij.IJ;
import ij.ImagePlus;
import ij.process.FloatProcessor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Parameter;
import org.junit.jupiter.api.Test;

class FitTest {
    private static final List<String> DTYPES = List.of(
            "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
            "complex64", "complex128", "bool");

    private static Parameter input(String role, String axes, String... dtypes) {
        Map<String, Object> descriptor = new LinkedHashMap<>(Map.of("name", "image", "type", "array", "role", role, "required", true));
        if (!axes.isEmpty()) {
            descriptor.put("axes", axes);
        }
        if (dtypes.length > 0) {
            descriptor.put("dtypes", List.of(dtypes));
        }
        return new Parameter(descriptor);
    }

    private static Parameter changed(Parameter input) {
        Map<String, Object> descriptor = new LinkedHashMap<>(input.descriptor());
        descriptor.put("direction", "inout");
        return new Parameter(descriptor);
    }

    private static ImagePlus image(String kind, int channels, int slices, int frames) {
        return IJ.createImage("image", kind, 4, 3, channels, slices, frames);
    }

    /** As conversion.py in the worker has it: nothing is offered that it would refuse, and nothing left out that it takes. */
    @Test
    void dtypesFitAsTheWorkerSays() {
        Map<String, List<String>> expected = Map.of(
                "uint8", List.of(
                        "uint8", "uint16", "uint32", "uint64", "int16", "int32", "int64", "float16", "float32", "float64",
                        "complex64", "complex128"),
                "uint16", List.of("uint16", "uint32", "uint64", "int32", "int64", "float32", "float64", "complex64", "complex128"),
                "int16", List.of("int16", "int32", "int64", "float32", "float64", "complex64", "complex128"),
                "float32", List.of("float32", "float64", "complex64", "complex128"));
        expected.forEach((given, holding) ->
                assertEquals(holding, DTYPES.stream().filter(wanted -> Fit.holds(wanted, given)).toList(), given));
    }

    @Test
    void imagesAreChosenByTheirBitDepth() {
        assertEquals("8 16 32 RGB", fitting(input("image", "y x")));
        assertEquals("8 RGB", fitting(input("image", "y x", "uint8")));
        assertEquals("8 16 RGB", fitting(input("image", "y x", "uint16")), "8 bits become 16 without loss");
        assertEquals("16", fitting(changed(input("image", "y x", "uint16"))), "in place nothing is converted");
        assertEquals("", fitting(input("image", "y x", "bool")));
        assertEquals("8 16", fitting(input("labels", "y x")));
        assertEquals("8", fitting(input("mask", "y x")));
        assertEquals("8 16 32 RGB", fitting(input("array", "")));
    }

    private static String fitting(Parameter input) {
        return String.join(" ", List.of("8", "16", "32", "RGB").stream()
                .filter(kind -> Fit.fits(input, image(kind.equals("RGB") ? "RGB" : kind + "-bit", 1, 1, 1)))
                .toList());
    }

    @Test
    void labelsOfOursMayHave32Bits() {
        LabelStack labels = new LabelStack(4, 3);
        labels.addSlice(new FloatProcessor(4, 3));
        assertEquals(true, Fit.fits(input("labels", "y x"), new ImagePlus("labels", labels)));
        assertEquals(false, Fit.fits(input("labels", "y x"), image("32-bit", 1, 1, 1)));
    }

    @Test
    void imagesNeedTheAxesThatTheOpNeeds() {
        Parameter volume = input("image", "c? z y x");
        assertEquals(false, Fit.fits(volume, image("8-bit", 1, 1, 1)));
        assertEquals(true, Fit.fits(volume, image("8-bit", 1, 5, 1)));
        assertEquals(true, Fit.fits(volume, image("8-bit", 2, 5, 3)));
        assertEquals(false, Fit.fits(volume, image("8-bit", 1, 1, 5)), "frames are not slices");
        assertEquals(true, Fit.fits(input("image", "y x c"), image("RGB", 1, 1, 1)));
        assertEquals("images with channels and slices", Fit.wanted(input("image", "c z y x")));
        assertEquals("8-bit or 16-bit images", Fit.wanted(input("image", "y x", "uint16")));
        assertEquals(false, Fit.isPossible(input("image", "angle y x")));
    }

    @Test
    void opsRunAlongTheAxesThatTheyDoNotKnow() {
        ImagePlus all = image("8-bit", 2, 4, 3);
        assertEquals("Run on each frame, slice and channel: 3 × 4 × 2 = 24", text(input("image", "y x"), all));
        assertEquals("Run on each frame and channel: 3 × 2 = 6", text(input("image", "z y x"), all));
        assertEquals("Run on each slice: 40", text(input("image", "y x"), image("16-bit", 1, 40, 1)));
        assertEquals("Run on each channel: 3", text(input("image", "y x"), image("RGB", 1, 1, 1)));
        assertEquals(true, Repetition.of(Map.of(input("image", "y x c?"), image("RGB", 1, 1, 1))).isOne());
        assertEquals(true, Repetition.of(Map.of(input("array", ""), all)).isOne());
    }

    private static String text(Parameter input, ImagePlus image) {
        return Repetition.of(Map.of(input, image)).text();
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.NewImage;
import ij.measure.Calibration;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.fiji.ImagePlusArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An image that is shared out of ImageJ is the same array as the file that ImageJ saves of it. */
class ImageJFilesTest {
    private static final String READER = """
            import hashlib, json, sys
            from pathlib import Path
            import alcove
            from alcove import files
            for name in sys.argv[1:]:
                image = files.read(Path(name))
                axes = [dict(axis._asdict()) for axis in alcove.axes(image)]
                digest = hashlib.sha256(image.tobytes()).hexdigest()
                print(json.dumps([image.dtype.name, list(image.shape), axes, digest]))
            """;

    @RegisterExtension
    final Workbench workbench = new Workbench();

    @Test
    void bothWaysToNumpyGiveTheSamePixelsAxesAndCalibration() throws Exception {
        PythonProgram.require("tifffile");
        Map<Path, ImagePlus> images = images();
        Object[] paths = images.keySet().toArray();
        try (Alcove alcove = workbench.open();
                PythonProgram python = PythonProgram.start(READER, paths)) {
            for (Map.Entry<Path, ImagePlus> each : images.entrySet()) {
                try (SharedArray array = ImagePlusArrays.share(alcove, each.getValue())) {
                    assertEquals(python.readLine(), line(array), () -> each.getKey().getFileName().toString());
                }
            }
        }
    }

    private Map<Path, ImagePlus> images() {
        Map<Path, ImagePlus> images = new LinkedHashMap<>();
        List<ImagePlus> all = new ArrayList<>();
        int[][] sizes = {{1, 1, 1}, {1, 3, 1}, {2, 1, 1}, {1, 1, 4}, {2, 3, 4}};
        for (int bitDepth : new int[] {8, 16, 24, 32}) {
            for (int[] size : sizes) {
                all.add(image(bitDepth, size));
            }
        }
        ImagePlus signed = image(16, new int[] {1, 3, 1});
        signed.getCalibration().setSigned16BitCalibration();
        all.add(signed);
        for (ImagePlus image : all) {
            Path file = workbench.folder().resolve(images.size() + ".tif");
            assertTrue(IJ.saveAsTiff(image, file.toString()));
            images.put(file, image);
        }
        return images;
    }

    /** Sizes of pixels are such that TIFF's fractions hold them exactly. */
    private static ImagePlus image(int bitDepth, int[] sizes) {
        int planes = sizes[0] * sizes[1] * sizes[2];
        ImagePlus image = NewImage.createImage("image", 6, 5, planes, bitDepth, NewImage.FILL_RAMP);
        for (int i = 1; i <= planes; i++) {
            image.getStack().getProcessor(i).putPixelValue(0, 0, i);
        }
        image.setDimensions(sizes[0], sizes[1], sizes[2]);
        image.setOpenAsHyperStack(planes > 1);
        Calibration calibration = image.getCalibration();
        calibration.setUnit(bitDepth == 8 ? "micron" : bitDepth == 16 ? "\u00b5m" : bitDepth == 24 ? "nm" : "pixel");
        calibration.pixelWidth = 0.25;
        calibration.pixelHeight = 0.5;
        calibration.pixelDepth = 0.7;
        calibration.xOrigin = 3;
        calibration.yOrigin = bitDepth == 32 ? 0 : -1.5;
        calibration.zOrigin = 0.1;
        calibration.frameInterval = bitDepth == 16 ? 0 : 12.5;
        calibration.setTimeUnit(bitDepth == 24 ? "min" : "sec");
        if (bitDepth == 24) {
            calibration.setZUnit("mm");
        }
        return image;
    }

    private static String line(SharedArray array) throws IOException, NoSuchAlgorithmException {
        List<Object> facts = List.of(
                array.dtype().word(),
                Arrays.stream(array.shape()).boxed().toList(),
                array.axes().stream().map(ImageJFilesTest::members).toList(),
                digest(array));
        return python(facts);
    }

    private static Map<String, Object> members(Axis axis) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", axis.name());
        members.put("type", axis.type());
        members.put("unit", axis.unit());
        members.put("scale", axis.scale());
        members.put("translation", axis.translation());
        return members;
    }

    private static String digest(SharedArray array) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        array.forEachChunk(digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String python(Object value) {
        if (value instanceof List<?> list) {
            return "[" + String.join(", ", list.stream().map(ImageJFilesTest::python).toList()) + "]";
        } else if (value instanceof Map<?, ?> map) {
            return "{" + String.join(", ", map.entrySet().stream()
                    .map(entry -> python(entry.getKey()) + ": " + python(entry.getValue()))
                    .toList()) + "}";
        }
        return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }
}

package org.alcove;

import ij.ImagePlus;
import ij.io.Opener;
import ij.measure.Calibration;
import ij.process.ImageStatistics;
import ij.process.StackStatistics;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says what ImageJ makes of an image file. */
public final class ImageJReader {
    private ImageJReader() {}

    /** Prints the facts about the file that the first argument names, as one line of JSON. */
    public static void main(String[] arguments) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Map<String, Object> facts = read(arguments[0]);
        System.out.writeBytes(Json.line(json -> Values.write(json, facts, "facts")));
        System.out.flush();
    }

    static Map<String, Object> read(String path) throws IOException {
        ImagePlus image = new Opener().openImage(path);
        if (image == null) {
            throw new IOException("ImageJ cannot open " + path);
        }
        Calibration calibration = image.getCalibration();
        ImageStatistics statistics = new StackStatistics(image);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("bit_depth", image.getBitDepth());
        facts.put("width", image.getWidth());
        facts.put("height", image.getHeight());
        facts.put("channels", image.getNChannels());
        facts.put("slices", image.getNSlices());
        facts.put("frames", image.getNFrames());
        facts.put("pixel_width", calibration.pixelWidth);
        facts.put("pixel_height", calibration.pixelHeight);
        facts.put("pixel_depth", calibration.pixelDepth);
        facts.put("frame_interval", calibration.frameInterval);
        facts.put("unit", calibration.getUnit());
        facts.put("minimum", statistics.min);
        facts.put("maximum", statistics.max);
        return facts;
    }
}

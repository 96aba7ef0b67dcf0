package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ij.ImagePlus;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.ShapeRoi;
import ij.process.ShortProcessor;
import java.awt.Rectangle;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Outlines of labels hold their pixels, and no others. */
class LabelRoisTest {
    @Test
    void eachRegionHoldsThePixelsOfItsLabel() {
        Random random = new Random(1);
        short[] blotches = new short[60 * 40];
        for (int i = 0; i < 50; i++) { // rectangles over one another: parts, holes, corners that touch
            int left = random.nextInt(50);
            int top = random.nextInt(30);
            short label = (short) random.nextInt(8);
            for (int y = top; y < top + 1 + random.nextInt(9); y++) {
                Arrays.fill(blotches, y * 60 + left, y * 60 + left + 1 + random.nextInt(9), label);
            }
        }
        short[] noise = new short[60 * 40];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (short) random.nextInt(3);
        }
        assertRegionsAre(blotches, 60, 40);
        assertRegionsAre(noise, 60, 40);
        short[] full = new short[12];
        Arrays.fill(full, (short) 40000);
        assertRegionsAre(full, 4, 3);
        assertRegionsAre(new short[12], 4, 3);
    }

    @Test
    void oneOutlineIsATracedRegionAndSeveralAreACompositeOne() {
        short[] pixels = {
            1, 1, 1, 0, 2, 0,
            1, 0, 1, 0, 0, 2,
            1, 1, 1, 0, 3, 0
        };
        List<Roi> rois = regions(pixels, 6, 3);
        assertEquals(List.of("1", "2", "3"), rois.stream().map(Roi::getName).toList());
        assertInstanceOf(ShapeRoi.class, rois.get(0), "one with a hole");
        assertInstanceOf(PolygonRoi.class, rois.get(1), "pixels that touch at a corner are one");
        assertEquals(Roi.TRACED_ROI, rois.get(2).getType());
        assertEquals(3, rois.stream().map(Roi::getStrokeColor).distinct().count());
    }

    @Test
    void thousandsAreDoneInOneGo() {
        int size = 1000;
        short[] pixels = new short[size * size];
        for (int i = 0; i < pixels.length; i++) {
            int x = i % size;
            int y = i / size;
            boolean isInside = x % 14 < 11 && y % 14 < 11;
            pixels[i] = isInside ? (short) (1 + y / 14 * 72 + x / 14) : 0;
        }
        List<Roi> rois = regions(pixels, size, size);
        assertEquals(72 * 72, rois.size());
        assertEquals(new Rectangle(14, 0, 11, 11), rois.get(1).getBounds());
    }

    private static List<Roi> regions(short[] pixels, int width, int height) {
        ImagePlus image = new ImagePlus("labels", new ShortProcessor(width, height, pixels, null));
        return LabelRois.of(image).get(0);
    }

    private static void assertRegionsAre(short[] pixels, int width, int height) {
        int[] drawn = new int[pixels.length];
        for (Roi roi : regions(pixels, width, height)) {
            Rectangle box = roi.getBounds();
            for (int y = box.y; y < box.y + box.height; y++) {
                for (int x = box.x; x < box.x + box.width; x++) {
                    if (roi.contains(x, y)) {
                        assertEquals(0, drawn[y * width + x], "in two regions: " + x + ", " + y);
                        drawn[y * width + x] = Integer.parseInt(roi.getName());
                    }
                }
            }
        }
        for (int i = 0; i < pixels.length; i++) {
            assertEquals(pixels[i] & 0xFFFF, drawn[i], "at " + i % width + ", " + i / width);
        }
    }
}

package org.alcove.cli;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.ByteBuffer;
import org.alcove.DType;

/**
 * Frames as a screen wants them: 8 bits, grey or red, green and blue. Values that are not of 8 bits anyway are stretched
 * from their smallest to their largest; of more than two dimensions but no colours the first plane is shown.
 */
final class DemoPictures {
    private DemoPictures() {}

    static BufferedImage of(DemoFrame frame) {
        long[] shape = frame.shape();
        int last = shape.length - 1;
        int bands = shape.length == 3 && (shape[last] == 3 || shape[last] == 4) ? (int) shape[last] : 1;
        int x = bands == 1 ? last : last - 1;
        int width = x < 0 ? 1 : (int) shape[x];
        int height = x < 1 ? 1 : (int) shape[x - 1];
        byte[] values = bytes(frame, width * height * bands);
        return bands == 1 ? grey(values, width, height) : coloured(values, width, height, bands);
    }

    private static BufferedImage grey(byte[] values, int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        System.arraycopy(values, 0, samples(picture), 0, values.length);
        return picture;
    }

    private static BufferedImage coloured(byte[] values, int width, int height, int bands) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        byte[] samples = samples(picture);
        for (int pixel = 0; pixel < width * height; pixel++) {
            for (int band = 0; band < 3; band++) {
                samples[3 * pixel + 2 - band] = values[bands * pixel + band];
            }
        }
        return picture;
    }

    private static byte[] samples(BufferedImage picture) {
        return ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
    }

    private static byte[] bytes(DemoFrame frame, int count) {
        byte[] values = new byte[count];
        ByteBuffer pixels = frame.pixels();
        if (frame.dtype() == DType.UINT8) {
            pixels.get(0, values);
            return values;
        }
        int step = frame.dtype().bytes();
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            double value = DemoValues.number(frame.dtype(), pixels, i * step);
            if (Double.isFinite(value)) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        double scale = most > least ? 255 / (most - least) : 0;
        for (int i = 0; i < count; i++) {
            double value = (DemoValues.number(frame.dtype(), pixels, i * step) - least) * scale;
            values[i] = (byte) Math.max(0, Math.min(255, value)); // not a number becomes 0
        }
        return values;
    }
}

package org.alcove.cli;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.alcove.DType;
import org.alcove.SharedArray;

/**
 * The smallest and the largest element of an array, and the mean of all; complex numbers are compared by magnitude.
 *
 * @param least the element itself
 * @param most the element itself
 */
record DemoStatistics(Object least, Object most, double mean) {
    static DemoStatistics of(SharedArray image) {
        Walk walk = new Walk(image.dtype());
        image.forEachChunk(walk::through);
        return new DemoStatistics(walk.least, walk.most, walk.sum / image.size());
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "min %s, max %s, mean %.6g", least, most, mean);
    }

    private static final class Walk {
        private final DType dtype;
        private Object least;
        private Object most;
        private double smallest = Double.POSITIVE_INFINITY;
        private double largest = Double.NEGATIVE_INFINITY;
        private double sum;

        Walk(DType dtype) {
            this.dtype = dtype;
        }

        void through(ByteBuffer chunk) {
            for (int position = 0; position < chunk.limit(); position += dtype.bytes()) {
                double value = DemoValues.number(dtype, chunk, position);
                sum += value;
                if (value < smallest || least == null) {
                    smallest = value;
                    least = DemoValues.at(dtype, chunk, position);
                }
                if (value > largest || most == null) {
                    largest = value;
                    most = DemoValues.at(dtype, chunk, position);
                }
            }
        }
    }
}

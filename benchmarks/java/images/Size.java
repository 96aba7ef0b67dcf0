package images;

import java.lang.reflect.Array;
import org.alcove.DType;

/** An image of so many bytes: two-dimensional, 4096 elements wide where it has so many. */
record Size(DType dtype, long bytes) {
    private static final long WIDTH = 4096;

    long[] shape() {
        long width = Math.min(elements(), WIDTH);
        return new long[] {elements() / width, width};
    }

    private long elements() {
        return bytes / dtype.bytes();
    }

    /** A Java array of so many elements. */
    Object heapArray() {
        Class<?> type = switch (dtype) {
            case UINT8 -> byte.class;
            case UINT16 -> short.class;
            case FLOAT32 -> float.class;
            default -> throw new IllegalArgumentException(dtype.word());
        };
        return Array.newInstance(type, (int) elements());
    }
}

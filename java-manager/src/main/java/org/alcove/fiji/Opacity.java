package org.alcove.fiji;

import java.util.concurrent.atomic.AtomicBoolean;
import org.alcove.SharedArray;

/** The fourth colour of pixels, which ImageJ does not have. */
final class Opacity {
    private Opacity() {}

    /** Whether each pixel of four colours, in the array's last axis, is opaque. */
    static boolean isFull(SharedArray array) {
        AtomicBoolean isFull = new AtomicBoolean(true);
        // A piece begins with a pixel, because its length is a multiple of 4.
        Elements.forEachInParallel(array, (first, elements, count) -> {
            byte[] bytes = (byte[]) elements;
            for (int i = 3; i < count; i += 4) {
                if (bytes[i] != (byte) 255) {
                    isFull.set(false);
                    return;
                }
            }
        });
        return isFull.get();
    }
}

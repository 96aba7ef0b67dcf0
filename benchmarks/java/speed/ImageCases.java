package speed;

import java.util.Map;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.SharedArray;
import speed.program.Case;
import speed.program.Room;
import speed.program.SkippedException;

/** {@code image + 1}, the image of uint16, by Alcove. */
final class ImageCases {
    static final int WARM_UPS = 5_000;
    static final double WARM_UP_SECONDS = 1;
    private static final String AXES = "y x";
    private static final int FEW_ROWS = 16;
    private static final int USUAL_WIDTH = 1024;

    private final Library library;
    private short calls;

    ImageCases(Library library) {
        this.library = library;
    }

    /** The image is in shared memory before the call, and its result is read there after it. */
    Case shared(long bytes) throws Exception {
        Room.require(2 * bytes, 0, bytes);
        Op addOne = library.op("add_one");
        SharedArray image = library.alcove().allocate(DType.UINT16, Axis.list(AXES), shape(bytes));
        fill(image);
        long last = image.size() - 1;
        short lastPixel = element(image, last);
        Case.Operation call = () -> {
            short first = mark(image);
            long began = System.nanoTime();
            try (Outputs outputs = addOne.call(Map.of("image", image))) {
                SharedArray result = outputs.array("image");
                check(element(result, 0), first + 1);
                check(element(result, last), lastPixel + 1);
            }
            return System.nanoTime() - began;
        };
        return Case.repeating(call, WARM_UPS, WARM_UP_SECONDS, image);
    }

    /** The image comes from a Java array, and its result ends in another. */
    Case copies(long bytes) throws Exception {
        short[] source = pixels(bytes, 2 * bytes, 2 * bytes);
        short[] target = new short[source.length];
        Op addOne = library.op("add_one");
        return Case.repeating(() -> {
            source[0] = ++calls;
            long began = System.nanoTime();
            try (SharedArray image = library.alcove().share(DType.UINT16, source, AXES, shape(bytes));
                    Outputs outputs = addOne.call(Map.of("image", image))) {
                outputs.array("image").copyTo(0, target);
            }
            long took = System.nanoTime() - began;
            check(target[0], source[0] + 1);
            check(target[target.length - 1], source[source.length - 1] + 1);
            return took;
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    /** From one Java array to another. */
    static Case memcpy(long bytes) throws Exception {
        short[] source = pixels(bytes, 0, 0);
        short[] target = new short[source.length];
        return Case.repeating(() -> {
            source[0]++;
            long began = System.nanoTime();
            System.arraycopy(source, 0, target, 0, source.length);
            long took = System.nanoTime() - began;
            check(target[0], source[0]);
            return took;
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    /** The pixels of an image of so many bytes, when there is room for them twice, and for what else is needed. */
    private static short[] pixels(long bytes, long shared, long others) throws Exception {
        if (bytes / 2 > Integer.MAX_VALUE - 8) {
            throw new SkippedException("a Java array has at most 2147483639 elements", "cases without Java arrays go on");
        }
        Room.require(shared, 2 * bytes, others);
        short[] pixels = new short[(int) (bytes / 2)];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) (i * 31);
        }
        return pixels;
    }

    private static void fill(SharedArray image) {
        long[] filled = {0};
        image.forEachChunk(chunk -> {
            while (chunk.remaining() >= Short.BYTES) {
                chunk.putShort((short) (filled[0]++ * 31));
            }
        });
    }

    /** Another first pixel for each call, so that an old result is no right one. */
    private short mark(SharedArray image) {
        image.copyFrom(0, new short[] {++calls});
        return calls;
    }

    /** Copied, because a view that is kept would keep its block from the next result. */
    private static short element(SharedArray array, long index) {
        short[] element = new short[1];
        array.copyTo(index, element);
        return element[0];
    }

    static void check(short result, int expected) {
        if (result != (short) expected) {
            throw new IllegalStateException("a pixel is " + result + ", not " + (short) expected);
        }
    }

    private static long[] shape(long bytes) {
        long elements = bytes / Short.BYTES;
        long width = Math.min(USUAL_WIDTH, elements / FEW_ROWS);
        return new long[] {elements / width, width};
    }
}

package imglib2;

import java.nio.ShortBuffer;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.img.Img;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import org.alcove.SharedArray;

/** The same sum over all pixels, in each way to walk through them. All in one thread. */
final class Loops {
    private Loops() {}

    static long array(List<short[]> arrays) {
        long sum = 0;
        for (short[] pixels : arrays) {
            for (int i = 0; i < pixels.length; i++) {
                sum += pixels[i] & 0xFFFF;
            }
        }
        return sum;
    }

    static long chunks(SharedArray array) {
        long[] sum = {0};
        array.forEachChunk(chunk -> {
            ShortBuffer pixels = chunk.asShortBuffer();
            long part = 0;
            for (int i = 0; i < pixels.limit(); i++) {
                part += pixels.get(i) & 0xFFFF;
            }
            sum[0] += part;
        });
        return sum[0];
    }

    static long cursor(Img<UnsignedShortType> image) {
        long sum = 0;
        Cursor<UnsignedShortType> cursor = image.cursor();
        while (cursor.hasNext()) {
            sum += cursor.next().get();
        }
        return sum;
    }

    static long loopBuilder(List<Img<UnsignedShortType>> images) {
        long[] sum = {0};
        for (Img<UnsignedShortType> image : images) {
            LoopBuilder.setImages(image).forEachPixel(pixel -> sum[0] += pixel.get());
        }
        return sum[0];
    }

    static long randomAccess(Img<UnsignedShortType> image) {
        long sum = 0;
        RandomAccess<UnsignedShortType> pixels = image.randomAccess();
        for (long z = 0; z < image.dimension(2); z++) {
            for (long y = 0; y < image.dimension(1); y++) {
                pixels.setPosition(0, 0);
                pixels.setPosition(y, 1);
                pixels.setPosition(z, 2);
                for (long x = 0; x < image.dimension(0); x++) {
                    sum += pixels.get().get();
                    pixels.fwd(0);
                }
            }
        }
        return sum;
    }
}

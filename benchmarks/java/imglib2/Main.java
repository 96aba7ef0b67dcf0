package imglib2;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.basictypeaccess.array.ShortArray;
import net.imglib2.img.cell.CellImg;
import net.imglib2.img.cell.CellImgFactory;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.util.Cast;
import net.imglib2.view.Views;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.SharedArray;
import org.alcove.imglib2.SharedImages;

/**
 * {@code CASE ROUNDS} measures one case and prints nanoseconds for each pixel, a number for each round; {@code
 * benchmarks/imglib2} starts a JVM for each, because loops over several kinds of images spoil each other's machine code.
 */
public final class Main {
    private static final int WARM_UP = 4;
    private static final int[] CELL = {8192, 8192, 1}; // as large as the slabs of a shared image
    private static final long[] SMALL = {8192, 8192, 1}; // 128 MiB
    private static final long[] LARGE = {8192, 8192, 9}; // 1.125 GiB: the first size that needs cells

    private Main() {}

    public static void main(String[] arguments) {
        String name = arguments[0];
        int rounds = Integer.parseInt(arguments[1]);
        long[] size = name.startsWith("large") ? LARGE : SMALL;
        try (Alcove alcove = Alcove.open()) {
            LongSupplier loop = loop(alcove, name, size);
            LongSupplier clock = name.contains("share_") || name.startsWith("copy_") ? System::nanoTime : Main::ownTime;
            long pixels = Arrays.stream(size).reduce(1, (a, b) -> a * b);
            long expected = 0;
            for (int round = -WARM_UP; round < rounds; round++) {
                long began = clock.getAsLong();
                long sum = loop.getAsLong();
                double nanoseconds = clock.getAsLong() - began;
                if (round == -WARM_UP) {
                    expected = sum;
                } else if (sum != expected || sum == 0) {
                    throw new AssertionError("sums differ: " + sum + ", " + expected);
                }
                if (round >= 0) {
                    System.out.println(nanoseconds / pixels);
                }
            }
        }
    }

    /** Loops run in this thread alone: what other programs take from the processor meanwhile does not count. */
    private static long ownTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static LongSupplier loop(Alcove alcove, String name, long[] size) {
        switch (name) {
            case "heap_array_loop", "large_heap_array_loop": {
                List<short[]> arrays = arrays(size);
                return () -> Loops.array(arrays);
            }
            case "shared_chunk_loop", "large_shared_chunk_loop": {
                SharedArray array = shared(alcove, size);
                return () -> Loops.chunks(array);
            }
            case "heap_cursor", "large_heap_cursor": {
                Img<UnsignedShortType> image = heap(size);
                return () -> Loops.cursor(image);
            }
            case "shared_cursor", "large_shared_cursor": {
                Img<UnsignedShortType> image = SharedImages.wrap(shared(alcove, size));
                return () -> Loops.cursor(image);
            }
            case "heap_loop_builder", "large_heap_loop_builder": {
                List<Img<UnsignedShortType>> image = List.of(heap(size));
                return () -> Loops.loopBuilder(image);
            }
            case "shared_loop_builder", "large_shared_loop_builder": {
                List<Img<UnsignedShortType>> image = List.of(SharedImages.wrap(shared(alcove, size)));
                return () -> Loops.loopBuilder(image);
            }
            case "large_shared_slabs_loop_builder": {
                List<Img<UnsignedShortType>> slabs = SharedImages.slabs(shared(alcove, size));
                return () -> Loops.loopBuilder(slabs);
            }
            case "heap_random_access": {
                Img<UnsignedShortType> image = heap(size);
                return () -> Loops.randomAccess(image);
            }
            case "shared_random_access": {
                Img<UnsignedShortType> image = SharedImages.wrap(shared(alcove, size));
                return () -> Loops.randomAccess(image);
            }
            case "copy_from_array": {
                short[] pixels = arrays(size).get(0);
                return () -> {
                    try (SharedArray array = alcove.allocate(DType.UINT16, Axis.list("z y x"), reversed(size))) {
                        array.copyFrom(pixels);
                        return array.size();
                    }
                };
            }
            case "share_array_image":
                return share(alcove, heap(size));
            case "share_cell_image":
                return share(alcove, cells(size, 64, 64, 1));
            case "share_permuted_view":
                return share(alcove, Views.permute(heap(size), 0, 1));
            default:
                throw new IllegalArgumentException(name);
        }
    }

    private static LongSupplier share(Alcove alcove, RandomAccessibleInterval<UnsignedShortType> image) {
        return () -> {
            try (SharedArray array = SharedImages.share(alcove, image, "x y z")) {
                return array.size();
            }
        };
    }

    private static List<short[]> arrays(long[] size) {
        List<short[]> arrays = new ArrayList<>();
        for (int z = 0; z < size[2]; z++) {
            arrays.add(plane(size, z));
        }
        return arrays;
    }

    private static short[] plane(long[] size, int z) {
        short[] pixels = new short[Math.toIntExact(size[0] * size[1])];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) (i * 7 + z);
        }
        return pixels;
    }

    private static Img<UnsignedShortType> heap(long[] size) {
        return size[2] == 1 ? Cast.unchecked(ArrayImgs.unsignedShorts(plane(size, 0), size)) : cells(size, CELL);
    }

    private static Img<UnsignedShortType> cells(long[] size, int... cell) {
        CellImg<UnsignedShortType, ShortArray> image =
                Cast.unchecked(new CellImgFactory<>(new UnsignedShortType(), cell).create(size));
        int[] next = {0};
        image.getCells().forEach(part -> {
            short[] pixels = part.getData().getCurrentStorageArray();
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (short) (next[0]++ * 7);
            }
        });
        return image;
    }

    private static SharedArray shared(Alcove alcove, long[] size) {
        SharedArray array = alcove.allocate(DType.UINT16, Axis.list("z y x"), reversed(size));
        for (int z = 0; z < size[2]; z++) {
            array.copyFrom(z * size[0] * size[1], plane(size, z));
        }
        return array;
    }

    private static long[] reversed(long[] size) {
        return new long[] {size[2], size[1], size[0]};
    }
}

package org.alcove.imglib2;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.imglib2.Interval;
import net.imglib2.RandomAccessible;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.blocks.BlockInterval;
import net.imglib2.blocks.PrimitiveBlocks;
import net.imglib2.img.NativeImg;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.basictypeaccess.array.ArrayDataAccess;
import net.imglib2.img.planar.PlanarImg;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.parallel.Parallelization;
import net.imglib2.parallel.TaskExecutor;
import net.imglib2.type.BooleanType;
import net.imglib2.type.NativeType;
import net.imglib2.type.Type;
import net.imglib2.util.Cast;
import net.imglib2.util.Intervals;
import net.imglib2.view.MixedTransformView;
import org.alcove.DType;
import org.alcove.SharedArray;

/** Copies images into shared arrays, in the threads that ImgLib2's {@link Parallelization} has. */
final class Copy {
    /** A block fits into a processor's cache, where it stays on its way through a Java array. */
    private static final int BLOCK_PIXELS = 1 << 16;

    private Copy() {}

    static void of(RandomAccessibleInterval<?> image, SharedArray array) {
        if (array.size() == 0 || asArrays(image, array)) {
            return;
        }
        Optional<PrimitiveBlocks<?>> blocks = array.dtype() != DType.BOOL && isInReach(image, Integer.MAX_VALUE)
                ? blocks(Cast.unchecked(image), array.dtype())
                : Optional.empty();
        if (blocks.isPresent()) {
            inBlocks(blocks.get(), image, array);
        } else {
            byPixel(image, array);
        }
    }

    /** Arrays on the heap that hold the pixels in the same order go over as they are; false for other images. */
    private static boolean asArrays(RandomAccessibleInterval<?> image, SharedArray array) {
        RandomAccessible<?> source = Shared.container(image);
        if (!(source instanceof Interval whole && Intervals.equals(whole, image))) {
            return false;
        }
        List<Object> accesses = new ArrayList<>();
        if (source instanceof ArrayImg<?, ?> one) {
            accesses.add(one.update(null));
        } else if (source instanceof PlanarImg<?, ?> planes) {
            IntStream.range(0, planes.numSlices()).mapToObj(planes::getPlane).forEach(accesses::add);
        }
        long pixels = accesses.isEmpty() ? 0 : array.size() / accesses.size();
        if (!accesses.stream().allMatch(access -> holds(access, array.dtype(), pixels)) || pixels == 0) {
            return false;
        }
        Parallelization.getTaskExecutor().forEach(IntStream.range(0, accesses.size()).boxed().toList(), index ->
                array.copyFrom(index * pixels, ((ArrayDataAccess<?>) accesses.get(index)).getCurrentStorageArray()));
        return true;
    }

    private static boolean holds(Object access, DType dtype, long pixels) {
        if (!(access instanceof ArrayDataAccess<?> arrayAccess)) {
            return false;
        }
        Object storage = arrayAccess.getCurrentStorageArray();
        return storage.getClass() == dtype.newArray(0).getClass()
                && Array.getLength(storage) == pixels * (dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1);
    }

    /** Pixels that views have moved further than an int, ImgLib2's blocks would fetch from elsewhere. */
    private static boolean isInReach(RandomAccessible<?> image, long reach) {
        RandomAccessible<?> source = Shared.container(image);
        if (source instanceof MixedTransformView<?> view) {
            long[] moved = new long[view.getTransformToSource().numTargetDimensions()];
            view.getTransformToSource().getTranslation(moved);
            long furthest = LongStream.of(moved).map(Math::abs).max().orElse(0);
            return furthest <= reach && isInReach(view.getSource(), reach - furthest);
        }
        return source instanceof NativeImg;
    }

    /** Empty when ImgLib2 cannot read the image in blocks: complex pixels, some views, accesses that are not arrays. */
    private static <T extends NativeType<T>> Optional<PrimitiveBlocks<?>> blocks(
            RandomAccessibleInterval<T> image, DType dtype) {
        try {
            PrimitiveBlocks<T> blocks = PrimitiveBlocks.of(image, PrimitiveBlocks.OnFallback.FAIL);
            int[] onePixel = new int[image.numDimensions()];
            Arrays.fill(onePixel, 1);
            blocks.copy(image.minAsLongArray(), dtype.newArray(1), onePixel); // some of it is noticed only then
            return Optional.of(blocks);
        } catch (IllegalArgumentException | ClassCastException e) {
            return Optional.empty();
        }
    }

    private static void inBlocks(PrimitiveBlocks<?> blocks, RandomAccessibleInterval<?> image, SharedArray array) {
        Pieces pieces = new Pieces(image.dimensionsAsLongArray(), BLOCK_PIXELS);
        TaskExecutor executor = Parallelization.getTaskExecutor();
        int tasks = executor.suggestNumberOfTasks();
        executor.forEach(IntStream.range(0, tasks).boxed().toList(), task -> {
            PrimitiveBlocks<?> own = blocks.independentCopy();
            Object pixels = null;
            for (long index = task; index < pieces.count(); index += tasks) {
                Pieces.Piece piece = pieces.get(index);
                if (pixels == null || Array.getLength(pixels) != piece.pixels()) {
                    pixels = array.dtype().newArray(piece.pixels());
                }
                own.copy(in(image, piece), pixels);
                array.copyFrom(piece.first(), pixels);
            }
        });
    }

    private static Interval in(RandomAccessibleInterval<?> image, Pieces.Piece piece) {
        long[] min = piece.min().clone();
        Arrays.setAll(min, d -> min[d] + image.min(d));
        return BlockInterval.wrap(min, piece.size());
    }

    private static void byPixel(RandomAccessibleInterval<?> image, SharedArray array) {
        if (array.dtype() == DType.BOOL) {
            copyBooleans(Cast.unchecked(image), Cast.unchecked(SharedImages.wrap(array)));
        } else {
            copy(Cast.unchecked(image), Cast.unchecked(SharedImages.wrap(array)));
        }
    }

    /** A mask has one of several types, a shared one always the same. */
    private static <S extends BooleanType<S>, T extends BooleanType<T>> void copyBooleans(
            RandomAccessibleInterval<S> image, RandomAccessibleInterval<T> target) {
        LoopBuilder.setImages(image, target).multiThreaded().forEachPixel((from, to) -> to.set(from.get()));
    }

    private static <T extends Type<T>> void copy(RandomAccessibleInterval<T> image, RandomAccessibleInterval<T> target) {
        LoopBuilder.setImages(image, target).multiThreaded().forEachPixel((from, to) -> to.set(from));
    }
}

package org.alcove.imglib2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.converter.Converters;
import net.imglib2.img.Img;
import net.imglib2.img.ImgFactory;
import net.imglib2.img.array.ArrayImgFactory;
import net.imglib2.img.array.ArrayImgs;
import net.imglib2.img.basictypeaccess.ShortAccess;
import net.imglib2.img.cell.CellImgFactory;
import net.imglib2.img.planar.PlanarImgFactory;
import net.imglib2.parallel.Parallelization;
import net.imglib2.type.NativeType;
import net.imglib2.type.Type;
import net.imglib2.type.logic.BitType;
import net.imglib2.type.logic.BoolType;
import net.imglib2.type.numeric.ARGBType;
import net.imglib2.type.numeric.complex.ComplexDoubleType;
import net.imglib2.type.numeric.integer.ByteType;
import net.imglib2.type.numeric.integer.ShortType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.util.Cast;
import net.imglib2.view.Views;
import net.imglib2.view.fluent.RandomAccessibleIntervalView.Extension;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.SharedArray;
import org.alcove.Workbench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images as shared arrays: without a copy when they are ours, and exact when they are copied. */
class SharingTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = bench.open();
    }

    @Test
    void anImageOfOursIsNotCopied() {
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 2, 3, 5)) {
            Img<UnsignedShortType> image = SharedImages.wrap(array);
            for (RandomAccessibleInterval<UnsignedShortType> same : List.of(
                    image, image.view(), Views.interval(image, image), image.view().interval(image))) {
                try (SharedArray again = SharedImages.share(alcove, same, "x y z")) {
                    assertEquals(array.file(), again.file());
                    assertEquals(array.offset(), again.offset());
                    assertEquals(Axis.list("z y x"), again.axes());
                    image.firstElement().inc();
                    assertArrayEquals(array.toShorts(), again.toShorts());
                }
            }
        }
    }

    @Test
    void itIsOneMoreUser() {
        Img<UnsignedShortType> image;
        SharedArray again;
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 2, 3)) {
            image = SharedImages.wrap(array);
            again = SharedImages.share(alcove, image, "x y");
        }
        try (SharedArray other = alcove.allocate(DType.UINT16, List.of(), 2, 3)) {
            other.copyFrom(new short[6]);
            assertArrayEquals((short[]) Samples.elements(DType.UINT16, 6), again.toShorts());
        }
        again.close();
        try (SharedArray third = SharedImages.share(alcove, image, "x y")) {
            image.firstElement().set(7);
            assertEquals(7, third.toShorts()[0], "the image itself keeps the memory");
        }
    }

    @Test
    void memoryThatWasGivenBackIsNotThereAgain() {
        SharedArray array = Samples.array(alcove, DType.UINT16, 2, 3);
        array.close();
        assertEquals(Optional.empty(), alcove.again(array, List.of()));
        try (SharedArray other = alcove.allocate(DType.UINT16, List.of(), 2, 3)) {
            assertArrayEquals((short[]) Samples.elements(DType.UINT16, 6), other.toShorts(), "the same memory");
            assertEquals(Optional.empty(), alcove.again(array, List.of()));
        }
    }

    @Test
    void partsAndViewsOfOursAreCopied() {
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 4, 3, 5)) {
            Img<UnsignedShortType> image = SharedImages.wrap(array);
            for (RandomAccessibleInterval<UnsignedShortType> part : List.of(
                    image.view().slice(2, 1),
                    Views.interval(image, new long[] {1, 0, 0}, new long[] {4, 2, 3}),
                    image.view().permute(0, 1),
                    image.view().translate(1, 0, 0))) {
                try (SharedArray copy = SharedImages.share(alcove, part, List.of())) {
                    assertNotEquals(array.file(), copy.file());
                    assertSame(part, copy);
                }
            }
        }
    }

    @Test
    void anImageOfAnotherManagersIsCopied() {
        Alcove other = bench.open();
        try (SharedArray array = Samples.array(other, DType.UINT16, 2, 3);
                SharedArray copy =
                        SharedImages.share(alcove, SharedImages.<UnsignedShortType>wrap(array), "x y")) {
            assertNotEquals(array.file(), copy.file());
            assertArrayEquals(array.toShorts(), copy.toShorts());
            assertTrue(alcove.again(copy, List.of()).map(again -> {
                again.close();
                return true;
            }).orElse(false));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT16")
    void everyImageOfImgLib2IsCopiedExactly(DType dtype) {
        for (long[] shape : new long[][] {{7}, {3, 5}, {2, 3, 5}, {2, 1, 3, 2, 4}, {90, 80, 70}}) {
            try (SharedArray array = Samples.array(alcove, dtype, shape)) {
                for (Img<?> image : images(SharedImages.wrap(array))) {
                    try (SharedArray copy = SharedImages.share(alcove, image, List.of())) {
                        assertEquals(dtype, copy.dtype());
                        assertArrayEquals(shape, copy.shape());
                        assertTrue(
                                Objects.deepEquals(Samples.elementsOf(array), Samples.elementsOf(copy)),
                                image.getClass().getSimpleName());
                    }
                }
            }
        }
    }

    /** The same pixels on the heap, in each of ImgLib2's ways to keep them. */
    private static <T extends NativeType<T>> List<Img<T>> images(Img<?> any) {
        Img<T> source = Cast.unchecked(any);
        T type = source.getType().createVariable();
        return List.of(
                filled(new ArrayImgFactory<>(type), source),
                filled(new PlanarImgFactory<>(type), source),
                filled(new CellImgFactory<>(type, 16), source));
    }

    private static <T extends NativeType<T>> Img<T> filled(ImgFactory<T> factory, Img<T> source) {
        Img<T> image = factory.create(source);
        RandomAccess<T> from = source.randomAccess();
        var to = image.localizingCursor();
        while (to.hasNext()) {
            to.fwd();
            from.setPosition(to);
            to.get().set(from.get());
        }
        return image;
    }

    @Test
    void viewsAreCopiedAsTheyLook() {
        Img<UnsignedShortType> planes = ArrayImgs.unsignedShorts(random(40 * 50 * 60), 40, 50, 60);
        Img<UnsignedShortType> cells = filled(new CellImgFactory<>(new UnsignedShortType(), 7, 8, 9), planes);
        for (Img<UnsignedShortType> image : List.of(planes, cells)) {
            for (RandomAccessibleInterval<UnsignedShortType> view : List.of(
                    image.view().translate(-7, 1L << 40, 3),
                    image.view().permute(0, 2),
                    Views.interval(image, new long[] {3, 4, 5}, new long[] {30, 4, 50}),
                    image.view().invertAxis(1).zeroMin(),
                    image.view().rotate(0, 1),
                    image.view().subsample(3, 2, 1),
                    image.view().slice(1, 17),
                    image.view().addDimension(0, 1),
                    image.view().expand(Extension.mirrorSingle(), 5),
                    Views.stack(image, image))) {
                try (SharedArray copy = SharedImages.share(alcove, view, List.of())) {
                    assertSame(view, copy);
                }
            }
        }
    }

    @Test
    void convertedPixelsAreCopied() {
        Img<UnsignedShortType> image = ArrayImgs.unsignedShorts(random(300 * 300), 300, 300);
        RandomAccessibleInterval<FloatType> floats =
                Converters.convert2(image, (from, to) -> to.set(from.get() / 4f), FloatType::new);
        try (SharedArray copy = SharedImages.share(alcove, floats, "x y")) {
            assertEquals(DType.FLOAT32, copy.dtype());
            assertSame(floats, copy);
        }
        RandomAccessibleInterval<BoolType> mask =
                Converters.convert2(image, (from, to) -> to.set(from.get() > 9_000), BoolType::new);
        try (SharedArray copy = SharedImages.share(alcove, mask, "x y")) {
            byte[] expected = new byte[300 * 300];
            int[] index = {0};
            image.forEach(pixel -> expected[index[0]++] = (byte) (pixel.get() > 9_000 ? 1 : 0));
            assertArrayEquals(expected, copy.toBytes());
        }
    }

    @Test
    void masksOfBitsAreCopied() {
        Img<BitType> bits = ArrayImgs.bits(70, 3);
        RandomAccess<BitType> pixel = bits.randomAccess();
        pixel.setPosition(new int[] {67, 1});
        pixel.get().set(true);
        try (SharedArray copy = SharedImages.share(alcove, bits, "x y")) {
            byte[] expected = new byte[210];
            expected[70 + 67] = 1;
            assertArrayEquals(expected, copy.toBytes());
        }
    }

    @Test
    void partsOfOurMasksAndComplexImagesAreCopied() {
        for (DType dtype : List.of(DType.BOOL, DType.COMPLEX64)) {
            try (SharedArray array = Samples.array(alcove, dtype, 6, 7, 8)) {
                Img<UnsignedByteType> any = SharedImages.wrap(array);
                RandomAccessibleInterval<?> part = Views.permute(any, 0, 2);
                try (SharedArray copy = SharedImages.share(alcove, part, List.of())) {
                    assertSame(part, copy);
                }
            }
        }
    }

    @Test
    void accessesOfAProgramsOwnAreCopied() {
        ShortBuffer elements = ShortBuffer.wrap(random(30 * 40));
        ShortAccess access = new ShortAccess() {
            @Override
            public ShortAccess createView(Object sampler) {
                return this;
            }

            @Override
            public short getValue(int index) {
                return elements.get(index);
            }

            @Override
            public void setValue(int index, short value) {
                elements.put(index, value);
            }
        };
        try (SharedArray copy = SharedImages.share(alcove, ArrayImgs.shorts(access, 30, 40), "x y")) {
            assertArrayEquals(elements.array(), copy.toShorts());
        }
    }

    @Test
    void anArrayThatIsLongerThanItsImageIsCopiedAsFarAsTheImageGoes() {
        short[] pixels = random(50);
        try (SharedArray copy = SharedImages.share(alcove, ArrayImgs.shorts(pixels, 4, 5), "x y")) {
            assertArrayEquals(Arrays.copyOf(pixels, 20), copy.toShorts());
        }
    }

    @Test
    void runsInAsManyThreadsAsImgLib2IsTold() {
        Img<ShortType> image = ArrayImgs.shorts(random(600 * 700), 600, 700);
        try (SharedArray one = Parallelization.runSingleThreaded(() -> SharedImages.share(alcove, image, "x y"));
                SharedArray many = Parallelization.runWithNumThreads(5, () -> SharedImages.share(alcove, image, "x y"))) {
            assertArrayEquals(one.toShorts(), many.toShorts());
            assertSame(image, many);
        }
    }

    @Test
    void noPixelsAreNoElements() {
        try (SharedArray empty = SharedImages.share(
                alcove, Views.interval(ArrayImgs.floats(5, 4, 3), new long[] {0, 2, 0}, new long[] {4, 1, 2}), "x y z")) {
            assertArrayEquals(new long[] {3, 0, 5}, empty.shape());
        }
    }

    @Test
    void onePixelThatHadNoDimensionsHasOne() {
        try (SharedArray array = Samples.array(alcove, DType.FLOAT32);
                SharedArray copy = SharedImages.share(alcove, SharedImages.<FloatType>wrap(array), "x")) {
            assertArrayEquals(new long[] {1}, copy.shape());
            assertArrayEquals(array.toFloats(), copy.toFloats());
        }
    }

    @Test
    void calibrationTravels() {
        List<Axis> axes = List.of(
                new Axis("x", "space", "micrometer", 0.25, -3), Axis.named("y"), new Axis("t", "time", "second", 2, 0));
        try (SharedArray array = SharedImages.share(alcove, ArrayImgs.bytes(4, 3, 2), axes)) {
            assertEquals(List.of(axes.get(2), axes.get(1), axes.get(0)), array.axes());
            assertEquals(axes, SharedImages.axes(array));
            assertArrayEquals(new long[] {2, 3, 4}, array.shape());
        }
    }

    @Test
    void saysWhatToDoWithPixelsOfOtherTypes() {
        for (Img<?> image : List.of(ArrayImgs.argbs(2, 2), ArrayImgs.unsigned12Bits(2, 2), ArrayImgs.unsigned128Bits(2))) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> SharedImages.share(alcove, image, List.of()));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains(image.getType().getClass().getSimpleName()), failure.getMessage());
            assertTrue(failure.hint().orElseThrow().contains("Converters"));
        }
    }

    @Test
    void anExceptionOfAConverterIsTheCallers() {
        RandomAccessibleInterval<FloatType> broken = Converters.convert2(
                ArrayImgs.bytes(100, 100),
                (from, to) -> {
                    throw new IllegalStateException("broken converter");
                },
                FloatType::new);
        Throwable failure = assertThrows(RuntimeException.class, () -> SharedImages.share(alcove, broken, "x y"));
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertEquals("broken converter", failure.getMessage());
    }

    @Test
    void axesHaveToFit() {
        try (SharedArray array = alcove.allocate(DType.INT8, List.of(), 2, 2)) {
            for (Img<?> image : List.of(ArrayImgs.bytes(2, 2), SharedImages.<ByteType>wrap(array))) {
                String message = assertThrows(
                                IllegalArgumentException.class, () -> SharedImages.share(alcove, image, "x y z"))
                        .getMessage();
                assertTrue(message.contains("3") && message.contains("2"), message);
            }
        }
    }

    /** Compares with ImgLib2's own access to each pixel. */
    private static <T extends Type<T>> void assertSame(RandomAccessibleInterval<?> expected, SharedArray found) {
        RandomAccessibleInterval<T> image = Cast.unchecked(expected);
        RandomAccessibleInterval<T> copy = Cast.unchecked(SharedImages.<UnsignedByteType>wrap(found));
        String which = image + " of " + image.getType().getClass().getSimpleName();
        assertArrayEquals(image.dimensionsAsLongArray(), copy.dimensionsAsLongArray(), which);
        RandomAccess<T> pixels = image.randomAccess();
        var cursor = copy.localizingCursor();
        while (cursor.hasNext()) {
            cursor.fwd();
            for (int d = 0; d < copy.numDimensions(); d++) {
                pixels.setPosition(image.min(d) + cursor.getLongPosition(d), d);
            }
            assertTrue(pixels.get().valueEquals(cursor.get()), () -> which + " at " + cursor.positionAsPoint());
        }
    }

    private static short[] random(int count) {
        Random random = new Random(5);
        short[] elements = new short[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (short) random.nextInt();
        }
        return elements;
    }
}

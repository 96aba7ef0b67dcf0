package org.alcove.imglib2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.loops.LoopBuilder;
import net.imglib2.type.NativeType;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.ComplexType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.util.Cast;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.Outputs;
import org.alcove.SharedArray;
import org.alcove.Workbench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shared arrays as images: the same memory, with the axes the other way round. */
class WrappingTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = bench.open();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT16")
    void showsEachElementWhereItIs(DType dtype) {
        for (long[] shape : new long[][] {{7}, {3, 5}, {2, 3, 5}, {2, 1, 3, 2, 4}}) {
            try (SharedArray array = Samples.array(alcove, dtype, shape)) {
                Img<?> image = SharedImages.<UnsignedByteType>wrap(array);
                Samples.assertIs(dtype, shape, image);
                assertEquals(dtype, Pixels.dtype(image.getType()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT16")
    void isTheSameMemory(DType dtype) {
        try (SharedArray array = alcove.allocate(dtype, List.of(), 3, 5);
                SharedArray source = Samples.array(alcove, dtype, 3, 5)) {
            fill(SharedImages.wrap(array), SharedImages.wrap(source));
            assertTrue(Objects.deepEquals(Samples.elements(dtype, 15), Samples.elementsOf(array)), "written through");
            Cursor<ComplexType<?>> pixels = Cast.unchecked(SharedImages.<UnsignedByteType>wrap(array).cursor());
            array.copyFrom(dtype.newArray(15));
            assertEquals(0, pixels.next().getRealDouble(), "read through");
        }
    }

    private static <T extends NativeType<T>> void fill(Img<?> image, Img<?> source) {
        Cursor<T> from = Cast.unchecked(source.cursor());
        for (T pixel : Cast.<Img<T>>unchecked(image)) {
            pixel.set(from.next());
        }
    }

    @Test
    void whatItIsInPythonItIsInJava() {
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 4, 3, 2);
                Outputs outputs = bench.op(alcove, "look", """
                        from alcove import Array, op

                        @op
                        def look(array: Array) -> int:
                            return int(array[3, 1, 0])
                        """).call(Map.of("array", array))) {
            RandomAccess<UnsignedShortType> pixels = SharedImages.<UnsignedShortType>wrap(array).randomAccess();
            pixels.setPosition(new int[] {0, 1, 3});
            assertEquals(outputs.get("result"), (long) pixels.get().get());
        }
    }

    @Test
    void isAnOrdinaryImage() {
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 20, 30)) {
            Img<UnsignedShortType> image = SharedImages.wrap(array);
            assertInstanceOf(ArrayImg.class, image);
            Samples.assertIs(DType.UINT16, array.shape(), image.copy());
            AtomicLong sum = new AtomicLong();
            LoopBuilder.setImages(image).multiThreaded().forEachPixel(pixel -> sum.addAndGet(pixel.get()));
            assertEquals(60_000L * 600 + 600 * 599 / 2, sum.get());
            Img<UnsignedShortType> other = image.factory().create(4, 5);
            assertArrayEquals(new long[] {4, 5}, other.dimensionsAsLongArray());
        }
    }

    @Test
    void anElementWithoutDimensionsIsOnePixel() {
        try (SharedArray array = Samples.array(alcove, DType.FLOAT32)) {
            Img<FloatType> image = SharedImages.wrap(array);
            assertArrayEquals(new long[] {1}, image.dimensionsAsLongArray());
            assertEquals(30_000, image.firstElement().get());
        }
    }

    @Test
    void noElementsAreNoPixels() {
        for (DType dtype : new DType[] {DType.BOOL, DType.UINT16, DType.COMPLEX128}) {
            try (SharedArray array = alcove.allocate(dtype, List.of(), 3, 0, 5)) {
                Img<?> image = SharedImages.<UnsignedByteType>wrap(array);
                assertArrayEquals(new long[] {5, 0, 3}, image.dimensionsAsLongArray());
                assertFalse(image.cursor().hasNext());
                assertEquals(List.of(), SharedImages.<UnsignedByteType>slabs(array));
            }
        }
    }

    @Test
    void everyByteButZeroIsTrue() {
        try (SharedArray array = alcove.share(DType.BOOL, new byte[] {0, 1, 2, -1}, "x", 4)) {
            Img<NativeBoolType> image = SharedImages.wrap(array);
            Cursor<NativeBoolType> pixels = image.cursor();
            for (boolean expected : new boolean[] {false, true, true, true}) {
                assertEquals(expected, pixels.next().get());
            }
            image.forEach(NativeBoolType::not);
            assertArrayEquals(new byte[] {1, 0, 0, 0}, array.toBytes());
        }
    }

    @Test
    void saysWhatToDoWithHalfFloats() {
        try (SharedArray array = alcove.allocate(DType.FLOAT16, List.of(), 2)) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> SharedImages.wrap(array));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains("float16"), failure.getMessage());
            assertTrue(failure.hint().orElseThrow().contains("float32"));
        }
    }

    @Test
    void axesAreInTheOrderOfTheImage() {
        List<Axis> axes = List.of(
                new Axis("z", "space", "micrometer", 0.5, 2), Axis.named("y"), new Axis("x", "space", "nm", 3, 0));
        try (SharedArray array = alcove.allocate(DType.UINT8, axes, 2, 3, 4);
                SharedArray nameless = alcove.allocate(DType.UINT8, List.of(), 2, 3, 4)) {
            assertEquals(List.of(axes.get(2), axes.get(1), axes.get(0)), SharedImages.axes(array));
            assertEquals(List.of(), SharedImages.axes(nameless));
        }
    }

    @Test
    void anImageOutlivesItsArray() {
        Img<UnsignedShortType> image;
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 300, 200)) {
            image = SharedImages.wrap(array);
        }
        for (int i = 0; i < 20; i++) {
            try (SharedArray next = alcove.allocate(DType.UINT16, List.of(), 300, 200)) {
                next.copyFrom(new short[60_000]);
            }
        }
        expectRamp(image);
        alcove.close();
        expectRamp(image);
    }

    @Test
    void theMemoryOfAForgottenImageIsUsedAgain() throws InterruptedException {
        wrapCloseAndForget();
        boolean usedAgain = false;
        // The collector is asked again and again, because nothing can make it run.
        for (int tries = 0; tries < 600 && !usedAgain; tries++) {
            System.gc();
            Thread.sleep(20);
            try (SharedArray next = alcove.allocate(DType.UINT16, List.of(), 30, 20)) {
                usedAgain = next.toShorts()[0] == 4711; // what is recycled is not cleared
            }
        }
        assertTrue(usedAgain);
    }

    private void wrapCloseAndForget() {
        try (SharedArray array = alcove.allocate(DType.UINT16, List.of(), 30, 20)) {
            SharedImages.<UnsignedShortType>wrap(array).firstElement().set(4711);
        }
    }

    @Test
    void aClosedArrayIsNoImage() {
        SharedArray array = alcove.allocate(DType.UINT8, List.of(), 3);
        array.close();
        assertThrows(IllegalStateException.class, () -> SharedImages.wrap(array));
        assertThrows(IllegalStateException.class, () -> SharedImages.slabs(array));
    }

    @Test
    void slabsOutliveTheirArray() {
        List<Img<UnsignedShortType>> slabs;
        try (SharedArray array = Samples.array(alcove, DType.UINT16, 300, 200)) {
            slabs = SharedImages.slabs(array);
        }
        try (SharedArray next = alcove.allocate(DType.UINT16, List.of(), 300, 200)) {
            next.copyFrom(new short[60_000]);
        }
        assertEquals(1, slabs.size());
        expectRamp(slabs.get(0));
    }

    private static void expectRamp(Img<UnsignedShortType> image) {
        int expected = 60_000;
        for (UnsignedShortType pixel : image) {
            assertEquals(expected++ % 65_536, pixel.get());
        }
    }
}

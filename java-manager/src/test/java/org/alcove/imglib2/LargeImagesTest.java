package org.alcove.imglib2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.imglib2.Cursor;
import net.imglib2.RandomAccess;
import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.cell.CellImg;
import net.imglib2.type.numeric.ComplexType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.util.Cast;
import net.imglib2.util.Intervals;
import net.imglib2.view.Views;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.SharedArray;
import org.alcove.Workbench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images beyond 2 GiB, in files that are holes and take no room. */
class LargeImagesTest {
    private static final int OFFSET = 64;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;

    @BeforeEach
    void open() {
        alcove = bench.open();
    }

    @Test
    void slabsArePlanesAndEachPixelIsInItsPlace() throws IOException {
        long[] shape = {41, 8192, 4096}; // 2.56 GiB; two planes are a slab
        expectPixelsInPlace(shape, new long[] {4096, 8192, 2}, 21);
    }

    @Test
    void slabsAreRowsWhereAPlaneIsTooLarge() throws IOException {
        long[] shape = {3, 20_001, 30_001}; // 3.4 GiB; 2236 rows are a slab
        expectPixelsInPlace(shape, new long[] {30_001, 2236, 1}, 27);
    }

    @Test
    void slabsArePartsOfARowWhereARowIsTooLarge() throws IOException {
        expectPixelsInPlace(new long[] {(1L << 31) + 5}, new long[] {1 << 26}, 33);
    }

    private void expectPixelsInPlace(long[] shape, long[] slabSize, int count) throws IOException {
        Path file = hole(2 * Arrays.stream(shape).reduce(1, (a, b) -> a * b));
        try (SharedArray array = alcove.attach("hole", OFFSET, DType.UINT16, List.of(), shape)) {
            Img<UnsignedShortType> image = SharedImages.wrap(array);
            assertInstanceOf(CellImg.class, image);
            List<Img<UnsignedShortType>> slabs = SharedImages.slabs(array);
            assertEquals(count, slabs.size());
            assertInstanceOf(ArrayImg.class, slabs.get(0));
            assertArrayEquals(slabSize, slabs.get(0).dimensionsAsLongArray());

            // The first and the last pixel of each slab.
            List<Long> borders = new ArrayList<>();
            long pixels = 0;
            for (Img<UnsignedShortType> slab : slabs) {
                borders.add(pixels);
                pixels += slab.size();
                borders.add(pixels - 1);
            }
            assertEquals(array.size(), pixels);

            RandomAccess<UnsignedShortType> access = image.randomAccess();
            for (int i = 0; i < borders.size(); i++) {
                position(access, borders.get(i), image.dimensionsAsLongArray());
                access.get().set(i + 1);
            }
            try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
                for (int i = 0; i < borders.size(); i++) {
                    content.seek(OFFSET + 2 * borders.get(i));
                    assertEquals(i + 1, content.read() | content.read() << 8, "element " + borders.get(i));
                }
            }
            Cursor<UnsignedShortType> cursor = image.cursor();
            long at = -1;
            for (int i = 0; i < borders.size(); i++) {
                cursor.jumpFwd(borders.get(i) - at);
                at = borders.get(i);
                assertEquals(i + 1, cursor.get().get(), "pixel " + at);
                Img<UnsignedShortType> slab = slabs.get(i / 2);
                Cursor<UnsignedShortType> inSlab = slab.cursor();
                inSlab.jumpFwd(i % 2 == 0 ? 1 : slab.size());
                assertEquals(i + 1, inSlab.get().get());
            }
        } finally {
            Files.delete(file);
        }
    }

    /** In ImgLib2's order the pixels are counted as in numpy's: its first axis is numpy's last. */
    private static void position(RandomAccess<?> access, long index, long[] dimensions) {
        long rest = index;
        for (int d = 0; d < dimensions.length; d++) {
            access.setPosition(rest % dimensions[d], d);
            rest /= dimensions[d];
        }
    }

    @Test
    void wholeItIsSharedWithoutACopyAndInPartsCopied() throws IOException {
        long[] shape = {41, 8192, 4096};
        Path file = hole(2 * 41L * 8192 * 4096);
        try (SharedArray array = alcove.attach("hole", OFFSET, DType.UINT16, List.of(), shape)) {
            Img<UnsignedShortType> image = SharedImages.wrap(array);
            try (SharedArray again = SharedImages.share(alcove, image, "x y z")) {
                assertEquals(array.file(), again.file());
                assertEquals(OFFSET, again.offset());
                assertEquals(Axis.list("z y x"), again.axes());
            }
            // The border between the planes 1 and 2 is one between slabs.
            long[] min = {4090, 8100, 1};
            long[] max = {4095, 8191, 2};
            int next = 1;
            for (UnsignedShortType pixel : Views.interval(image, min, max)) {
                pixel.set(next++);
            }
            try (SharedArray part = SharedImages.share(alcove, Views.interval(image, min, max), "x y z")) {
                assertArrayEquals(new long[] {2, 92, 6}, part.shape());
                Img<UnsignedShortType> copy = SharedImages.wrap(part);
                assertEquals(Intervals.numElements(copy), next - 1);
                Cursor<UnsignedShortType> pixels = copy.localizingCursor();
                RandomAccess<UnsignedShortType> original = image.randomAccess();
                while (pixels.hasNext()) {
                    pixels.fwd();
                    for (int d = 0; d < 3; d++) {
                        original.setPosition(min[d] + pixels.getLongPosition(d), d);
                    }
                    assertEquals(original.get().get(), pixels.get().get());
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void imagesOfOneSizeAreDividedAlike() throws IOException {
        Path file = hole(3L << 30);
        long[] shape = {3, 1 << 14, 1 << 14};
        try (SharedArray shorts = alcove.attach("hole", 0, DType.UINT16, List.of(), shape);
                SharedArray floats = alcove.attach("hole", 0, DType.FLOAT32, List.of(), shape);
                SharedArray bytes = alcove.attach("hole", 0, DType.UINT8, List.of(), shape)) {
            Img<UnsignedShortType> image = SharedImages.wrap(shorts);
            assertEquals(image.iterationOrder(), SharedImages.<UnsignedByteType>wrap(floats).iterationOrder());
            CellImg<?, ?> onTheHeap = (CellImg<?, ?>) image.factory().create(5, 4, 3); // what copy() fills cell by cell
            assertArrayEquals(
                    ((CellImg<?, ?>) image).getCellGrid().getCellDimensions(), onTheHeap.getCellGrid().getCellDimensions());
            List<Img<UnsignedShortType>> slabs = SharedImages.slabs(shorts);
            List<Img<UnsignedByteType>> others = SharedImages.slabs(bytes);
            assertEquals(slabs.size(), others.size());
            assertInstanceOf(ArrayImg.class, SharedImages.<UnsignedByteType>wrap(bytes));
            for (int i = 0; i < slabs.size(); i++) {
                assertArrayEquals(slabs.get(i).dimensionsAsLongArray(), others.get(i).dimensionsAsLongArray());
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void masksAndComplexImagesAreInCellsToo() throws IOException {
        Path file = hole((2L << 30) + 16);
        try (SharedArray mask = alcove.attach("hole", 0, DType.BOOL, List.of(), 3, 1 << 14, 1 << 15);
                SharedArray complex = alcove.attach("hole", 0, DType.COMPLEX128, List.of(), (1L << 27) + 1)) {
            for (SharedArray array : List.of(mask, complex)) {
                Img<UnsignedByteType> any = SharedImages.wrap(array);
                assertInstanceOf(CellImg.class, any);
                RandomAccess<ComplexType<?>> pixels = Cast.unchecked(any.randomAccess());
                pixels.setPosition(Intervals.maxAsLongArray(any));
                pixels.get().setComplexNumber(1, 0);
            }
            assertEquals(1, mask.buffer(mask.size() - 1, 1).get());
            assertEquals(1, complex.buffer(complex.size() - 1, 1).getDouble());
        } finally {
            Files.delete(file);
        }
    }

    private Path hole(long bytes) throws IOException {
        Path file = bench.memoryDirectory().resolve("hole");
        try (RandomAccessFile hole = new RandomAccessFile(file.toFile(), "rw")) {
            hole.setLength(OFFSET + bytes);
        }
        return file;
    }
}

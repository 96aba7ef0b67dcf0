package org.alcove.imglib2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.img.NativeImg;
import net.imglib2.img.array.ArrayImg;
import net.imglib2.img.basictypeaccess.DataAccess;
import net.imglib2.img.cell.Cell;
import net.imglib2.img.list.ListImg;
import net.imglib2.type.NativeType;
import net.imglib2.type.NativeTypeFactory;
import net.imglib2.util.Cast;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.SharedArray;

/**
 * Shared arrays as images of ImgLib2, without copying, and images of ImgLib2 as shared arrays. Here, and nowhere else, the
 * order of the axes is reversed: numpy's {@code array[z, y, x]} is ImgLib2's pixel (x, y, z).
 *
 * <pre>{@code
 * try (SharedArray array = SharedImages.share(alcove, image, "x y z");
 *         Outputs outputs = segment.call(Map.of("image", array))) {
 *     Img<UnsignedShortType> labels = SharedImages.wrap(outputs.array("labels"));
 *     LoopBuilder.setImages(labels).multiThreaded().forEachPixel(label -> ...);
 * }
 * }</pre>
 *
 * <p>An image stays valid when its array is closed: the memory is used for something else only once nothing refers to the
 * image. In a loop over many images keep one array and its image, or look at the array itself with {@link
 * SharedArray#forEachChunk}, which holds nothing up.
 *
 * <table>
 * <caption>Which type stands for which dtype</caption>
 * <tr><th>dtype</th><th>ImgLib2</th></tr>
 * <tr><td>bool</td><td>NativeBoolType; to an array also BitType and BoolType</td></tr>
 * <tr><td>int8, int16, int32, int64</td><td>ByteType, ShortType, IntType, LongType</td></tr>
 * <tr><td>uint8, uint16, uint32, uint64</td><td>UnsignedByteType, UnsignedShortType, UnsignedIntType,
 * UnsignedLongType</td></tr>
 * <tr><td>float32, float64</td><td>FloatType, DoubleType</td></tr>
 * <tr><td>complex64, complex128</td><td>ComplexFloatType, ComplexDoubleType</td></tr>
 * <tr><td>float16</td><td>none: {@link ErrorKind#INVALID_PARAMS}</td></tr>
 * </table>
 */
public final class SharedImages {
    /** Of the largest type, 1 GiB: as much as a buffer holds. */
    static final int SLAB_PIXELS = 1 << 26;

    private static final long LONGEST_BUFFER = 1L << 30;

    private SharedImages() {}

    /**
     * The image that an array holds; what is written to one is seen in the other. Up to 1 GiB it is an {@link ArrayImg},
     * beyond a {@link net.imglib2.img.cell.CellImg} with the {@link #slabs} as cells. An array without dimensions becomes
     * an image of one pixel with one.
     *
     * @param <T> the type that stands for the array's dtype; another makes the first look at a pixel fail
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} for a float16 array
     */
    public static <T extends NativeType<T>> Img<T> wrap(SharedArray array) {
        T type = type(array);
        long[] dimensions = dimensions(array);
        if (array.size() * array.dtype().bytes() > LONGEST_BUFFER) {
            return inCells(array, dimensions, type);
        }
        DataAccess access = Pixels.access(array.dtype(), array.buffer(0, array.size()));
        return linked(new Shared.InOne<>(array, access, dimensions, type), type);
    }

    /**
     * The image that an array holds, in slabs of at most 67 million pixels: whole planes along the last axis, or rows where
     * a plane is larger. Each is an {@link ArrayImg}, through which ImgLib2 loops several times as fast as through the one
     * image of {@link #wrap} that is larger than 1 GiB. Arrays of the same shape have the same slabs whatever their dtypes.
     *
     * @return the slabs, in the order of the last axis; each begins at 0
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} for a float16 array
     */
    public static <T extends NativeType<T>> List<Img<T>> slabs(SharedArray array) {
        T type = type(array);
        if (array.size() == 0) {
            return List.of();
        }
        Pieces slabs = new Pieces(dimensions(array), SLAB_PIXELS);
        return LongStream.range(0, slabs.count()).mapToObj(slabs::get).map(slab -> {
            long[] size = Arrays.stream(slab.size()).asLongStream().toArray();
            return (Img<T>) linked(new ArrayImg<>(access(array, slab), size, type.getEntitiesPerPixel()), type);
        }).toList();
    }

    /**
     * An image as a SharedArray, to be closed like any other. Nothing is copied when the image is one that {@link #wrap}
     * made from an array of this manager, be that closed or not: then it is one more SharedArray on the same memory. Any
     * other image, or part or view of one, is copied by several threads, those of ImgLib2's {@link
     * net.imglib2.parallel.Parallelization}.
     *
     * @param image of any bounds; its type is one that stands for a dtype
     * @param axes one a dimension in ImgLib2's order, or an empty list
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when no dtype holds its pixels, {@link
     *     ErrorKind#OUT_OF_SHARED_MEMORY}
     */
    public static SharedArray share(Alcove alcove, RandomAccessibleInterval<?> image, List<Axis> axes) {
        DType dtype = Pixels.dtype(image.getType());
        Shared shared = Shared.of(image);
        boolean sameShape = shared != null && shared.array().shape().length == image.numDimensions();
        Optional<SharedArray> same =
                sameShape ? alcove.again(shared.array(), reversed(axes)) : Optional.empty();
        return same.orElseGet(() -> copy(alcove, image, dtype, axes));
    }

    private static SharedArray copy(Alcove alcove, RandomAccessibleInterval<?> image, DType dtype, List<Axis> axes) {
        SharedArray array = alcove.allocate(dtype, reversed(axes), shape(image));
        try {
            Copy.of(image, array);
            return array;
        } catch (RuntimeException | Error e) {
            array.close();
            throw e;
        }
    }

    /**
     * An image as a SharedArray.
     *
     * @param axes the axes' names in ImgLib2's order: {@code "x y z"}
     * @see #share(Alcove, RandomAccessibleInterval, List)
     */
    public static SharedArray share(Alcove alcove, RandomAccessibleInterval<?> image, String axes) {
        return share(alcove, image, Axis.list(axes));
    }

    /** The axes of an array in ImgLib2's order, or an empty list when they have no names. */
    public static List<Axis> axes(SharedArray array) {
        return reversed(array.axes());
    }

    private static <T extends NativeType<T>> Img<T> inCells(SharedArray array, long[] dimensions, T type) {
        Pieces slabs = new Pieces(dimensions, SLAB_PIXELS);
        List<Cell<DataAccess>> cells = new ArrayList<>();
        for (long index = 0; index < slabs.count(); index++) {
            Pieces.Piece slab = slabs.get(index);
            cells.add(new Cell<>(slab.size(), slab.min(), access(array, slab)));
        }
        ListImg<Cell<DataAccess>> image = new ListImg<>(cells, slabs.grid().getGridDimensions());
        return linked(new Shared.InCells<>(array, image, slabs.grid(), type), type);
    }

    private static DataAccess access(SharedArray array, Pieces.Piece slab) {
        return Pixels.access(array.dtype(), array.buffer(slab.first(), slab.pixels()));
    }

    /** ImgLib2's images are made without knowing what their pixels are, and told then. */
    private static <T extends NativeType<T>, I extends NativeImg<T, ?>> I linked(I image, T type) {
        NativeTypeFactory<T, Object> factory = Cast.unchecked(type.getNativeTypeFactory());
        image.setLinkedType(factory.createLinkedType(image));
        return image;
    }

    private static <T extends NativeType<T>> T type(SharedArray array) {
        return Cast.unchecked(Pixels.type(array.dtype()));
    }

    private static long[] dimensions(SharedArray array) {
        long[] shape = array.shape();
        return shape.length == 0 ? new long[] {1} : reversed(shape); // ImgLib2 has no images without dimensions
    }

    private static long[] shape(RandomAccessibleInterval<?> image) {
        return reversed(image.dimensionsAsLongArray());
    }

    private static long[] reversed(long[] sizes) {
        long[] reversed = new long[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            reversed[i] = sizes[sizes.length - 1 - i];
        }
        return reversed;
    }

    private static List<Axis> reversed(List<Axis> axes) {
        List<Axis> reversed = new ArrayList<>(axes);
        Collections.reverse(reversed);
        return List.copyOf(reversed);
    }
}

package org.alcove.imglib2;

import java.nio.ByteBuffer;
import java.util.Map;
import net.imglib2.img.basictypeaccess.DataAccess;
import net.imglib2.img.basictypeaccess.nio.ByteBufferAccess;
import net.imglib2.img.basictypeaccess.nio.DoubleBufferAccess;
import net.imglib2.img.basictypeaccess.nio.FloatBufferAccess;
import net.imglib2.img.basictypeaccess.nio.IntBufferAccess;
import net.imglib2.img.basictypeaccess.nio.LongBufferAccess;
import net.imglib2.img.basictypeaccess.nio.ShortBufferAccess;
import net.imglib2.type.BooleanType;
import net.imglib2.type.NativeType;
import net.imglib2.type.logic.NativeBoolType;
import net.imglib2.type.numeric.complex.ComplexDoubleType;
import net.imglib2.type.numeric.complex.ComplexFloatType;
import net.imglib2.type.numeric.integer.ByteType;
import net.imglib2.type.numeric.integer.IntType;
import net.imglib2.type.numeric.integer.LongType;
import net.imglib2.type.numeric.integer.ShortType;
import net.imglib2.type.numeric.integer.UnsignedByteType;
import net.imglib2.type.numeric.integer.UnsignedIntType;
import net.imglib2.type.numeric.integer.UnsignedLongType;
import net.imglib2.type.numeric.integer.UnsignedShortType;
import net.imglib2.type.numeric.real.DoubleType;
import net.imglib2.type.numeric.real.FloatType;
import org.alcove.AlcoveException;
import org.alcove.DType;
import org.alcove.ErrorKind;

/** Which type of ImgLib2 stands for which dtype. */
final class Pixels {
    private Pixels() {}

    static NativeType<?> type(DType dtype) {
        return switch (dtype) {
            case BOOL -> new NativeBoolType();
            case INT8 -> new ByteType();
            case INT16 -> new ShortType();
            case INT32 -> new IntType();
            case INT64 -> new LongType();
            case UINT8 -> new UnsignedByteType();
            case UINT16 -> new UnsignedShortType();
            case UINT32 -> new UnsignedIntType();
            case UINT64 -> new UnsignedLongType();
            case FLOAT32 -> new FloatType();
            case FLOAT64 -> new DoubleType();
            case COMPLEX64 -> new ComplexFloatType();
            case COMPLEX128 -> new ComplexDoubleType();
            case FLOAT16 -> throw refusal(
                    "ImgLib2 has no type for float16", "let the op return float32, or read the bits with toShorts()");
        };
    }

    static DType dtype(Object type) {
        if (type instanceof BooleanType) {
            return DType.BOOL;
        }
        for (DType dtype : DType.values()) {
            if (dtype != DType.FLOAT16 && type(dtype).getClass() == type.getClass()) {
                return dtype;
            }
        }
        throw refusal(
                "no dtype holds pixels of ImgLib2's " + type.getClass().getSimpleName(),
                "convert the image first, for example with Converters.convert(image, converter, new FloatType())");
    }

    /** ImgLib2's own accesses, which it also copies in blocks. Others were measured and are hardly faster, if at all. */
    static DataAccess access(DType dtype, ByteBuffer elements) {
        return switch (dtype) {
            case BOOL -> new BooleanBufferAccess(elements);
            case INT8, UINT8 -> new ByteBufferAccess(elements, true);
            case INT16, UINT16 -> new ShortBufferAccess(elements, true);
            case INT32, UINT32 -> new IntBufferAccess(elements, true);
            case INT64, UINT64 -> new LongBufferAccess(elements, true);
            case FLOAT32, COMPLEX64 -> new FloatBufferAccess(elements, true);
            case FLOAT64, COMPLEX128 -> new DoubleBufferAccess(elements, true);
            case FLOAT16 -> throw new IllegalArgumentException(dtype.word());
        };
    }

    private static AlcoveException refusal(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}

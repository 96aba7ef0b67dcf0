package org.alcove.files;

import java.util.AbstractList;
import java.util.List;
import java.util.function.IntFunction;
import org.alcove.Complex;
import org.alcove.SharedArray;

/** The elements of an array as Java's numbers, in C order, each as the number that it is. */
public final class Elements {
    private Elements() {}

    /** The elements; a view that reads nothing more of the array. */
    public static List<Object> of(SharedArray array) {
        int size = Math.toIntExact(array.size());
        return switch (array.dtype()) {
            case BOOL -> list(size, array.toBytes(), (values, i) -> values[i] != 0);
            case INT8 -> list(size, array.toBytes(), (values, i) -> values[i]);
            case UINT8 -> list(size, array.toBytes(), (values, i) -> Byte.toUnsignedInt(values[i]));
            case INT16 -> list(size, array.toShorts(), (values, i) -> values[i]);
            case UINT16 -> list(size, array.toShorts(), (values, i) -> Short.toUnsignedInt(values[i]));
            case FLOAT16 -> list(size, array.toShorts(), (values, i) -> half(values[i]));
            case INT32 -> list(size, array.toInts(), (values, i) -> values[i]);
            case UINT32 -> list(size, array.toInts(), (values, i) -> Integer.toUnsignedLong(values[i]));
            case INT64 -> list(size, array.toLongs(), (values, i) -> values[i]);
            case UINT64 -> list(size, array.toLongs(), (values, i) -> new java.math.BigInteger(Long.toUnsignedString(values[i])));
            case FLOAT32 -> list(size, array.toFloats(), (values, i) -> values[i]);
            case FLOAT64 -> list(size, array.toDoubles(), (values, i) -> values[i]);
            case COMPLEX64 -> list(size, array.toFloats(), (values, i) -> new Complex(values[2 * i], values[2 * i + 1]));
            case COMPLEX128 -> list(size, array.toDoubles(), (values, i) -> new Complex(values[2 * i], values[2 * i + 1]));
        };
    }

    private interface Getter<A> {
        Object get(A values, int index);
    }

    private static <A> List<Object> list(int size, A values, Getter<A> getter) {
        IntFunction<Object> element = index -> getter.get(values, index);
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return element.apply(index);
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    /** IEEE 754 half precision; Java has no type for it before version 20 can convert it. */
    public static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float size = switch (exponent) {
            case 0 -> Math.scalb((float) fraction, -24);
            case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Math.scalb((float) (fraction | 0x400), exponent - 25);
        };
        return bits < 0 ? -size : size;
    }
}

package org.alcove;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The elements of arrays as values: Boolean, Long or BigInteger, Double, Complex. Slow, and for every dtype. */
final class Elements {
    private static final int HALF_BIAS = 15;

    private Elements() {}

    static List<Object> of(SharedArray array) {
        List<Object> elements = new ArrayList<>();
        array.forEachChunk(chunk -> {
            while (chunk.hasRemaining()) {
                elements.add(next(chunk, array.dtype()));
            }
        });
        return elements;
    }

    static void fill(SharedArray array, List<Object> elements) {
        array.forEachChunk(chunk -> elements.forEach(element -> put(chunk, array.dtype(), element)));
    }

    /** 0, 1, 2, ... as values of a dtype; as bool false, true, true, ... */
    static List<Object> counting(DType dtype, long count) {
        ByteBuffer one = ByteBuffer.allocate(dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        List<Object> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            one.clear();
            put(one, dtype, dtype == DType.BOOL ? (Object) (i > 0) : (Object) i);
            elements.add(next(one.flip().order(ByteOrder.LITTLE_ENDIAN), dtype));
        }
        return elements;
    }

    private static Object next(ByteBuffer bytes, DType dtype) {
        return switch (dtype) {
            case BOOL -> bytes.get() != 0;
            case INT8 -> (long) bytes.get();
            case UINT8 -> bytes.get() & 0xFFL;
            case INT16 -> (long) bytes.getShort();
            case UINT16 -> bytes.getShort() & 0xFFFFL;
            case INT32 -> (long) bytes.getInt();
            case UINT32 -> bytes.getInt() & 0xFFFFFFFFL;
            case INT64 -> bytes.getLong();
            case UINT64 -> unsigned(bytes.getLong());
            case FLOAT16 -> fromHalf(bytes.getShort());
            case FLOAT32 -> (double) bytes.getFloat();
            case FLOAT64 -> bytes.getDouble();
            case COMPLEX64 -> new Complex(bytes.getFloat(), bytes.getFloat());
            case COMPLEX128 -> new Complex(bytes.getDouble(), bytes.getDouble());
        };
    }

    private static void put(ByteBuffer bytes, DType dtype, Object element) {
        if (dtype == DType.BOOL) {
            bytes.put((byte) (element.equals(true) ? 1 : 0));
            return;
        }
        Complex number = element instanceof Complex complex ? complex : new Complex(((Number) element).doubleValue(), 0);
        long integer = element instanceof Number real ? real.longValue() : 0;
        switch (dtype) {
            case INT8, UINT8 -> bytes.put((byte) integer);
            case INT16, UINT16 -> bytes.putShort((short) integer);
            case INT32, UINT32 -> bytes.putInt((int) integer);
            case INT64, UINT64 -> bytes.putLong(integer);
            case FLOAT16 -> bytes.putShort(toHalf(number.real()));
            case FLOAT32 -> bytes.putFloat((float) number.real());
            case FLOAT64 -> bytes.putDouble(number.real());
            case COMPLEX64 -> bytes.putFloat((float) number.real()).putFloat((float) number.imag());
            default -> bytes.putDouble(number.real()).putDouble(number.imag());
        }
    }

    private static Object unsigned(long bits) {
        BigInteger value = new BigInteger(Long.toUnsignedString(bits));
        return bits >= 0 ? (Object) bits : value;
    }

    private static double fromHalf(short bits) {
        int exponent = bits >> 10 & 0x1F;
        double fraction = bits & 0x3FF;
        double size = exponent == 0x1F
                ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                : exponent == 0
                        ? Math.scalb(fraction, 1 - HALF_BIAS - 10)
                        : Math.scalb(fraction + 0x400, exponent - HALF_BIAS - 10);
        return bits < 0 ? -size : size;
    }

    /** For numbers that a half holds exactly, and those that are not finite. */
    private static short toHalf(double number) {
        for (int bits = 0; bits <= 0xFFFF; bits++) {
            if (Double.compare(fromHalf((short) bits), number) == 0) {
                return (short) bits;
            }
        }
        throw new IllegalArgumentException(number + " is no half");
    }
}

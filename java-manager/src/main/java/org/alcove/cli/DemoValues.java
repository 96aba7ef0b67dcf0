package org.alcove.cli;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.Complex;
import org.alcove.DType;
import org.alcove.ErrorKind;
import org.alcove.files.Elements;

/** Single elements of an array, in little-endian bytes. */
final class DemoValues {
    private DemoValues() {}

    /** The element that begins at a position, as the number that it is. */
    static Object at(DType dtype, ByteBuffer bytes, int position) {
        return switch (dtype) {
            case BOOL -> bytes.get(position) != 0;
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> integer(dtype, bytes, position);
            case UINT64 -> new BigInteger(Long.toUnsignedString(bytes.getLong(position)));
            case FLOAT16 -> Elements.half(bytes.getShort(position));
            case FLOAT32 -> bytes.getFloat(position);
            case FLOAT64 -> bytes.getDouble(position);
            case COMPLEX64 -> new Complex(bytes.getFloat(position), bytes.getFloat(position + 4));
            case COMPLEX128 -> new Complex(bytes.getDouble(position), bytes.getDouble(position + 8));
        };
    }

    /** How large that element is: of a complex number the magnitude. */
    static double number(DType dtype, ByteBuffer bytes, int position) {
        return switch (dtype) {
            case BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> integer(dtype, bytes, position);
            case UINT64 -> {
                long bits = bytes.getLong(position);
                yield bits >= 0 ? bits : (bits >>> 1) * 2.0;
            }
            case FLOAT16 -> Elements.half(bytes.getShort(position));
            case FLOAT32 -> bytes.getFloat(position);
            case FLOAT64 -> bytes.getDouble(position);
            case COMPLEX64 -> Math.hypot(bytes.getFloat(position), bytes.getFloat(position + 4));
            case COMPLEX128 -> Math.hypot(bytes.getDouble(position), bytes.getDouble(position + 8));
        };
    }

    /**
     * Puts a value there, as people write it.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when the dtype does not hold it
     */
    static void put(DType dtype, ByteBuffer bytes, int position, String text) {
        try {
            switch (dtype) {
                case BOOL -> bytes.put(position, bit(text));
                case INT8, UINT8 -> bytes.put(position, (byte) within(dtype, text));
                case INT16, UINT16 -> bytes.putShort(position, (short) within(dtype, text));
                case INT32, UINT32 -> bytes.putInt(position, (int) within(dtype, text));
                case INT64 -> bytes.putLong(position, Long.parseLong(text));
                case UINT64 -> bytes.putLong(position, Long.parseUnsignedLong(text));
                case FLOAT32 -> bytes.putFloat(position, Float.parseFloat(text));
                case FLOAT64 -> bytes.putDouble(position, Double.parseDouble(text));
                case FLOAT16, COMPLEX64, COMPLEX128 -> throw refused(
                        "Java has no way to write a " + dtype.word(), "change it in Python");
            }
        } catch (NumberFormatException e) {
            throw refused("'" + text + "' is no value of " + dtype.word(), "give a number that the dtype holds");
        }
    }

    private static long integer(DType dtype, ByteBuffer bytes, int position) {
        return switch (dtype) {
            case INT8 -> bytes.get(position);
            case UINT8, BOOL -> Byte.toUnsignedLong(bytes.get(position));
            case INT16 -> bytes.getShort(position);
            case UINT16 -> Short.toUnsignedLong(bytes.getShort(position));
            case INT32 -> bytes.getInt(position);
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt(position));
            default -> bytes.getLong(position);
        };
    }

    private static byte bit(String text) {
        return switch (text) {
            case "0", "false" -> 0;
            case "1", "true" -> 1;
            default -> throw new NumberFormatException(text);
        };
    }

    private static long within(DType dtype, String text) {
        long value = Long.parseLong(text);
        int bits = 8 * dtype.bytes();
        boolean signed = dtype == DType.INT8 || dtype == DType.INT16 || dtype == DType.INT32;
        long least = signed ? -(1L << bits - 1) : 0;
        if (value < least || value >= least + (1L << bits)) {
            throw new NumberFormatException(text);
        }
        return value;
    }

    private static AlcoveException refused(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}

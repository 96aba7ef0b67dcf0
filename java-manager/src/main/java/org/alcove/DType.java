package org.alcove;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The type of an array's elements, by numpy's names. */
public enum DType {
    /** One byte, 0 or 1. */
    BOOL(1),
    /** One signed byte. */
    INT8(1),
    /** Two bytes, signed. */
    INT16(2),
    /** Four bytes, signed. */
    INT32(4),
    /** Eight bytes, signed. */
    INT64(8),
    /** One unsigned byte. */
    UINT8(1),
    /** Two bytes, unsigned: an ImageJ 16-bit image. */
    UINT16(2),
    /** Four bytes, unsigned. */
    UINT32(4),
    /** Eight bytes, unsigned. */
    UINT64(8),
    /** IEEE 754 half precision. */
    FLOAT16(2),
    /** IEEE 754 single precision. */
    FLOAT32(4),
    /** IEEE 754 double precision. */
    FLOAT64(8),
    /** Two float32: real and imaginary part. */
    COMPLEX64(8),
    /** Two float64: real and imaginary part. */
    COMPLEX128(16);

    private static final Map<String, DType> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toMap(DType::word, dtype -> dtype));

    private final int bytes;
    private final String word = name().toLowerCase(Locale.ROOT);

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * A primitive Java array for so many elements, as {@link SharedArray} copies it: of the bits for float16, with two parts
     * for each complex number.
     */
    public Object newArray(int count) {
        return switch (this) {
            case BOOL, INT8, UINT8 -> new byte[count];
            case INT16, UINT16, FLOAT16 -> new short[count];
            case INT32, UINT32 -> new int[count];
            case INT64, UINT64 -> new long[count];
            case FLOAT32 -> new float[count];
            case FLOAT64 -> new double[count];
            case COMPLEX64 -> new float[2 * count];
            case COMPLEX128 -> new double[2 * count];
        };
    }

    /** The name in messages and in numpy, for example {@code uint16}. */
    public String word() {
        return word;
    }

    /**
     * The dtype of this name.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when there is none
     */
    public static DType ofWord(String word) {
        DType dtype = BY_WORD.get(word);
        if (dtype == null) {
            throw new AlcoveException(ErrorKind.INVALID_PARAMS, "no dtype " + word, "one of bool, uint8, uint16, float32, ...");
        }
        return dtype;
    }
}

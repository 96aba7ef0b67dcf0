package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The header of a .npy file: magic, version, length, and a Python dict as text (numpy's NEP 1).
 *
 * @param start where the elements begin in the file, in bytes
 */
record NpyHeader(DType dtype, boolean isBigEndian, boolean isFortranOrder, long[] shape, long start) {
    /** Elements begin at multiples of this, so that they can be mapped. */
    private static final int ALIGNMENT = 64;
    /** Far longer than the header of any array of numbers; a longer one is not worth the memory. */
    private static final int LONGEST = 1 << 20;
    private static final int LONGEST_OF_VERSION_1 = 0xFFFF;
    private static final int MOST_DIMENSIONS = 32;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /**
     * Reads a header, and not a byte more.
     *
     * @throws AlcoveException when it is none, or is that of an array that Java cannot hold
     */
    static NpyHeader read(InputStream file, NpyFailures failures) throws IOException {
        byte[] magic = file.readNBytes(MAGIC.length);
        if (!Arrays.equals(magic, MAGIC)) {
            throw failures.notAnArray(magic.length == 0 ? "it is empty" : "it does not begin as one");
        }
        byte[] version = readFully(file, 2, failures);
        if (version[0] < 1 || version[0] > 3) {
            String found = (version[0] & 0xFF) + "." + (version[1] & 0xFF);
            throw failures.unsupported("it has version " + found + " of the format",
                    "versions 1 to 3 are known; write it anew with numpy.save");
        }
        int bytesOfLength = version[0] == 1 ? 2 : 4;
        long length = littleEndian(readFully(file, bytesOfLength, failures));
        if (length > LONGEST) {
            throw failures.damaged("its header claims " + length + " bytes");
        }
        byte[] bytes = readFully(file, (int) length, failures);
        long start = MAGIC.length + 2 + bytesOfLength + length;
        return of(text(bytes, version[0], failures), start, failures);
    }

    private static byte[] readFully(InputStream file, int count, NpyFailures failures) throws IOException {
        byte[] bytes = file.readNBytes(count);
        if (bytes.length < count) {
            throw failures.damaged("it ends within its header");
        }
        return bytes;
    }

    private static long littleEndian(byte[] bytes) {
        long number = 0;
        for (int i = bytes.length - 1; i >= 0; i--) {
            number = number << 8 | bytes[i] & 0xFF;
        }
        return number;
    }

    private static String text(byte[] bytes, int version, NpyFailures failures) {
        if (version < 3) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw failures.damaged("its header is no UTF-8");
        }
    }

    private static NpyHeader of(String text, long start, NpyFailures failures) {
        NpyHeaderParser.Members members = new NpyHeaderParser(text, failures).members();
        NpyType type = NpyType.of(members.descr(), failures);
        List<Long> sizes = members.shape();
        if (sizes.size() > MOST_DIMENSIONS) {
            throw failures.unsupported("it has " + sizes.size() + " dimensions", "arrays have at most " + MOST_DIMENSIONS);
        }
        long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
        NpyHeader header = new NpyHeader(type.dtype(), type.isBigEndian(), members.isFortranOrder(), shape, start);
        try {
            Math.addExact(start, Math.multiplyExact(SharedArray.elements(shape), type.dtype().bytes()));
        } catch (ArithmeticException e) {
            throw failures.damaged("its header claims " + words(shape) + " elements");
        }
        return header;
    }

    long elements() {
        return SharedArray.elements(shape);
    }

    /** How many bytes the elements take. */
    long bytes() {
        return elements() * dtype.bytes();
    }

    /** The order of bytes within a number in the file. */
    ByteOrder byteOrder() {
        return isBigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** The bytes of a header of the oldest version that can hold it, which everything reads. */
    static byte[] bytes(DType dtype, boolean isFortranOrder, long[] shape) {
        String sizes = LongStream.of(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
        String dict = "{'descr': '" + NpyType.descr(dtype) + "', 'fortran_order': " + (isFortranOrder ? "True" : "False")
                + ", 'shape': (" + sizes + (shape.length == 1 ? ",)" : ")") + ", }";
        int version = dict.length() + ALIGNMENT > LONGEST_OF_VERSION_1 ? 2 : 1;
        int prefix = MAGIC.length + 2 + (version == 1 ? 2 : 4);
        int total = (prefix + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) version).put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) (total - prefix));
        } else {
            bytes.putInt(total - prefix);
        }
        bytes.put(dict.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.remaining() > 1) {
            bytes.put((byte) ' ');
        }
        return bytes.put((byte) '\n').array();
    }

    private static String words(long[] shape) {
        return LongStream.of(shape).mapToObj(Long::toString).collect(Collectors.joining(" x "));
    }
}

package org.alcove.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.Complex;
import org.alcove.DType;
import org.alcove.Settings;
import org.alcove.SharedArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each dtype's elements, the extreme ones above all. */
class ElementsTest {
    @TempDir
    private Path folder;

    @Test
    void areTheNumbersThatTheyAre() {
        check(DType.BOOL, new byte[] {0, 1}, false, true);
        check(DType.INT8, new byte[] {-128, 127}, (byte) -128, (byte) 127);
        check(DType.UINT8, new byte[] {0, -1}, 0, 255);
        check(DType.INT16, new short[] {-32768, 32767}, (short) -32768, (short) 32767);
        check(DType.UINT16, new short[] {0, -1}, 0, 65535);
        check(DType.INT32, new int[] {Integer.MIN_VALUE, 5}, Integer.MIN_VALUE, 5);
        check(DType.UINT32, new int[] {0, -1}, 0L, 4294967295L);
        check(DType.INT64, new long[] {Long.MIN_VALUE, 5}, Long.MIN_VALUE, 5L);
        check(DType.UINT64, new long[] {0, -1}, BigInteger.ZERO, new BigInteger("18446744073709551615"));
        check(DType.FLOAT32, new float[] {0.1f, Float.NaN}, 0.1f, Float.NaN);
        check(DType.FLOAT64, new double[] {0.1, -0.0}, 0.1, -0.0);
        check(DType.COMPLEX64, new float[] {1, 2, 3, 4}, new Complex(1, 2), new Complex(3, 4));
        check(DType.COMPLEX128, new double[] {1, 2, 3, 4}, new Complex(1, 2), new Complex(3, 4));
    }

    @Test
    void halvesAreExact() {
        short[] bits = {0x0000, (short) 0x8000, 0x3c00, (short) 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, (short) 0xfc00, 0x7e00};
        check(DType.FLOAT16, bits, 0f, -0f, 1f, -2f, 65504f, 0x1p-24f, 0x1p-14f, Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY, Float.NaN);
    }

    private void check(DType dtype, Object elements, Object... expected) {
        Settings settings = new Settings().dataDirectory(folder.resolve("data")).memoryDirectory(folder.resolve("memory"));
        try (Alcove alcove = Alcove.open(settings);
                SharedArray array = alcove.share(dtype, elements, "x", expected.length)) {
            assertEquals(List.of(expected), Elements.of(array));
        }
    }
}

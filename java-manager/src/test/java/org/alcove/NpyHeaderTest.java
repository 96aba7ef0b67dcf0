package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of .npy files, hostile ones too. */
class NpyHeaderTest {
    private static final String USUAL = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }";

    @ParameterizedTest
    @ValueSource(strings = {
        USUAL,
        "{\"descr\":\"<u2\",\"fortran_order\":False,\"shape\":(2,3)}",
        "  {'shape': (2L, 3L), 'descr': '=u2', 'fortran_order': False}   \n",
        "\t{ 'fortran_order'\n:\tFalse , 'shape' : ( 2 ,\r\n3 , ) , 'descr' : 'u2' , }\n"
    })
    void readsEveryWayToWriteIt(String dict) {
        NpyHeader header = parse(NpyFileTest.header(dict));
        assertEquals(DType.UINT16, header.dtype());
        assertFalse(header.isFortranOrder() || header.isBigEndian());
        assertArrayEquals(new long[] {2, 3}, header.shape());
        assertEquals(10 + dict.length(), header.start());
    }

    @Test
    void aSingleByteHasNoOrder() {
        for (String descr : new String[] {">u1", "<u1", "|u1", "u1"}) {
            NpyHeader header = parse(NpyFileTest.header(USUAL.replace("<u2", descr)));
            assertEquals(DType.UINT8, header.dtype());
            assertFalse(header.isBigEndian());
        }
    }

    @Test
    void readsWhatItWrites() {
        for (DType dtype : DType.values()) {
            for (long[] shape : new long[][] {{}, {0}, {7}, {1L << 40, 3}, new long[32]}) {
                NpyHeader header = parse(NpyHeader.bytes(dtype, true, shape));
                assertEquals(dtype, header.dtype());
                assertTrue(header.isFortranOrder());
                assertArrayEquals(shape, header.shape());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
        "|O                     ~ Python objects",
        "<U5                    ~ texts",
        "|S3                    ~ texts",
        "<M8[ns]                ~ dates",
        "<m8                    ~ dates",
        "|V12                   ~ records",
        "<f16                   ~ <f16",
        "<c32                   ~ <c32",
        "<i3                    ~ <i3",
        "<u99999999999999999999 ~ <u9999",
        "<<u2                   ~ damaged",
        "__import__             ~ damaged"
    })
    void refusesElementsThatAreNoNumbers(String descr, String words) {
        assertRefused(USUAL.replace("<u2", descr), words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
        "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (2,)} ~ several fields",
        "{'descr': ('<u2', (3,)), 'fortran_order': False, 'shape': (2,)}  ~ several fields",
        "{'descr': 5, 'fortran_order': False, 'shape': (2,)}              ~ has no '",
        "{'descr': '<u2', 'fortran_order': 0, 'shape': (2,)}              ~ neither True nor False",
        "{'descr': '<u2', 'fortran_order': Truest, 'shape': (2,)}         ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (-2,)}         ~ negative",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2)}           ~ no tuple",
        "{'descr': '<u2', 'fortran_order': False, 'shape': [2]}           ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2.0)}      ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2 3)}         ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (,)}           ~ whole number",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (0x10,)}       ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (007,)}        ~ whole number",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1e3,)}        ~ damaged",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2,            ~ whole number",
        "{'descr': '<u2', 'fortran_order': False}                         ~ lacks shape",
        "{'descr': '<u2', 'shape': (2,)}                                  ~ lacks fortran_order",
        "{'fortran_order': False, 'shape': (2,)}                          ~ lacks descr",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), 'x': 1}  ~ unknown key",
        "{'descr': '<u2', 'descr': '|O', 'fortran_order': False}          ~ descr twice",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2,)} + 1      ~ behind its end",
        "{'descr': '<u\\x32', 'fortran_order': False, 'shape': (2,)}      ~ escapes",
        "{'descr': '<u2, 'fortran_order': False, 'shape': (2,)}           ~ damaged",
        "['descr']                                                        ~ has no {",
        "{                                                                ~ has no '",
        "__import__('os').system('true')                                  ~ has no {",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1000000000000, 1000000000000)} ~ claims",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (4611686018427387904,)}         ~ digits",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999999,)}     ~ digits",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (999999999999999999, 8)}        ~ claims"
    })
    void refusesWhatIsNoHeader(String dict, String words) {
        assertRefused(dict, words);
    }

    @Test
    void refusesMoreDimensionsThanThereAre() {
        assertRefused(USUAL.replace("(2, 3)", "(" + "1, ".repeat(33) + ")"), "33 dimensions");
        assertRefused(USUAL.replace("(2, 3)", "(" + "1, ".repeat(20_000) + ")"), "more than 100");
    }

    @Test
    void refusesWhatIsCutOffOrClaimsTooMuch() {
        byte[] whole = NpyFileTest.header(USUAL);
        for (int length = 1; length < whole.length; length++) {
            byte[] start = Arrays.copyOf(whole, length);
            assertEquals(ErrorKind.FILE_FAILED, assertThrows(AlcoveException.class, () -> parse(start)).kind());
        }
        byte[] huge = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1, '{'};
        assertTrue(assertThrows(AlcoveException.class, () -> parse(huge)).getMessage().contains("claims 4294967295"));
        byte[] future = NpyFileTest.header(USUAL);
        future[6] = 9;
        assertTrue(assertThrows(AlcoveException.class, () -> parse(future)).getMessage().contains("version 9.0"));
        byte[] noText = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 3, 0, 1, 0, 0, 0, -1};
        assertTrue(assertThrows(AlcoveException.class, () -> parse(noText)).getMessage().contains("UTF-8"));
    }

    @Test
    void ofMutatedHeadersNothingComesButAnArrayOrAClearError() {
        Random random = new Random(7);
        String[] words = {"'", "\"", "(", ")", "{", "}", ",", ":", "L", "-", "9", "0", "True", "\\", "\u00e9", "\n",
            "shape", "descr", "|O", "99999999999999999", "[", "__import__"};
        int readable = 0;
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = NpyFileTest.header(mutated(USUAL, words, random));
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                assertTrue(parse(bytes).bytes() >= 0);
                readable++;
            } catch (AlcoveException refused) {
                assertEquals(ErrorKind.FILE_FAILED, refused.kind());
            }
        }
        assertTrue(readable > 100, readable + " could be read");
    }

    private static String mutated(String dict, String[] words, Random random) {
        StringBuilder text = new StringBuilder(dict);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            int length = Math.min(random.nextInt(4), text.length() - at);
            text.replace(at, at + length, words[random.nextInt(words.length)]);
        }
        return text.toString();
    }

    private static void assertRefused(String dict, String words) {
        String message = assertThrows(AlcoveException.class, () -> parse(NpyFileTest.header(dict))).getMessage();
        assertTrue(message.contains(words) && message.contains("image.npy"), message);
    }

    private static NpyHeader parse(byte[] bytes) {
        try {
            return NpyHeader.read(new ByteArrayInputStream(bytes), NpyFailures.in(Path.of("image.npy")));
        } catch (IOException e) {
            throw new AssertionError(new String(bytes, StandardCharsets.ISO_8859_1), e);
        }
    }
}

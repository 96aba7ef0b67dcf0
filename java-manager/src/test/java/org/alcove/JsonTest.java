package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON that the protocol allows: what is read, what is refused, what is written. */
class JsonTest {
    @Test
    void readsEveryKindOfValueAsPlainJava() throws IOException {
        assertEquals(
                Map.of("list", List.of(1L, -2L, 0.5, "text", true, false), "object", Map.of("a", Map.of())),
                parse("{\"list\": [1, -2, 5e-1, \"text\", true, false], \"object\": {\"a\": {}}}"));
        assertNull(parse("null"));
    }

    @Test
    void tellsIntegersFromFloatsByHowTheyAreWritten() throws IOException {
        assertEquals(3L, parse("3"));
        assertEquals(3.0, parse("3.0"));
        assertEquals(3.0, parse("3e0"));
        assertEquals(Long.MIN_VALUE, parse("-9223372036854775808"));
        assertEquals(BigInteger.ONE.shiftLeft(63), parse("9223372036854775808"));
    }

    @Test
    void keepsTheOrderOfMembers() throws IOException {
        assertEquals(List.of("z", "a", "m"), List.copyOf(Tree.object(parse("{\"z\":1,\"a\":2,\"m\":3}")).keySet()));
    }

    @Test
    void nestsTwoHundredDeepAndNoDeeper() throws IOException {
        parse("[".repeat(200) + "]".repeat(200));
        parse("{\"a\":".repeat(199) + "{}" + "}".repeat(199));
        refuses("[".repeat(201) + "]".repeat(201));
        refuses("{\"a\":".repeat(200) + "[]" + "}".repeat(200));
    }

    @Test
    void refusesALineOfOpeningBracketsWithoutOverflowingTheStack() {
        refuses("[".repeat(1 << 20));
    }

    @Test
    void readsIntegersOfAThousandDigits() throws IOException {
        String digits = "9".repeat(1000);
        assertEquals(new BigInteger(digits), parse(digits));
        assertEquals(new BigInteger("-" + digits), parse("-" + digits));
    }

    @Test
    void refusesIntegersOfMoreThanAThousandDigits() {
        refuses("1" + "0".repeat(1000));
        refuses("-1" + "0".repeat(1000));
        refuses("1" + "0".repeat(1 << 20));
    }

    @Test
    void readsAFloatOfAnyLength() throws IOException {
        assertEquals(0.1, parse("0.1" + "0".repeat(5000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "-1e400", "1.8e308"})
    void refusesFloatsThatOverflow(String text) {
        refuses(text);
    }

    @Test
    void roundsTinyFloatsToZero() throws IOException {
        assertEquals(0.0, parse("1e-400"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "'a'", "{a:1}", "[1,]", "{\"a\":1,}",
                "// comment\n1", "1 2", "{} {}", "[1", "{\"a\"", "\"a", "tru",
                "\"tab\tinside\"", "\"\\x41\"", "\"\\ud8\""
            })
    void refusesWhatIsNotJson(String text) {
        refuses(text);
    }

    @Test
    void refusesAByteOrderMark() {
        refuses("\uFEFF{}");
    }

    @Test
    void refusesOtherEncodingsThanUtf8() {
        refuses("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE));
        refuses("{\"a\":1}".getBytes(StandardCharsets.UTF_16BE));
    }

    @Test
    void refusesInvalidUtf8() {
        refuses(quoted(0xFF));
        refuses(quoted(0x80)); // a continuation without a start
        refuses(quoted(0xC3)); // a start without its continuation
        refuses(quoted(0xC0, 0x80)); // longer than it need be
        refuses(quoted(0xED, 0xA0, 0x80)); // a surrogate
        refuses(quoted(0xF4, 0x90, 0x80, 0x80)); // beyond the last character
    }

    @Test
    void readsRawUtf8() throws IOException {
        assertEquals("Zellkörper \uD83D\uDD2C", parse("\"Zellkörper \uD83D\uDD2C\""));
    }

    @Test
    void writesAsciiOnOneLine() {
        assertEquals("\"Zellk\\u00F6rper \\uD83D\\uDD2C\\n\"\n", written("Zellkörper \uD83D\uDD2C\n"));
    }

    @Test
    void keepsLoneSurrogates() throws IOException {
        for (String text : List.of("\uD800", "a\uDC00b", "\uDC00\uD800", "\uD83D")) {
            String line = written(text);
            assertEquals(line.length(), line.getBytes(StandardCharsets.US_ASCII).length);
            assertEquals(text, parse(line));
        }
        assertEquals("\"\\uD800\"\n", written("\uD800"));
    }

    @Test
    void parsesAPartOfABuffer() throws IOException {
        byte[] bytes = "xx[1]yy".getBytes(UTF_8);
        assertEquals(List.of(1L), Json.parse(bytes, 2, 3));
    }

    private static Object parse(String text) throws IOException {
        return Json.parse(text.getBytes(UTF_8));
    }

    private static void refuses(String text) {
        refuses(text.getBytes(UTF_8));
    }

    private static void refuses(byte[] bytes) {
        assertThrows(IOException.class, () -> Json.parse(bytes), () -> new String(bytes, UTF_8));
    }

    private static byte[] quoted(int... bytes) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.write('"');
        for (int each : bytes) {
            line.write(each);
        }
        line.write('"');
        return line.toByteArray();
    }

    private static String written(String text) {
        byte[] line = Json.line(json -> json.writeString(text));
        String ascii = new String(line, StandardCharsets.US_ASCII);
        assertArrayEquals(line, ascii.getBytes(StandardCharsets.US_ASCII));
        return ascii;
    }
}

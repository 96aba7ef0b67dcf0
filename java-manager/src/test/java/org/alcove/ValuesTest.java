package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java values to the wire and back. */
class ValuesTest {
    @TempDir
    private Path directory;

    private SharedMemory memory;

    @BeforeEach
    void open() {
        memory = SharedMemory.open(directory);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void sendsIntegersOfEveryWidthExactly() throws IOException {
        assertEquals(List.of(1L, 2L, 3L, Long.MIN_VALUE), returned(List.of((byte) 1, (short) 2, 3, Long.MIN_VALUE)));
        BigInteger large = BigInteger.TEN.pow(400).negate();
        assertEquals(large, returned(large));
    }

    @Test
    void refusesAnIntegerThatIsLongerThanTheProtocolAllows() throws IOException {
        BigInteger longest = BigInteger.TEN.pow(1000).subtract(BigInteger.ONE);
        assertEquals(longest, returned(longest));
        assertEquals(longest.negate(), returned(longest.negate()));
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> encoded(Map.of("count", BigInteger.TEN.pow(1000))));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().contains("inputs.count"), failure.getMessage());
    }

    @Test
    void keepsFloatsThatHappenToBeWhole() throws IOException {
        assertEquals(3.0, returned(3.0));
        assertEquals(1e22, returned(1e22));
        assertEquals(-0.0, returned(-0.0));
        assertEquals(0.5, returned(0.5f));
    }

    @Test
    void tagsNumbersThatJsonCannotWrite() throws IOException {
        assertEquals("{\"$type\":\"float\",\"value\":\"NaN\"}", encoded(Double.NaN));
        assertEquals(
                List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY),
                returned(List.of(Float.NaN, Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)));
    }

    @Test
    void sendsBytes() throws IOException {
        byte[] bytes = {0, -1, 127, -128};
        assertEquals("{\"$type\":\"bytes\",\"base64\":\"AP9/gA==\"}", encoded(bytes));
        assertArrayEquals(bytes, (byte[]) returned(bytes));
        assertArrayEquals(new byte[0], (byte[]) returned(new byte[0]));
    }

    @Test
    void sendsTextNullBooleansAndCollections() throws IOException {
        assertEquals("µm \uD83D\uDD2C \uD800", returned("µm \uD83D\uDD2C \uD800"));
        assertEquals(Arrays.asList(null, true, "c"), returned(Arrays.asList(null, true, 'c')));
        assertEquals(Map.of("", Map.of("a b", List.of())), returned(Map.of("", Map.of("a b", Set.of()))));
    }

    @Test
    void sendsAPathAsAbsoluteTextAndAnEnumAsItsName() throws IOException {
        assertEquals(Path.of("bild.tif").toAbsolutePath().toString(), returned(Path.of("bild.tif")));
        assertEquals("UINT16", returned(DType.UINT16));
    }

    @Test
    void keepsAPlainObjectThatLooksLikeATaggedOne() throws IOException {
        Map<String, Object> misleading = Map.of("$type", "ndarray", "inner", List.of(Map.of("$type", 1L)));
        assertEquals(misleading, returned(misleading));
        assertTrue(encoded(misleading).startsWith("{\"$type\":\"object\",\"value\":{"));
    }

    @Test
    void keepsComplexNumbers() throws IOException {
        Object number =
                decoded("{\"$type\":\"complex\",\"real\":1.5,\"imag\":{\"$type\":\"float\",\"value\":\"NaN\"}}");
        assertEquals(new Complex(1.5, Double.NaN), number);
        assertEquals(number, returned(number));
        assertEquals(new Complex(1, -2), decoded("{\"$type\":\"complex\",\"real\":1,\"imag\":-2}"));
    }

    @Test
    void namesThePlaceOfWhatCannotBeSent() {
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> encoded(Map.of("stats", List.of(1, Map.of("when", Instant.EPOCH)))));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().startsWith("inputs.stats[1].when: a java.time.Instant"), failure.getMessage());
        assertTrue(failure.hint().isPresent());
    }

    @Test
    void sendsJavaArraysAsLists() throws IOException {
        assertEquals(List.of(1L, -2L), returned(new int[] {1, -2}));
        assertEquals(List.of(1L, 2L), returned(new short[] {1, 2}));
        assertEquals(List.of(1.5, Double.NaN), returned(new float[] {1.5f, Float.NaN}));
        assertEquals(List.of(true), returned(new boolean[] {true}));
        assertEquals(List.of(List.of(1.0), List.of()), returned(new double[][] {{1}, {}}));
        assertEquals(Arrays.asList("a", null), returned(new String[] {"a", null}));
    }

    @Test
    void sendsDecimalsAsTheNearestDouble() throws IOException {
        assertEquals(0.1, returned(new BigDecimal("0.1")));
        assertEquals(1e300, returned(new BigDecimal("1e300")));
        refuses("inputs.a", Map.of("a", new BigDecimal("1e400")));
    }

    @Test
    void takesTextsOfAllKindsForKeys() throws IOException {
        Map<Object, Object> map = new HashMap<>();
        map.put(new StringBuilder("builder"), 1);
        map.put('c', 2);
        map.put(DType.INT8, 3);
        assertEquals(Map.of("builder", 1L, "c", 2L, "INT8", 3L), returned(map));
    }

    @Test
    void refusesKeysThatAreNoTextOrTheSame() {
        refuses("inputs.a", Map.of("a", Map.of(1, 2)));
        refuses("inputs", Collections.singletonMap(null, 1));
        refuses("inputs", new TreeMap<>(Map.of(1, 2))); // which cannot be asked for a text
        refuses("inputs[0]", List.of(Map.of('c', 1, "c", 2)));
        refuses("inputs", Map.of("\uD800", 1)); // half a surrogate pair: some parsers refuse it as a name
    }

    @Test
    void refusesWhatCanBeGoneThroughOnlyOnce() {
        refuses("inputs.a", Map.of("a", Stream.of(1)));
        refuses("inputs.a", Map.of("a", List.of(1).iterator()));
        refuses("inputs.a", Map.of("a", (Iterable<Object>) List.of((Object) 1)::iterator));
        refuses("inputs.a", Map.of("a", Optional.of(1)));
    }

    @Test
    void takesACopyOfWhatItIsGiven() throws IOException {
        List<Object> list = new ArrayList<>(List.of(1));
        byte[] bytes = {1};
        Object plain = Values.plain(Map.of("list", list, "bytes", bytes), Place.of("inputs"));
        list.add(2);
        bytes[0] = 2;
        assertEquals(List.of(1L), Tree.object(plain).get("list"));
        assertArrayEquals(new byte[] {1}, (byte[]) Tree.object(plain).get("bytes"));
    }

    @Test
    void refusesAListThatContainsItself() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        refuses("inputs.a", Map.of("a", list));
    }

    @Test
    void countsTheLevelsOfTaggedValues() throws IOException {
        for (Object value : List.of(1.5, Double.NaN, new Complex(1, Double.NaN), new byte[1], Map.of("$type", 1),
                new Table(Map.of("a", List.of(Double.NaN))))) {
            Object nested = value;
            int depth = 0;
            while (isSendable(nested)) {
                String line = "{\"params\":{\"inputs\":" + encoded(nested) + "}}";
                Json.parse(line.getBytes(UTF_8)); // whatever is sent can be read
                nested = List.of(nested);
                depth++;
            }
            assertTrue(depth > 190, value + " is refused at depth " + depth);
        }
    }

    private static boolean isSendable(Object value) {
        try {
            Values.plain(value, Place.of("inputs"));
            return true;
        } catch (AlcoveException e) {
            return false;
        }
    }

    private static void refuses(String path, Object value) {
        AlcoveException failure = assertThrows(AlcoveException.class, () -> encoded(value));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().startsWith(path + ": ") || failure.getMessage().startsWith(path + " is nested"),
                failure.getMessage());
        assertTrue(failure.hint().isPresent());
    }

    @Test
    void refusesValuesThatAreNestedTooDeep() {
        Object value = 1;
        for (int depth = 0; depth < 500; depth++) {
            value = List.of(value);
        }
        Object deep = value;
        AlcoveException failure = assertThrows(AlcoveException.class, () -> encoded(deep));
        assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
        assertTrue(failure.getMessage().contains("200"), failure.getMessage());
        assertFalse(failure.getMessage().contains("jackson"), failure.getMessage());
    }

    @Test
    void sendsAnArrayAsADescriptorOfItsBlock() throws IOException {
        List<Axis> axes = List.of(new Axis("z", "space", "micrometer", 0.5, 10), Axis.named("y"), Axis.named("c"));
        try (SharedArray array = array(DType.UINT16, axes, 2, 3, 4)) {
            assertEquals(
                    Json.parse(("{\"$type\":\"ndarray\",\"block\":\"" + array.block().name + "\",\"offset\":0,"
                                    + "\"dtype\":\"uint16\",\"shape\":[2,3,4],\"axes\":["
                                    + "{\"name\":\"z\",\"type\":\"space\",\"unit\":\"micrometer\",\"scale\":0.5,"
                                    + "\"translation\":10.0},"
                                    + "{\"name\":\"y\",\"type\":\"space\"},"
                                    + "{\"name\":\"c\",\"type\":\"channel\"}]}")
                            .getBytes(UTF_8)),
                    Json.parse(encoded(array).getBytes(UTF_8)));
        }
    }

    @Test
    void readsAnArrayWhereverItLiesInItsBlock() throws IOException {
        Block block = memory.allocate(8192);
        block.view(128, 4).put(new byte[] {1, 0, 2, 0});
        String descriptor = "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":128,\"dtype\":\"int16\",\"shape\":[1,2],"
                + "\"axes\":[{\"name\":\"t\"},{\"name\":\"x\",\"type\":\"space\",\"unit\":null,\"scale\":2}]}";
        try (SharedArray array =
                (SharedArray) Values.read(Json.parse(descriptor.getBytes(UTF_8)), memory, Map.of("b", block))) {
            assertArrayEquals(new short[] {1, 2}, array.toShorts());
            assertArrayEquals(new long[] {1, 2}, array.shape());
            assertEquals(
                    List.of(new Axis("t", "space", null, 1, 0), new Axis("x", "space", null, 2, 0)), array.axes());
        }
    }

    @Test
    void readsAnArrayWithoutElementsThatHasNoBlock() throws IOException {
        String descriptor =
                "{\"$type\":\"ndarray\",\"block\":null,\"offset\":0,\"dtype\":\"float32\",\"shape\":[0,512]}";
        try (SharedArray array = (SharedArray) decoded(descriptor)) {
            assertEquals(0, array.toFloats().length);
            assertEquals(decoded(encoded(array)).getClass(), SharedArray.class);
            assertTrue(encoded(array).contains("\"block\":null"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"$type\":\"moon\"}",
                "{\"$type\":null}",
                "{\"$type\":1}",
                "{\"$type\":\"float\",\"value\":\"nan\"}",
                "{\"$type\":\"float\"}",
                "{\"$type\":\"bytes\",\"base64\":\"*\"}",
                "{\"$type\":\"bytes\"}",
                "{\"$type\":\"complex\",\"real\":1}",
                "{\"$type\":\"complex\",\"real\":1,\"imag\":\"i\"}",
                "{\"$type\":\"object\"}",
                "{\"$type\":\"object\",\"value\":[]}",
                "{\"$type\":\"ndarray\",\"block\":null,\"offset\":0,\"dtype\":\"uint8\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"other\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":4096,\"dtype\":\"uint8\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":-64,\"dtype\":\"uint8\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":9223372036854775744,\"dtype\":\"bool\",\"shape\":[99]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[4097]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[-1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[1.5]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":5}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"bool\",\"shape\":[4294967296,4294967296]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"object\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":3,\"dtype\":\"uint16\",\"shape\":[1]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[1],\"axes\":[]}",
                "{\"$type\":\"ndarray\",\"block\":\"b\",\"offset\":0,\"dtype\":\"uint8\",\"shape\":[1],\"axes\":[{}]}"
            })
    void callsAMalformedValueOfAWorkersAViolationOfTheProtocol(String text) throws IOException {
        Object value = Json.parse(text.getBytes(UTF_8));
        Block block = memory.allocate(4096);
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> Values.read(value, memory, Map.of("b", block)));
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, failure.kind(), failure.getMessage());
        assertEquals(1, block.users, "the block has a user that nobody can close");
    }

    @Test
    void findsArraysAtAnyDepthEachOnce() {
        try (SharedArray array = array(DType.UINT8, List.of(), 4)) {
            assertEquals(Set.of(array), Values.arraysIn(Map.of("a", List.of(Map.of("b", array)), "c", array)));
            assertEquals(Set.of(), Values.arraysIn(Map.of("path", Path.of("a", "b"))));
        }
    }

    @Test
    void findsBlocksOnlyInArrays() throws IOException {
        Object value = Json.parse(("{\"a\":[{\"$type\":\"ndarray\",\"block\":\"one\"}],\"block\":\"two\","
                        + "\"b\":{\"$type\":\"object\",\"value\":{\"c\":{\"$type\":\"ndarray\",\"block\":\"three\"}}},"
                        + "\"plain\":{\"$type\":\"object\",\"value\":{\"$type\":\"ndarray\",\"block\":\"four\"}}}")
                .getBytes(UTF_8));
        assertEquals(Set.of("one", "three"), Values.blocksIn(value));
        assertEquals(Set.of(), Values.blocksIn(null));
    }

    @Test
    void sendsMapsWithNullValues() throws IOException {
        assertNull(((Map<?, ?>) returned(new HashMap<>(Collections.singletonMap("mask", null)))).get("mask"));
        assertNotNull(returned(new ArrayList<>()));
    }

    private SharedArray array(DType dtype, List<Axis> axes, long... shape) {
        Block block = memory.allocate(SharedArray.elements(shape) * dtype.bytes());
        return new SharedArray(memory, block, 0, dtype, shape, axes);
    }

    private Object returned(Object value) throws IOException {
        return decoded(encoded(value));
    }

    private Object decoded(String text) throws IOException {
        return Values.read(Json.parse(text.getBytes(UTF_8)), memory, Map.of());
    }

    private static String encoded(Object value) {
        return new String(Json.line(json -> Values.write(json, value, "inputs")), UTF_8).stripTrailing();
    }
}

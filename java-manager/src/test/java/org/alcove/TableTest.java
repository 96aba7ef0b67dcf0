package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Data frames: as Java objects, on the wire, in ops. */
class TableTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void keepsColumnsInTheirOrder() {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put("label", List.of(1, 2, 3));
        columns.put("area", new double[] {1.5, 2.5, 3.5});
        columns.put("", Arrays.asList("a", null, true));
        Table table = new Table(columns);
        assertEquals(List.of("label", "area", ""), table.names());
        assertEquals(3, table.rows());
        assertEquals(List.of(1L, 2L, 3L), table.column("label"));
        assertEquals(List.of(1.5, 2.5, 3.5), table.column("area"));
        assertEquals(Arrays.asList("a", null, true), table.column(""));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> table.column("Area")).getMessage().contains("area"));
        assertEquals(0, new Table(Map.of()).rows());
    }

    @Test
    void doesNotChangeWithWhatItWasMadeOf() {
        List<Object> cells = new ArrayList<>(List.of(1));
        Map<String, Object> columns = new LinkedHashMap<>(Map.of("a", cells));
        Table table = new Table(columns);
        cells.set(0, 2);
        columns.clear();
        assertEquals(List.of(1L), table.column("a"));
        assertThrows(UnsupportedOperationException.class, () -> Tree.list(table.column("a")).clear());
    }

    @Test
    void isEqualToOneOfTheSameCells() {
        assertEquals(new Table(Map.of("a", List.of(1, 2.0))), new Table(Map.of("a", new Object[] {1L, 2.0f})));
        assertNotEquals(new Table(Map.of("a", List.of(1))), new Table(Map.of("a", List.of(1.0))));
        Map<String, Object> one = new LinkedHashMap<>(Map.of("a", List.of()));
        Map<String, Object> other = new LinkedHashMap<>(Map.of("b", List.of()));
        one.put("b", List.of());
        other.put("a", List.of());
        assertNotEquals(new Table(one), new Table(other), "their columns have another order");
    }

    @Test
    void writesTimesAsIso8601() {
        ZonedDateTime time = ZonedDateTime.of(2024, 2, 29, 12, 30, 1, 0, ZoneId.of("Europe/Paris"));
        Table table = new Table(Map.of("when", List.of(Instant.EPOCH, LocalDate.EPOCH, LocalTime.NOON, time)));
        assertEquals(
                List.of("1970-01-01T00:00:00Z", "1970-01-01", "12:00", "2024-02-29T12:30:01+01:00"), table.column("when"));
    }

    @Test
    void refusesWhatIsNoTable() {
        for (Map<String, Object> columns : List.<Map<String, Object>>of(
                Map.of("a", List.of(1), "b", List.of()),
                Map.of("a", "text"),
                Map.of("a", new byte[1]),
                Map.of("a", 5),
                Map.of("a", List.of(List.of())),
                Map.of("a", List.of(Map.of())),
                Map.of("a", List.of(new byte[1])),
                Map.of("a", List.of(new Object())),
                Map.of("a", List.of(BigInteger.TEN.pow(1000))),
                Map.of("a", new Table(Map.of())))) {
            IllegalArgumentException failure =
                    assertThrows(IllegalArgumentException.class, () -> new Table(columns), columns::toString);
            assertTrue(failure.getMessage().contains("a"), failure.getMessage());
        }
        try (SharedMemory memory = SharedMemory.open(bench.memoryDirectory());
                SharedArray plane = new SharedArray(memory, null, 0, DType.INT8, new long[] {0, 2}, List.of())) {
            assertThrows(IllegalArgumentException.class, () -> new Table(Map.of("a", plane)));
        }
    }

    @Test
    void givesItsBlocksBackWhenAnotherColumnIsMalformed() throws IOException {
        try (SharedMemory memory = SharedMemory.open(bench.memoryDirectory())) {
            Block block = memory.allocate(4096);
            Object value = Json.parse("""
                    {"$type": "table", "columns": [
                        {"name": "a", "values": {"$type": "ndarray", "block": "b", "offset": 0, "dtype": "uint8", "shape": [2]}},
                        {"name": "b", "values": [1]}]}
                    """.getBytes(UTF_8));
            assertThrows(AlcoveException.class, () -> Values.read(value, memory, Map.of("b", block)));
            assertEquals(1, block.users);
        }
    }

    @Test
    void goesThroughAnOp() throws Exception {
        PythonProgram.require("numpy");
        Alcove alcove = bench.open();
        Op scale = bench.op(alcove, "scale", """
                from alcove import Table, op

                @op
                def scale(table: Table, factor: float) -> Table:
                    return {"name": table["name"], "area": table["area"] * factor}
                """);
        try (SharedArray area = alcove.share(DType.FLOAT64, new double[] {1, 2}, "x", 2)) {
            Map<String, Object> columns = new LinkedHashMap<>();
            columns.put("name", Arrays.asList("one", null));
            columns.put("area", area);
            Outputs outputs = scale.call(Map.of("table", new Table(columns), "factor", 2.5));
            Table table = outputs.table("table");
            assertEquals(List.of("name", "area"), table.names());
            assertEquals(Arrays.asList("one", null), table.column("name"));
            SharedArray scaled = (SharedArray) table.column("area");
            assertArrayEquals(new double[] {2.5, 5}, scaled.toDoubles());
            assertThrows(ClassCastException.class, () -> outputs.array("table"));
            outputs.close();
            assertThrows(IllegalStateException.class, scaled::toDoubles, "closed with the outputs");
        }
        assertEquals(Set.of(), Values.arraysIn(new Table(Map.of("a", List.of(1)))));
    }

    @Test
    void anArrayInATableIsNotTakenAwayBeforeTheCallHasEnded() throws Exception {
        PythonProgram.require("numpy");
        Alcove alcove = bench.open();
        Op sum = bench.op(alcove, "total", """
                from alcove import Table, op

                @op
                def total(table: Table) -> int:
                    return int(table["a"].sum())
                """);
        Call call;
        try (SharedArray array = alcove.share(DType.INT32, new int[] {1, 2}, "x", 2)) {
            call = sum.callAsync(Map.of("table", new Table(Map.of("a", array))));
        }
        alcove.share(DType.INT32, new int[] {7, 7}, "x", 2).close();
        try (Outputs outputs = call.await()) {
            assertEquals(3, outputs.integer("result"));
        }
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many small arrays of one reply, which the worker puts into one block. */
class SmallArraysTest {
    private static final String POLYGONS = """
            import numpy
            from alcove import Shapes, op

            @op
            def polygons(count: int, value: int) -> Shapes:
                return [
                    {"type": "polygon", "vertices": numpy.full((3, 2), float(value + number))} for number in range(count)
                ]
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @Test
    void aThousandPolygonsAreOneFile() {
        Op polygons = bench.op("polygons", POLYGONS);
        Set<String> blocks;
        try (Outputs outputs = polygons.call(Map.of("count", 1000, "value", 5))) {
            List<SharedArray> vertices = vertices(outputs);
            assertEquals(1000, vertices.size());
            IntStream.of(0, 1, 999).forEach(number -> expect(5 + number, vertices.get(number)));
            assertEquals(1, vertices.stream().map(array -> array.block().name).distinct().count());
            assertEquals(1, bench.blocks().size());
            blocks = bench.blocks();
        }
        try (Outputs outputs = polygons.call(Map.of("count", 1000, "value", 7))) {
            expect(7, vertices(outputs).get(0));
            assertEquals(blocks, bench.blocks(), "the same memory, used again");
        }
    }

    @Test
    void oneThatIsOpenKeepsItsContent() {
        Op polygons = bench.op("polygons", POLYGONS);
        SharedArray open = null;
        for (SharedArray array : vertices(polygons.call(Map.of("count", 100, "value", 5)))) {
            if (array.toDoubles()[0] == 42) {
                open = array;
            } else {
                array.close();
            }
        }
        Set<String> before = new TreeSet<>(bench.blocks());
        try (Outputs outputs = polygons.call(Map.of("count", 100, "value", 9))) {
            assertNotEquals(open.block().name, vertices(outputs).get(0).block().name);
            expect(42, open);
        }
        open.close();
        try (Outputs outputs = polygons.call(Map.of("count", 100, "value", 9))) {
            expect(9, vertices(outputs).get(0));
            assertEquals(before.size() + 1, bench.blocks().size());
        }
    }

    private static List<SharedArray> vertices(Outputs outputs) {
        return Values.arraysIn(outputs.asMap()).stream().toList();
    }

    private static void expect(double value, SharedArray vertices) {
        assertArrayEquals(new long[] {3, 2}, vertices.shape());
        assertArrayEquals(new double[] {value, value, value, value, value, value}, vertices.toDoubles());
    }
}

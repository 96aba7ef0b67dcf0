package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arrays to a real worker and back. */
class ArrayCallingTest {
    static final String ADD = """
            import numpy
            from alcove import Array, op

            @op
            def add(array: Array, value: int = 1) -> Array:
                return array + numpy.asarray(value, array.dtype)
            """;
    static final String IDENTITY = """
            from alcove import Array, op

            @op
            def identity(array: Array) -> Array:
                return array
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"COMPLEX64", "COMPLEX128"})
    void everyTypeOfElementsArrives(DType dtype) {
        try (Alcove alcove = bench.open();
                SharedArray array = alcove.share(dtype, one(dtype), "x", 3);
                Outputs outputs = bench.op(alcove, "describe", """
                        from alcove import Array, op

                        @op
                        def describe(array: Array) -> dict:
                            return {"dtype": array.dtype.name, "values": [float(value) for value in array],
                                    "writeable": bool(array.flags.writeable)}
                        """).call(Map.of("array", array))) {
            assertEquals(
                    Map.of("dtype", dtype.word(), "values", List.of(0.0, 1.0, 1.0), "writeable", false),
                    outputs.get("result"));
        }
    }

    @Test
    void everyTypeOfElementsComesBack() {
        Alcove alcove = bench.open();
        Op copy = bench.op(alcove, "copy", """
                from alcove import Array, op

                @op
                def copy(array: Array) -> Array:
                    return array.copy()
                """);
        for (DType dtype : DType.values()) {
            byte[] bytes = new byte[3 * dtype.bytes()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (dtype == DType.BOOL ? i % 2 : i + 1);
            }
            try (SharedArray array = alcove.allocate(dtype, Axis.list("x"), 3)) {
                array.forEachChunk(chunk -> chunk.put(bytes));
                try (Outputs outputs = copy.call(Map.of("array", array))) {
                    assertEquals(dtype, outputs.array("result").dtype());
                    outputs.array("result").forEachChunk(chunk -> assertEquals(ByteBuffer.wrap(bytes), chunk));
                }
            }
        }
    }

    @Test
    void aNewArrayComesBack() {
        try (Alcove alcove = bench.open();
                SharedArray array = alcove.share(DType.INT32, new int[] {1, 2, 3, 4, 5, 6}, "y x", 2, 3);
                Outputs outputs = bench.op(alcove, "add", ADD).call(Map.of("array", array, "value", 10))) {
            SharedArray result = outputs.array("result");
            assertArrayEquals(new int[] {11, 12, 13, 14, 15, 16}, result.toInts());
            assertArrayEquals(new long[] {2, 3}, result.shape());
            assertEquals(DType.INT32, result.dtype());
            assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6}, array.toInts());
        }
    }

    @Test
    void axesAndCalibrationTravelBothWays() {
        List<Axis> axes = List.of(
                new Axis("z", "space", "micrometer", 0.5, 2),
                new Axis("y", "space", "micrometer", 0.2, 0),
                Axis.named("x"));
        Alcove alcove = bench.open();
        Op coarsen = bench.op(alcove, "coarsen", """
                from typing import Annotated
                from alcove import Axes, Axis, Image, axes, op, set_axes

                @op
                def coarsen(image: Annotated[Image, Axes("z y x")]) -> Annotated[Image, Axes("z y x")]:
                    assert axes(image)[0] == Axis("z", "space", "micrometer", 0.5, 2.0), axes(image)
                    return set_axes(image * 2, [axis._replace(scale=axis.scale * 2) for axis in axes(image)])
                """);
        try (SharedArray image = alcove.allocate(DType.UINT8, axes, 1, 2, 3)) {
            image.copyFrom(new byte[] {1, 2, 3, 4, 5, 6});
            try (Outputs outputs = coarsen.call(Map.of("image", image))) {
                SharedArray result = outputs.array("image");
                assertArrayEquals(new byte[] {2, 4, 6, 8, 10, 12}, result.toBytes());
                assertEquals(new Axis("z", "space", "micrometer", 1.0, 2), result.axes().get(0));
                assertEquals(new Axis("y", "space", "micrometer", 0.4, 0), result.axes().get(1));
                assertEquals(new Axis("x", "space", null, 2, 0), result.axes().get(2));
            }
        }
    }

    @Test
    void anArrayWithoutElementsArrives() {
        try (Alcove alcove = bench.open();
                SharedArray array = alcove.share(DType.FLOAT32, new float[0], "y x", 0, 7);
                Outputs outputs = bench.op(alcove, "add", ADD).call(Map.of("array", array))) {
            assertArrayEquals(new long[] {0, 7}, outputs.array("result").shape());
            assertEquals(0, outputs.array("result").toFloats().length);
            assertEquals(Set.of(), bench.blocks());
        }
    }

    @Test
    void aSingleElementArrives() {
        try (Alcove alcove = bench.open();
                SharedArray array = alcove.allocate(DType.FLOAT64, List.of())) {
            array.copyFrom(new double[] {41});
            try (Outputs outputs = bench.op(alcove, "identity", IDENTITY).call(Map.of("array", array))) {
                assertArrayEquals(new double[] {41}, outputs.array("result").toDoubles());
            }
        }
    }

    @Test
    void arraysMayStandAnywhereAndTwice() {
        Alcove alcove = bench.open();
        Op pick = bench.op(alcove, "pick", """
                from alcove import op

                @op
                def pick(items: dict) -> dict:
                    one = items["a"][0]
                    return {"same": bool((one == items["b"]).all()), "list": [one + 1, one]}
                """);
        try (SharedArray array = alcove.share(DType.UINT8, new byte[] {1, 2}, "x", 2);
                Outputs outputs = pick.call(Map.of("items", Map.of("a", List.of(array), "b", array)))) {
            Map<String, Object> result = Tree.object(outputs.get("result"));
            assertEquals(true, result.get("same"));
            List<Object> list = Tree.list(result.get("list"));
            assertArrayEquals(new byte[] {2, 3}, ((SharedArray) list.get(0)).toBytes());
            assertArrayEquals(new byte[] {1, 2}, ((SharedArray) list.get(1)).toBytes());
        }
    }

    @Test
    void anArrayOfAnotherManagerIsRefused() {
        Op add = bench.op("add", ADD);
        try (SharedArray foreign = bench.open().share(DType.INT32, new int[1], "x", 1)) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> add.call(Map.of("array", foreign)))
                    .getMessage()
                    .contains("another Alcove"));
        }
    }

    private static Object one(DType dtype) {
        return switch (dtype) {
            case BOOL, INT8, UINT8 -> new byte[] {0, 1, 1};
            case INT16, UINT16 -> new short[] {0, 1, 1};
            case FLOAT16 -> new short[] {0, 0x3C00, 0x3C00};
            case INT32, UINT32 -> new int[] {0, 1, 1};
            case INT64, UINT64 -> new long[] {0, 1, 1};
            case FLOAT32 -> new float[] {0, 1, 1};
            default -> new double[] {0, 1, 1};
        };
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code adaptation.json}, from here through shared memory to a real worker and back. */
class AdaptationVectorsTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;
    private Map<String, Op> ops;

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @TestFactory
    Stream<DynamicTest> inputsAreMadeToFit() throws IOException {
        alcove = bench.open();
        ops = alcove.ops(Vectors.FOLDER.resolve("adaptation.py"), Workbench.python()).stream()
                .collect(Collectors.toMap(Op::name, Function.identity()));
        return Vectors.tests("adaptation.json", "vectors", this::check);
    }

    private void check(Map<String, Object> vector) {
        if (String.valueOf(vector.get("expected")).startsWith("a writable")) {
            return; // only a host that sends what it must not could be told so
        }
        Op op = ops.get((String) vector.get("op"))
                .adapting(Adaptation.valueOf(((String) vector.get("adapt")).toUpperCase(Locale.ROOT)));
        Map<String, Object> inputs = new LinkedHashMap<>();
        Tree.object(vector.get("inputs")).forEach((name, value) -> inputs.put(name, input(value)));
        try {
            if (vector.containsKey("outputs")) {
                try (Outputs outputs = op.call(inputs)) {
                    Map<String, Object> expected = Tree.object(vector.get("outputs"));
                    assertEquals(expected.keySet(), outputs.names());
                    expected.forEach((name, value) -> compare(value, outputs.get(name), name));
                }
            } else {
                checkFailure(vector, assertThrows(AlcoveException.class, () -> op.call(inputs).close()));
            }
            Tree.object(vector.get("written")).forEach((name, elements) ->
                    assertEquals(decoded(elements), Elements.of((SharedArray) inputs.get(name)), name));
            try (Outputs outputs = ops.get("calls").call(Map.of())) {
                assertEquals(vector.get("calls"), outputs.get("result"), "calls of the function");
            }
        } finally {
            Values.arraysIn(inputs).forEach(SharedArray::close);
        }
    }

    private static void checkFailure(Map<String, Object> vector, AlcoveException failure) {
        Object kind = vector.getOrDefault("failed", ErrorKind.INVALID_PARAMS.word());
        assertEquals(kind, failure.kind().word(), failure.getMessage());
        if (vector.containsKey("refused")) {
            assertEquals(vector.get("refused"), failure.data().get("path"));
            assertEquals(vector.get("expected"), failure.data().get("expected"));
        }
    }

    private Object input(Object value) {
        Map<String, Object> members = Tree.object(value);
        if (!isArray(members)) {
            return decoded(value);
        }
        DType dtype = DType.ofWord((String) members.get("dtype"));
        SharedArray array = alcove.allocate(dtype, axes(members.get("axes")), shape(members));
        Elements.fill(array, members.containsKey("values")
                ? Tree.list(decoded(members.get("values")))
                : Elements.counting(dtype, array.size()));
        return array;
    }

    private static void compare(Object expected, Object actual, String name) {
        Map<String, Object> members = Tree.object(expected);
        if (isArray(members)) {
            SharedArray array = (SharedArray) actual;
            assertEquals(members.get("dtype"), array.dtype().word(), name);
            assertArrayEquals(shape(members), array.shape(), name);
            if (members.containsKey("axes")) {
                compareAxes(members.get("axes"), array.axes());
            }
            if (members.containsKey("values")) {
                assertEquals(decoded(members.get("values")), Elements.of(array), name);
            }
        } else if (expected instanceof List<?> items && actual instanceof List<?> found) {
            assertEquals(items.size(), found.size(), name);
            for (int i = 0; i < items.size(); i++) {
                compare(items.get(i), found.get(i), name + "[" + i + "]");
            }
        } else {
            assertEquals(decoded(expected), actual, name);
        }
    }

    private static void compareAxes(Object expected, List<Axis> actual) {
        if (expected instanceof String names) {
            assertEquals(names, actual.stream().map(Axis::name).collect(Collectors.joining(" ")));
        } else {
            assertEquals(axes(expected), actual);
        }
    }

    private static boolean isArray(Map<String, Object> members) {
        return members.containsKey("shape") && members.containsKey("dtype");
    }

    private static long[] shape(Map<String, Object> members) {
        return Tree.list(members.get("shape")).stream().mapToLong(size -> (Long) size).toArray();
    }

    private static List<Axis> axes(Object axes) {
        if (axes == null) {
            return List.of();
        } else if (axes instanceof String names) {
            return Axis.list(names);
        }
        List<Axis> list = new ArrayList<>();
        for (Object item : Tree.list(axes)) {
            Map<String, Object> axis = Tree.object(item);
            list.add(new Axis(
                    (String) axis.get("name"),
                    (String) axis.getOrDefault("type", "space"),
                    (String) axis.get("unit"),
                    ((Number) axis.getOrDefault("scale", 1)).doubleValue(),
                    ((Number) axis.getOrDefault("translation", 0)).doubleValue()));
        }
        return list;
    }

    private static Object decoded(Object encoded) {
        return Values.read(encoded, null, Map.of());
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code values.json} from here to a real worker, through an op, and back. */
class EchoVectorsTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @TestFactory
    Stream<DynamicTest> valuesComeBackFromAnOp() {
        Op echo = bench.op("echo", """
                from typing import Any
                from alcove import op

                @op
                def echo(value: Any) -> Any:
                    return value
                """);
        return Vectors.tests("values.json", "vectors", vector -> {
            Object value = Values.read(vector.get("encoded"), null, Map.of());
            try (Outputs outputs = echo.call(Collections.singletonMap("value", value))) {
                assertEquals(written(value), written(outputs.get("result")));
            } finally {
                Values.arraysIn(value).forEach(SharedArray::close);
            }
        });
    }

    /** The form on the wire, because arrays are equal only to themselves. */
    private static Object written(Object value) throws Exception {
        return Json.parse(Json.line(json -> Values.write(json, value, "value")));
    }
}

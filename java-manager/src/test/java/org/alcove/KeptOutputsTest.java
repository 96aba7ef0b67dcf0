package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Views of what workers made that outlive the outputs: the worker gets its block back when they are gone. */
class KeptOutputsTest {
    private static final String OPS = """
            import os
            import numpy
            import alcove
            from alcove import Array, op

            cache = {}

            @op
            def make(value: int) -> Array:
                return numpy.full(5000, value, "uint8")

            @op
            def cached(value: int) -> Array:
                if not cache:
                    cache["array"] = alcove.empty((5000,), "uint8")
                    cache["array"][:] = value
                return cache["array"]

            @op
            def clear() -> None:
                cache.clear()

            @op
            def die() -> None:
                os._exit(1)
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Alcove alcove;
    private int mostTaken = 3;

    @BeforeAll
    static void requireNumpy() throws Exception {
        PythonProgram.require("numpy");
    }

    @BeforeEach
    void open() {
        alcove = bench.open();
        bench.file("make.py", OPS);
    }

    @Test
    void whatIsLookedAtIsNotOverwritten() {
        ByteBuffer view = view(result("make", 7));
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            try (Outputs outputs = result("make", 8)) {
                names.add(outputs.array("result").block().name);
            }
        }
        assertEquals(1, names.size(), "the worker recycles its other block");
        assertEquals(2, bench.blocks().size());
        assertEquals(7, view.get(4999));
    }

    @Test
    void theWorkerGetsItsBlockBackWhenNobodyLooks() throws Exception {
        String name = wrapAndDrop("make");
        Eventually.becomes("recycled", () -> {
            System.gc();
            return isFree(name);
        });
    }

    @Test
    void anArrayThatIsReturnedAgainWhileSomebodyLooksIsOnLoanUntilBothAreDone() throws Exception {
        String name = wrapAndDrop("cached");
        ByteBuffer view = view(result("cached", 9));
        assertEquals(1, view.get(0), "the cached one");
        try (Outputs outputs = result("cached", 9)) {
            assertEquals(name, outputs.array("result").block().name);
            op("clear").call(Map.of()).close();
            System.gc();
            assertFalse(isFree(name));
        }
        System.gc();
        assertFalse(isFree(name));
        assertEquals(1, view.get(0));
        view = null;
        Eventually.becomes("recycled", () -> {
            System.gc();
            return isFree(name);
        });
    }

    @Test
    void aViewOutlivesTheWorker() throws Exception {
        ByteBuffer view = view(result("make", 7));
        AlcoveException failure = assertThrows(AlcoveException.class, () -> op("die").call(Map.of()));
        assertEquals(ErrorKind.WORKER_DIED, failure.kind());
        Eventually.becomes("its blocks are deleted", () -> bench.blocks().isEmpty());
        assertEquals(7, view.get(4999));
        result("make", 8).close(); // by the next worker
        assertEquals(7, view.get(0));
    }

    private Outputs result(String op, int value) {
        return op(op).call(Map.of("value", value));
    }

    private Op op(String name) {
        return alcove.op(bench.folder().resolve("make.py"), name, Workbench.python());
    }

    private static ByteBuffer view(Outputs outputs) {
        try (outputs) {
            return outputs.array("result").buffer(0, 5000);
        }
    }

    /**
     * Whether the worker uses the block again. It uses those first that became free last: each time one more is taken than
     * before, or the block would stay below the others for ever when it becomes free just before them.
     */
    private boolean isFree(String name) {
        mostTaken++;
        List<Outputs> taken = new ArrayList<>();
        for (int i = 0; i < mostTaken; i++) {
            taken.add(result("make", 2));
        }
        taken.forEach(Outputs::close);
        return taken.stream().anyMatch(outputs -> outputs.array("result").block().name.equals(name));
    }

    private String wrapAndDrop(String op) {
        try (Outputs outputs = result(op, 1)) {
            assertEquals(1, outputs.array("result").buffer(0, 5000).get(1));
            return outputs.array("result").block().name;
        }
    }
}

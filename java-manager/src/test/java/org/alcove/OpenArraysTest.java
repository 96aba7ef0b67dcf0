package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who forgot to close an array is told where it was made. */
class OpenArraysTest {
    private final Workbench bench = new Workbench();

    @BeforeEach
    void set() throws IOException {
        bench.beforeEach(null);
    }

    @AfterEach
    void clear() throws Exception {
        bench.afterEach(null);
    }

    @Test
    void aTestThatLeavesAnArrayOpenFailsWithThePlace() throws Exception {
        Workbench another = new Workbench();
        another.beforeEach(null);
        SharedArray array = another.open().allocate(DType.UINT16, List.of(), 2, 3);
        AssertionError failure = assertThrows(AssertionError.class, () -> another.afterEach(null));
        Throwable trace = failure.getSuppressed()[0];
        assertTrue(trace.getMessage().contains("uint16 [2, 3]"), trace.getMessage());
        assertTrue(namesThisTest(trace, "aTestThatLeavesAnArrayOpenFailsWithThePlace"));
        array.close();
    }

    @Test
    void outputsAreTracedToWhoGotThem() throws Exception {
        PythonProgram.require("numpy");
        Op make = bench.op("make", """
                import numpy
                from alcove import Array, op

                @op
                def make() -> Array:
                    return numpy.ones(3)
                """);
        try (Outputs outputs = make.call(Map.of())) {
            List<OpenArrays.Trace> open = OpenArrays.all();
            assertEquals(3, outputs.array("result").size());
            assertTrue(open.stream().anyMatch(trace -> namesThisTest(trace, "outputsAreTracedToWhoGotThem")));
        }
    }

    @Test
    void whatTheCollectorHadToFindIsLogged() throws Exception {
        List<LogRecord> records = java.util.Collections.synchronizedList(new ArrayList<>());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                records.add(logged);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("org.alcove");
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            Alcove alcove = bench.open();
            alcove.allocate(DType.UINT8, List.of(), 1).close();
            forget(alcove);
            Eventually.becomes("logged", () -> {
                System.gc();
                return !records.isEmpty();
            });
            assertEquals(1, records.size());
            assertTrue(namesThisTest(records.get(0).getThrown(), "forget"));
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(handler);
        }
    }

    @Test
    void nothingIsRememberedUnlessSomebodyAsks() {
        OpenArrays.trace(false);
        List<OpenArrays.Trace> before = OpenArrays.all();
        try (SharedArray array = bench.open().allocate(DType.UINT8, List.of(), 1)) {
            assertEquals(1, array.size());
            assertTrue(before.containsAll(OpenArrays.all()));
        } finally {
            OpenArrays.trace(true);
        }
    }

    private static void forget(Alcove alcove) {
        alcove.allocate(DType.UINT8, List.of(), 2);
    }

    private static boolean namesThisTest(Throwable trace, String method) {
        return Stream.of(trace.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals(method)
                && frame.getClassName().equals(OpenArraysTest.class.getName()));
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Values to a real worker and back. */
class CallingTest {
    private static final String ECHO = """
            from alcove import op

            @op
            def echo(value: dict) -> dict:
                return value
            """;

    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void returnsEveryKindOfValueAsItWasSent() {
        Op echo = bench.op("echo", ECHO);
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("integers", List.of(0L, -1L, Long.MAX_VALUE, BigInteger.TWO.pow(3000)));
        value.put("floats", List.of(0.1, -0.0, 1e300, Double.MIN_VALUE, Double.NaN, Double.NEGATIVE_INFINITY));
        value.put("others", Arrays.asList(true, null, "Zellkörper \uD83D\uDD2C \uD800\n\0", new Complex(1, -2)));
        value.put("empty", List.of(List.of(), Map.of(), ""));
        value.put("tagged", Map.of("$type", "ndarray"));
        try (Outputs outputs = echo.call(Map.of("value", value))) {
            assertEquals(value, outputs.get("result"));
        }
        byte[] bytes = {0, 1, -1};
        try (Outputs outputs = echo.call(Map.of("value", Map.of("bytes", bytes)))) {
            assertArrayEquals(bytes, (byte[]) ((Map<?, ?>) outputs.get("result")).get("bytes"));
        }
    }

    @Test
    void namesAndTypesSeveralOutputs() {
        Op measure = bench.op("measure", """
                from typing import NamedTuple
                from alcove import op

                class Measured(NamedTuple):
                    count: int
                    mean: float
                    label: str

                @op
                def measure() -> Measured:
                    return Measured(3, 0.5, "Kern")
                """);
        try (Outputs outputs = measure.call(Map.of())) {
            assertEquals(List.of("count", "mean", "label"), List.copyOf(outputs.names()));
            assertEquals(3, outputs.integer("count"));
            assertEquals(3.0, outputs.number("count"));
            assertEquals(0.5, outputs.number("mean"));
            assertEquals("Kern", outputs.text("label"));
            assertEquals(Map.of("count", 3L, "mean", 0.5, "label", "Kern"), outputs.asMap());
            assertTrue(assertThrows(ClassCastException.class, () -> outputs.integer("mean"))
                    .getMessage()
                    .contains("mean"));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> outputs.get("max"))
                    .getMessage()
                    .contains("count, mean, label"));
        }
        assertEquals(List.of("count", "mean", "label"), measure.outputs().stream().map(Parameter::name).toList());
    }

    @Test
    void tellsWhatTheOpTakes() {
        Op blur = bench.op("blur", """
                from typing import Annotated, Literal, Optional
                from alcove import Image, Range, Unit, op

                @op(title="Blur a lot")
                def blur(
                    image: Image,
                    sigma: Annotated[float, Range(0.5, 20), Unit("um")] = 2.0,
                    mode: Literal["reflect", "wrap"] = "reflect",
                    mask: Optional[str] = None,
                ) -> Image:
                    \"\"\"Makes an image soft.\"\"\"
                    return image
                """);
        assertEquals("blur", blur.name());
        assertEquals("Blur a lot", blur.title());
        assertEquals("Makes an image soft.", blur.description());
        assertEquals(List.of("image", "sigma", "mode", "mask"), blur.inputs().stream().map(Parameter::name).toList());
        Parameter sigma = blur.inputs().get(1);
        assertEquals(2.0, sigma.defaultValue());
        assertEquals(0.5, sigma.minimum().orElseThrow().doubleValue());
        assertEquals(20.0, sigma.maximum().orElseThrow().doubleValue());
        assertEquals("um", sigma.unit().orElseThrow());
        assertTrue(blur.inputs().get(0).required());
        assertEquals("image", blur.inputs().get(0).role().orElseThrow());
        assertEquals(List.of("reflect", "wrap"), blur.inputs().get(2).choices());
        assertTrue(blur.inputs().get(3).nullable());
    }

    @Test
    void saysWhichInputIsWrong() {
        Op add = bench.op("add", """
                from alcove import op

                @op
                def add(a: int, b: int = 1) -> int:
                    return a + b
                """);
        Map<String, Object> nothing = new HashMap<>();
        nothing.put("a", null);
        List<Map<String, Object>> wrong =
                List.of(Map.of(), Map.of("a", "x"), Map.of("a", 1.5), Map.of("a", true), nothing);
        for (Map<String, Object> inputs : wrong) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> add.call(inputs));
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertEquals("inputs.a", failure.data().get("path"));
        }
        AlcoveException failure = assertThrows(AlcoveException.class, () -> add.call(Map.of("a", 1, "c", 2)));
        assertTrue(failure.getMessage().contains("c"), failure.getMessage());
        try (Outputs outputs = add.call(Map.of("a", 41))) {
            assertEquals(42, outputs.integer("result"));
        }
    }

    @Test
    void bringsAnExceptionOfTheOpWithItsTraceback() {
        Op divide = bench.op("divide", """
                from alcove import op

                @op
                def divide(by: int) -> float:
                    return 1 / by
                """);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> divide.call(Map.of("by", 0)));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("ZeroDivisionError"), failure.getMessage());
        assertTrue(failure.traceback().contains("return 1 / by"), failure.traceback());
        Map<String, Object> frame = Tree.object(Tree.list(failure.data().get("frames")).get(0));
        assertTrue(String.valueOf(frame.get("file")).endsWith("divide.py"));
        assertEquals(5L, frame.get("line"));
        assertTrue(Arrays.stream(failure.getStackTrace())
                .anyMatch(element -> element.getClassName().equals(CallingTest.class.getName())));
    }

    @Test
    void bringsAnExpectedFailureWithItsHint() {
        Op fail = bench.op("fail", """
                from alcove import OpError, op

                @op
                def fail() -> int:
                    raise OpError("there are no cells", hint="use a brighter image", cause="empty", count=0)
                """);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> fail.call(Map.of()));
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertEquals("there are no cells", failure.getMessage());
        assertEquals("use a brighter image", failure.hint().orElseThrow());
        assertEquals(Map.of("cause", "empty", "count", 0L), failure.data().get("details"));
    }

    @Test
    void namesThePlaceOfAnOutputThatCannotBeSent() {
        Op now = bench.op("now", """
                import datetime
                from alcove import op

                @op
                def now() -> dict:
                    return {"stats": [{"when": datetime.datetime.now()}]}
                """);
        AlcoveException failure = assertThrows(AlcoveException.class, () -> now.call(Map.of()));
        assertEquals(ErrorKind.UNENCODABLE_OUTPUT, failure.kind());
        assertEquals("outputs.result.stats[0].when", failure.data().get("path"));
    }

    @Test
    void failsBeforeSendingWhatTheProtocolDoesNotAllow() {
        Op echo = bench.op("echo", ECHO);
        Object deep = 1;
        for (int i = 0; i < 250; i++) {
            deep = List.of(deep);
        }
        for (Object unsendable : List.of(Stream.of(3), BigInteger.TEN.pow(1000), deep, "x".repeat(17 << 20))) {
            AlcoveException failure =
                    assertThrows(AlcoveException.class, () -> echo.call(Map.of("value", Map.of("a", unsendable))));
            ErrorKind expected =
                    unsendable instanceof String ? ErrorKind.MESSAGE_TOO_LARGE : ErrorKind.INVALID_PARAMS;
            assertEquals(expected, failure.kind(), failure.getMessage());
            // Its message is for people: no class of ours or of a library.
            assertTrue(!failure.getMessage().contains("fasterxml"), failure.getMessage());
        }
        echo.call(Map.of("value", Map.of())).close();
    }

    @Test
    void refusesAReplyThatIsTooLargeAndGoesOn() {
        Op repeat = bench.op("repeat", """
                from alcove import op

                @op
                def repeat(count: int) -> str:
                    return "x" * count
                """);
        AlcoveException failure =
                assertThrows(AlcoveException.class, () -> repeat.call(Map.of("count", 17 << 20)));
        assertEquals(ErrorKind.MESSAGE_TOO_LARGE, failure.kind());
        try (Outputs outputs = repeat.call(Map.of("count", 3))) {
            assertEquals("xxx", outputs.text("result"));
        }
    }

    @Test
    void queuesManyLargeCallsWithoutADeadlock() {
        Op echo = bench.op("echo", ECHO);
        String large = "x".repeat(300_000);
        List<Call> calls = new ArrayList<>();
        for (long i = 0; i < 40; i++) {
            calls.add(echo.callAsync(Map.of("value", Map.of("index", i, "large", large))));
        }
        for (long i = 0; i < 40; i++) {
            try (Outputs outputs = calls.get((int) i).await()) {
                assertEquals(Map.of("index", i, "large", large), outputs.get("result"));
            }
        }
    }

    @Test
    void answersEachOfManyThreads() throws Exception {
        Op echo = bench.op("echo", ECHO);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            long number = thread;
            threads.add(CompletableFuture.runAsync(() -> {
                for (long i = 0; i < 50; i++) {
                    Map<String, Object> value = Map.of("thread", number, "i", i);
                    try (Outputs outputs = echo.call(Map.of("value", value))) {
                        assertEquals(value, outputs.get("result"));
                    }
                }
            }));
        }
        CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(2, TimeUnit.MINUTES);
    }

    @Test
    void givesTheOutcomeAsAFuture() throws Exception {
        Op echo = bench.op("echo", ECHO);
        CompletableFuture<Outputs> future = echo.callAsync(Map.of("value", Map.of("a", 1))).future();
        String thread = future.thenApply(outputs -> Thread.currentThread().getName()).get(1, TimeUnit.MINUTES);
        assertTrue(!thread.contains("reader"), "a user's code runs on " + thread);
        try (Outputs outputs = future.join()) {
            assertEquals(Map.of("a", 1L), outputs.get("result"));
        }
    }

    @Test
    void givesAFailureAsAFuture() {
        Op fail = bench.op("fail", """
                from alcove import op

                @op
                def fail() -> int:
                    return 1 // 0
                """);
        CompletableFuture<Outputs> future = fail.callAsync(Map.of()).future();
        AlcoveException failure = assertInstanceOf(
                AlcoveException.class,
                assertThrows(ExecutionException.class, () -> future.get(1, TimeUnit.MINUTES)).getCause());
        assertEquals(ErrorKind.OP_FAILED, failure.kind());
        assertInstanceOf(AlcoveException.class, assertThrows(CompletionException.class, future::join).getCause());
    }

    @Test
    void whatFollowsACallMayBlockAndCallAgain() throws Exception {
        Op echo = bench.op("echo", ECHO);
        Object nested = echo.callAsync(Map.of("value", Map.of()))
                .future()
                .thenApply(outputs -> {
                    outputs.close();
                    try (Outputs again = echo.call(Map.of("value", Map.of("again", true)))) {
                        return again.get("result");
                    }
                })
                .get(1, TimeUnit.MINUTES);
        assertEquals(Map.of("again", true), nested);
    }

    @Test
    void keepsAWorkerAlive() {
        Op pid = bench.op("pid", """
                import os
                from alcove import op

                @op
                def pid() -> int:
                    return os.getpid()
                """);
        try (Outputs first = pid.call(Map.of());
                Outputs second = pid.call(Map.of())) {
            assertEquals(first.integer("result"), second.integer("result"));
        }
    }

    @Test
    void aTalkativeOpHarmsNothing() {
        Op shout = bench.op("shout", """
                import ctypes, os, subprocess, sys
                from alcove import op

                @op
                def shout(text: str) -> int:
                    print(text)
                    sys.stderr.write(text * 100_000)
                    sys.stdout.flush()
                    os.write(1, text.encode())
                    ctypes.CDLL(None).puts(text.encode())
                    subprocess.run([sys.executable, "-c", "print('{}')"], check=True)
                    return len(sys.stdin.read())
                """);
        try (Outputs outputs = shout.call(Map.of("text", "{\"jsonrpc\": \"2.0\", \"id\": 1}\n"))) {
            assertEquals(0, outputs.integer("result"));
        }
    }
}

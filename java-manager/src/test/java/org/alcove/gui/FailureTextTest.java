package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.TestToolbox;
import org.alcove.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the failures of real op files say. */
class FailureTextTest {
    @RegisterExtension
    private final Workbench bench = new Workbench();

    @Test
    void theAuthorsLineLeadsUnlessTheOpItselfToldItsUserWhatIsWrong() {
        Alcove alcove = bench.open();
        String source = """
                import os
                from alcove import OpError, op

                @op
                def divide(way: str) -> float:
                    if way == "told":
                        raise OpError("there is nothing to divide", hint="give it more")
                    if way == "died":
                        print("about to go", flush=True)
                        os._exit(3)
                    return 1 / 0
                """;
        Path file = bench.file("brüche.py", source);
        Op op = alcove.op(file, "divide", TestToolbox.python());

        FailureText raised = FailureText.of(failure(op, "raised"), file);
        assertEquals("brüche.py, line 11, in divide", raised.where());
        assertEquals("ZeroDivisionError: division by zero", raised.message());
        assertEquals(new FailureText.Place(file, 11), raised.place());
        assertTrue(raised.details().contains("return 1 / 0"), raised.details());
        assertTrue(raised.all("[Environment]\nnumpy 2").endsWith("\n\n[Environment]\nnumpy 2"), raised.all("x"));

        FailureText told = FailureText.of(failure(op, "told"), file);
        assertEquals("", told.where());
        assertEquals("There is nothing to divide", told.message());
        assertEquals("give it more", told.hint());
        assertNull(told.place());

        FailureText died = FailureText.of(failure(op, "died"), file);
        assertEquals(new FailureText.Place(file, 0), died.place());
        assertTrue(died.details().contains("about to go"), died.details());
    }

    @Test
    void whatTheOpPrintedIsAmongTheDetails() throws Exception {
        Alcove alcove = bench.open();
        Op op = bench.op(alcove, "talk", """
                from alcove import op

                @op
                def talk() -> float:
                    print("half way", flush=True)
                    return 1 / 0
                """);
        Call call = op.callAsync(Map.of());
        AlcoveException failure = FailureWindow.withLog(assertThrows(AlcoveException.class, call::await), call);
        FailureDetails details = new FailureDetails(
                FailureText.of(failure, null), ((LoggedFailure) failure)::said, () -> "numpy 2");
        Eventually.becomes("the line", () -> details.more().contains("half way"));
        assertTrue(details.more().contains("[Environment]\nnumpy 2"), details.more());
        assertEquals("ZeroDivisionError: division by zero", details.text().message());
    }

    @Test
    void allMistakesOfAFileAreListed() {
        Alcove alcove = bench.open();
        Path file = bench.file("two.py", """
                from alcove import op

                @op
                def one(a) -> float:
                    return a

                @op
                def two(b) -> float:
                    return b
                """);

        AlcoveException failure = assertThrows(AlcoveException.class, () -> alcove.ops(file, TestToolbox.python()));

        FailureText text = FailureText.of(failure, file);
        assertEquals("two.py: 2 mistakes", text.where());
        assertTrue(text.message().matches("(?s)Line 4: .*\nLine 8: .*"), text.message());
        assertEquals(4, text.place().line());
    }

    private static AlcoveException failure(Op op, String way) {
        return assertThrows(AlcoveException.class, () -> op.call(Map.of("way", way)));
    }
}

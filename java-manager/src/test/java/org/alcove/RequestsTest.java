package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who waits for which answer, without any stream. */
class RequestsTest {
    private final Requests requests = new Requests(
            new Connection(InputStream.nullInputStream(), OutputStream.nullOutputStream(), 1 << 20, "test", null));
    private final List<String> outcomes = new ArrayList<>();

    private final class Requester implements Requests.Requester {
        private final String name;

        Requester(String name) {
            this.name = name;
        }

        @Override
        public void succeeded(Map<String, Object> result) {
            outcomes.add(name + " " + result);
        }

        @Override
        public void failed(AlcoveException failure) {
            outcomes.add(name + " " + failure.kind().word());
        }

        @Override
        public void unstarted(AlcoveException failure) {
            outcomes.add(name + " unstarted");
        }

        @Override
        public void progress(Double fraction, String message, Map<String, Object> details) {
            outcomes.add(name + " " + fraction + " " + message + (details.isEmpty() ? "" : " " + details));
        }
    }

    private void send(String method, String name) {
        requests.send(method, json -> json.writeNull(), new Requester(name), () -> false, id -> {});
    }

    private void answer(long id, Object result) {
        requests.received(Map.of("id", id, "result", result), blocks -> {});
    }

    private void fail(long id, String kind) {
        Map<String, Object> error = Map.of("message", "no", "data", Map.of("kind", kind));
        requests.received(Map.of("id", id, "error", error), blocks -> {});
    }

    private void progressed(Map<String, Object> params) {
        requests.received(Map.of("method", "progress", "params", params), blocks -> {});
    }

    @Test
    void answersComeInTurn() {
        send("call", "one");
        send("call", "two");
        AlcoveException violation = assertThrows(AlcoveException.class, () -> answer(2, Map.of()));
        assertEquals(ErrorKind.PROTOCOL_VIOLATION, violation.kind());
        requests.workerGone(violation);
        assertEquals(List.of("two protocol_violation", "one protocol_violation"), outcomes);
    }

    @Test
    void errorsComeInTurnToo() {
        send("call", "one");
        send("call", "two");
        assertThrows(AlcoveException.class, () -> fail(2, "op_failed"));
        assertEquals(List.of("two protocol_violation"), outcomes);
    }

    @Test
    void theCancellingOfWhatIsQueuedMayOvertake() {
        send("call", "one");
        send("call", "two");
        send("call", "three");
        fail(2, "cancelled");
        answer(1, Map.of());
        answer(3, Map.of());
        assertEquals(List.of("two cancelled", "one {}", "three {}"), outcomes);
    }

    @Test
    void statusMayOvertake() {
        send("call", "one");
        send("status", "status");
        answer(2, Map.of());
        answer(1, Map.of());
        assertEquals(List.of("status {}", "one {}"), outcomes);
    }

    @Test
    void whatMakesNoSenseInProgressIsNotKnown() {
        send("call", "one");
        for (Object fraction : Arrays.asList(null, "half", 2, -0.5, Map.of(), 1, 0.25)) {
            Map<String, Object> params = new HashMap<>(Map.of("id", 1L, "message", "x"));
            params.put("fraction", fraction);
            progressed(params);
        }
        progressed(Map.of("id", 1L));
        progressed(Map.of("id", 2L, "fraction", 0.5));
        progressed(Map.of());
        progressed(Map.of("id", 1L, "message", "y", "details", List.of(1)));
        progressed(Map.of("id", 1L, "message", "y", "details", Map.of("a", Map.of(), "b", List.of(), "c", 1L)));
        assertEquals(
                List.of("one null x", "one null x", "one null x", "one null x", "one null x", "one 1.0 x", "one 0.25 x",
                        "one null ", "one null y", "one null y {c=1}"),
                outcomes);
    }

    @Test
    void endsOnlyWhenNothingWaitsAnyMore() {
        send("call", "one");
        requests.endWhenIdle(new AlcoveException(ErrorKind.WORKER_DIED, "outdated", null), () -> outcomes.add("idle"));
        send("call", "two");
        answer(1, Map.of());
        assertEquals(List.of("one {}"), outcomes);
        answer(2, Map.of());
        assertEquals(List.of("one {}", "two {}", "idle"), outcomes);
        send("call", "three");
        assertEquals("three unstarted", outcomes.get(3));
    }

    @Test
    void endsAtOnceWhenNothingWaits() {
        requests.endWhenIdle(new AlcoveException(ErrorKind.WORKER_DIED, "outdated", null), () -> outcomes.add("idle"));
        send("call", "one");
        assertEquals(List.of("idle", "one unstarted"), outcomes);
    }

    @Test
    void whoComesAfterTheEndIsTurnedAway() {
        requests.workerGone(new AlcoveException(ErrorKind.WORKER_DIED, "gone", null));
        send("call", "late");
        assertEquals(List.of("late unstarted"), outcomes);
    }

    @Test
    void aRequestThatIsTooLongWaitsForNoAnswer() throws IOException {
        String text = "x".repeat(1 << 21);
        assertThrows(
                AlcoveException.class,
                () -> requests.send("call", json -> json.writeString(text), new Requester("long"), () -> false, id -> {}));
        send("call", "next");
        answer(2, Map.of());
        assertEquals(List.of("next {}"), outcomes);
        assertTrue(assertThrows(AlcoveException.class, () -> answer(1, Map.of())).getMessage().contains("nobody waits"));
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who waits for which answer, without any stream. */
class RequestsTest {
    private final Requests requests = new Requests(
            new Connection(InputStream.nullInputStream(), OutputStream.nullOutputStream(), 1 << 20, "test", null),
            Runnable::run);
    private final List<String> outcomes = new ArrayList<>();
    private final List<String> begun = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();
    private final List<Requester> requesters = new ArrayList<>(); // a log is heard for as long as somebody holds it

    private final class Requester implements Requests.Requester {
        private final String name;
        private final Consumer<LogLine> log;

        Requester(String name) {
            this.name = name;
            this.log = line -> logged.add(name + " " + line.level() + " " + line.logger() + ": " + line.text());
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
        public void began() {
            begun.add(name);
        }

        @Override
        public Consumer<LogLine> log() {
            return log;
        }

        @Override
        public void progress(Double fraction, String message, Map<String, Object> details) {
            outcomes.add(name + " " + fraction + " " + message + (details.isEmpty() ? "" : " " + details));
        }
    }

    private void send(String method, String name) {
        send(requests, method, name);
    }

    private void send(Requests to, String method, String name) {
        Requester requester = new Requester(name);
        requesters.add(requester);
        to.send(method, json -> json.writeNull(), requester, () -> false, id -> {});
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
    void aComplaintAboutTheHostFailsAllThatWait() {
        send("call", "one");
        send("call", "two");
        send("status", "status");
        Map<String, Object> complaint = new HashMap<>();
        complaint.put("id", null);
        complaint.put("error", Map.of("code", -32700, "message", "line 3 is no JSON", "data", Map.of("kind", "parse_error")));
        assertThrows(AlcoveException.class, () -> requests.received(complaint, blocks -> {}));
        assertEquals(
                List.of("one protocol_violation", "two protocol_violation", "status protocol_violation"), outcomes);
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
    void aRequestBeginsWhenItIsTheOldestThatRuns() {
        send("status", "status");
        send("call", "one");
        send("call", "two");
        send("call", "three");
        assertEquals(List.of("one"), begun);
        fail(3, "cancelled");
        assertEquals(List.of("one"), begun);
        answer(1, Map.of());
        assertEquals(List.of("one"), begun);
        answer(2, Map.of());
        assertEquals(List.of("one", "three"), begun);
        fail(4, "op_failed");
        send("load", "four");
        assertEquals(List.of("one", "three", "four"), begun);
    }

    @Test
    void aQuestionThatIsOlderDoesNotTakeTheBlameForADeath() {
        send("status", "status");
        send("call", "one");
        send("call", "two");
        requests.workerGone(new AlcoveException(ErrorKind.WORKER_DIED, "gone", null));
        assertEquals(List.of("one worker_died", "status unstarted", "two unstarted"), outcomes);
    }

    @Test
    void aRequestThatTheWorkerNeverGotHasNotBegun() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Requests lost = requestsInto(broken);
        send(lost, "call", "one");
        assertEquals(List.of("the connection is unwritable"), outcomes);
        lost.workerGone(new AlcoveException(ErrorKind.WORKER_DIED, "gone", null));
        assertEquals("one unstarted", outcomes.get(1));
    }

    private Requests requestsInto(OutputStream stream) {
        return new Requests(new Connection(InputStream.nullInputStream(), stream, 1 << 20, "test", new Connection.Listener() {
            @Override
            public void received(Map<String, Object> message) {}

            @Override
            public void ended(AlcoveException violation) {}

            @Override
            public void unwritable() {
                outcomes.add("the connection is unwritable");
            }
        }), Runnable::run);
    }

    @Test
    void aDeathWaitsForWhoIsWritingToTheDead() throws Exception {
        CountDownLatch writes = new CountDownLatch(1);
        CountDownLatch breaks = new CountDownLatch(1);
        OutputStream slow = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                writes.countDown();
                assertDoesNotThrow(() -> breaks.await());
                throw new IOException("Broken pipe");
            }
        };
        Requests lost = requestsInto(slow);
        Thread sender = new Thread(() -> send(lost, "call", "one"));
        sender.start();
        writes.await();
        Thread death = new Thread(() -> lost.workerGone(new AlcoveException(ErrorKind.WORKER_DIED, "gone", null)));
        death.start();
        Eventually.becomes("it waits", () -> death.getState() == Thread.State.TIMED_WAITING);
        breaks.countDown();
        death.join();
        sender.join();
        assertEquals(List.of("the connection is unwritable", "one unstarted"), outcomes);
    }

    @Test
    void recordsGoByIdAndWhatIsPrintedToWhoRanLast() {
        requests.printed("while it starts");
        send("call", "one");
        send("call", "two");
        requests.received(
                Map.of("method", "log", "params", Map.of("id", 2L, "level", "error", "logger", "a.b", "message", "bad")),
                blocks -> {});
        requests.printed("first");
        answer(1, Map.of());
        requests.printed("second");
        answer(2, Map.of());
        requests.printed("late");
        for (Object params : List.of(Map.of(), Map.of("id", 7L), Map.of("id", "2"), List.of())) {
            requests.received(Map.of("method", "log", "params", params), blocks -> {});
        }
        assertEquals(
                List.of("two ERROR a.b: bad", "one INFO stderr: first", "two INFO stderr: second", "two INFO stderr: late"),
                logged);
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

    @Test
    void whatIsToBeReleasedGoesAheadOfTheNextRequest() {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        List<String> writes = new ArrayList<>();
        OutputStream output = new OutputStream() {
            @Override
            public void write(int one) {
                sent.write(one);
            }

            @Override
            public void flush() {
                writes.add(sent.toString(StandardCharsets.US_ASCII));
                sent.reset();
            }
        };
        Requests to = new Requests(
                new Connection(InputStream.nullInputStream(), output, 1 << 20, "test", null), Runnable::run);
        to.release(List.of("one"));
        to.release(List.of("two", "one"));
        String release = "{\"jsonrpc\":\"2.0\",\"method\":\"release\",\"params\":{\"blocks\":[\"one\",\"two\",\"one\"]}}\n";
        String call = "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"call\",\"params\":null}\n";
        assertThrows(CancelledException.class, () -> to.send("call", json -> json.writeNull(), new Requester("never"), () -> false,
                id -> {
                    throw new CancelledException("before it began");
                }));
        send(to, "call", "first");
        send(to, "call", "second");
        assertEquals(List.of(release + call.formatted(2), call.formatted(3)), writes);
        to.release(List.of("three"));
        to.sendReleases();
        to.sendReleases();
        assertEquals(List.of(release.replace("one\",\"two\",\"one", "three")), writes.subList(2, writes.size()));
        writes.clear();
        to.release(Collections.nCopies(1000, "four")); // more than an empty pipe takes
        send(to, "call", "third");
        assertEquals(call.formatted(4), writes.get(1));
        assertEquals(2, writes.size());
    }

    @Test
    void anInterruptHoldsUpNothingThatNeedNotWait() {
        Thread.currentThread().interrupt();
        send("call", "one");
        assertTrue(Thread.interrupted());
        answer(1, Map.of());
        assertEquals(List.of("one {}"), outcomes);
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class CallQueueTest {
    private final CallQueue queue = new CallQueue();

    @Test
    void callersTakeTurnsAndTheirErrandsKeepTheirOrder() {
        List<Errand> greedy = List.of(added("greedy"), added("greedy"), added("greedy"));
        Errand modest = added("modest");
        assertEquals(List.of(greedy.get(0), modest, greedy.get(1), greedy.get(2)), drained());
    }

    @Test
    void whoComesAgainComesBeforeWhatItsCallerSentLater() {
        Errand first = added("greedy");
        Errand second = added("greedy");
        queue.poll(errand -> true);
        queue.add(first);
        assertEquals(List.of(first, second), drained());
    }

    @Test
    void whoDoesNotSuitKeepsItsPlace() {
        Errand first = added("one");
        Errand second = added("other");
        assertEquals(second, queue.poll(errand -> errand != first));
        Errand third = added("other");
        assertEquals(first, queue.first());
        assertEquals(List.of(first, third), drained());
    }

    @Test
    void whatIsTakenOutIsGone() {
        Errand first = added("one");
        Errand second = added("one");
        assertTrue(queue.remove(first));
        assertFalse(queue.remove(first));
        assertEquals(1, queue.size());
        assertEquals(List.of(second), queue.removeAll(errand -> true));
        assertTrue(queue.isEmpty());
        assertNull(queue.first());
    }

    private List<Errand> drained() {
        List<Errand> all = new ArrayList<>();
        while (!queue.isEmpty()) {
            all.add(queue.poll(errand -> true));
        }
        return all;
    }

    private Errand added(Object caller) {
        Errand errand = new Errand(null, null, caller, 0) {
            @Override
            void begin(Turn turn) {}

            @Override
            void refuse(AlcoveException failure) {}
        };
        queue.add(errand);
        return errand;
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** Whose the reader's place is, and whether it is worth to poll there. */
class ReaderPlaceTest {
    private final ReaderPlace place = new ReaderPlace(Thread.currentThread());

    @Test
    void isOneThreadsAtATime() {
        assertFalse(place.take(), "the thread has it at first");
        assertTrue(place.isWanted());
        place.leave();
        assertFalse(place.isWanted());
        assertTrue(place.take());
        assertFalse(place.take());
        place.wake(); // does not take it from a caller
        place.giveBack(false);
        assertTrue(place.take());
        place.giveBack(true);
        assertFalse(place.take(), "handed over to the thread");
        place.rest(); // which does not rest then
    }

    @Test
    void isTheThreadsWhenSomebodyWaitsWhoDoesNotRead() {
        place.leave();
        place.wake();
        assertFalse(place.take());
        place.rest();
    }

    @Test
    void pollingInVainIsLeftOutTwiceAsOftenEachTime() {
        assumeTrue(Polling.IS_POSSIBLE);
        Polling polling = new Polling(0);
        for (int expected : new int[] {1, 2, 4, 8}) {
            polling.ended(false);
            assertEquals(expected, leftOut(polling));
        }
        for (int i = 0; i < 100; i++) {
            polling.ended(false);
        }
        assertEquals(64, leftOut(polling));
        polling.ended(true);
        assertEquals(0, leftOut(polling));
    }

    private static int leftOut(Polling polling) {
        int count = 0;
        while (!polling.isWorthwhile()) {
            count++;
        }
        return count;
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How often one looks for an op's environment. */
class PreparationTest {
    private static final int MANY = 10_000;

    private final Look look = new Look();
    private final Preparation preparation = new Preparation(null, look);

    /** Finds another, but equal launch each time. */
    private static final class Look implements LaunchLook {
        private String found = "first";
        private long changes;
        private int looks;

        @Override
        public Launch now(Call call) {
            return find().orElseThrow();
        }

        @Override
        public Optional<Launch> find() {
            looks++;
            return Optional.ofNullable(found)
                    .map(name -> new Launch(Environment.of(name, Path.of("/" + name + "/bin/python")), Path.of("/"), "ops"));
        }

        @Override
        public long changes() {
            return changes;
        }
    }

    @Test
    void whatWasFoundIsBelievedForAMoment() {
        Launch found = preparation.known();
        for (int i = 0; i < MANY; i++) {
            assertSame(found, preparation.known());
        }
        assertTrue(look.looks < MANY, look.looks + " looks");
    }

    @Test
    void nothingIsBelievedOnceThisManagerHasChangedSomething() {
        assertEquals("first", preparation.known().name());
        look.found = "second";
        look.changes++;
        assertEquals("second", preparation.known().name());
        look.found = null;
        look.changes++;
        assertNull(preparation.known());
    }

    @Test
    void whoHasToBeSureLooksAlways() {
        preparation.known();
        look.found = "second";
        assertEquals("second", preparation.now(null).name());
        assertEquals("second", preparation.known().name());
    }
}

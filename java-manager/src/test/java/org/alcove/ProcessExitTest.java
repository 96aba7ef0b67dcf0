package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** How processes end, in words. */
class ProcessExitTest {
    @Test
    void anExitCodeIsNoSignal() {
        assertEquals("exit code 3", ProcessExit.describe(3));
        assertEquals("exit code 128", ProcessExit.describe(128));
        assertEquals("exit code 255", ProcessExit.describe(255));
        assertEquals(Optional.empty(), ProcessExit.signal(0));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void signalsHaveNames() {
        assertEquals("SIGSEGV", ProcessExit.describe(139));
        assertEquals("SIGKILL (killed, probably because memory ran out)", ProcessExit.describe(137));
        assertEquals(Optional.of("SIGKILL"), ProcessExit.signal(137));
        assertEquals(Optional.of("SIGTERM"), ProcessExit.signal(143));
    }
}

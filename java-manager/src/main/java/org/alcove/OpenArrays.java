package org.alcove;

import java.lang.System.Logger;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the SharedArrays that are open were made, for those who ask by a system property: then one that nobody closes
 * can be found.
 */
final class OpenArrays {
    private static final Logger LOGGER = System.getLogger("org.alcove");
    private static final Set<Trace> OPEN = ConcurrentHashMap.newKeySet();
    private static volatile boolean isTracing = Boolean.getBoolean("org.alcove.traceArrays");

    /** The stack of the thread that made an array. */
    static final class Trace extends Throwable {
        private static final long serialVersionUID = 1L;

        private Trace(String what) {
            super(what + " was made here, and not closed");
        }
    }

    private OpenArrays() {}

    static void trace(boolean isTracing) {
        OpenArrays.isTracing = isTracing;
    }

    /** An array is there; null when nobody asks. */
    static Trace opened(DType dtype, long[] shape) {
        if (!isTracing) {
            return null;
        }
        Trace trace = new Trace("a SharedArray of " + dtype.word() + " " + java.util.Arrays.toString(shape));
        OPEN.add(trace);
        return trace;
    }

    /** Whoever gets it now is to close it: the thread that made it was only a reader of messages. */
    static void handedOver(Trace trace) {
        if (trace != null) {
            trace.setStackTrace(new Throwable().getStackTrace());
        }
    }

    static void closed(Trace trace) {
        if (trace != null) {
            OPEN.remove(trace);
        }
    }

    /** The collector has found it, which may take for ever. */
    static void forgotten(Trace trace) {
        if (trace != null && OPEN.remove(trace)) {
            LOGGER.log(Logger.Level.WARNING, "nobody closed it: its memory was held until the garbage collector came", trace);
        }
    }

    static List<Trace> all() {
        return List.copyOf(OPEN);
    }
}

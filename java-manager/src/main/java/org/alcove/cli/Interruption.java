package org.alcove.cli;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alcove.batch.BatchRun;

/**
 * Ctrl-C while a batch runs: once, what runs is finished; again, it is stopped at once; a third time, the program ends. A
 * system that shuts down, or a terminal that is closed, stops it at once.
 */
final class Interruption implements AutoCloseable {
    private static final int SIGNALLED = 128;
    private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

    private final Console console;
    private final Map<Object, Object> replaced = new LinkedHashMap<>();
    private BatchRun run;
    private int count;
    private int number = NUMBERS.get("INT");

    Interruption(Console console) {
        this.console = console;
        NUMBERS.keySet().forEach(this::listenTo);
    }

    /** Which batch is to be ended; until then Ctrl-C ends the program. */
    synchronized void reaches(BatchRun run) {
        this.run = run;
    }

    /** What shells expect of a program that a signal has ended. */
    synchronized int exitCode() {
        return SIGNALLED + number;
    }

    @Override
    public void close() {
        replaced.forEach((signal, handler) -> {
            try {
                handle(signal, handler);
            } catch (ReflectiveOperationException | IllegalArgumentException e) {
                // Nobody needs it any more.
            }
        });
    }

    private synchronized void came(String name) {
        number = NUMBERS.get(name);
        count++;
        if (run == null || count > 2) {
            System.exit(exitCode()); // whose hooks end workers, as ever
        } else if (name.equals("INT") && count == 1) {
            console.notice("batch", "Finishing what runs; Ctrl-C once more stops at once");
            run.stop();
        } else {
            console.notice("batch", "Stopping at once");
            run.cancel();
        }
    }

    /** By reflection: the compiler warns of the class, which is not in the standard, though every JDK has it. */
    private void listenTo(String name) {
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) ->
                    switch (method.getName()) {
                        case "handle" -> {
                            came(name);
                            yield null;
                        }
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> name;
                    });
            Object signal = Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
            replaced.put(signal, handle(signal, handler));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // A Java without it, or a signal that this system has not got: it ends the program as ever, and the same
            // command goes on.
        }
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        return Class.forName("sun.misc.Signal")
                .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal, handler);
    }
}

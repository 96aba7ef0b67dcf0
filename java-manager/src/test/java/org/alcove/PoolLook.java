package org.alcove;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;

/** What only a pool itself knows. */
final class PoolLook {
    private PoolLook() {}

    static WorkerPool pool(Alcove alcove) {
        return (WorkerPool) member(alcove, "workers");
    }

    /** How long an op is expected to run, of a manager that has workers of one launch, in nanoseconds. */
    static long expectedRun(WorkerPool pool, String op) {
        synchronized (pool) {
            Object times = member(List.copyOf(((Map<?, ?>) member(pool, "groups")).values()).get(0), "times");
            return ((Map<?, ?>) member(times, "nanoseconds")).entrySet().stream()
                    .filter(each -> String.valueOf(each.getKey()).endsWith(":" + op))
                    .mapToLong(each -> (Long) each.getValue())
                    .findFirst()
                    .orElse(RunTimes.UNKNOWN);
        }
    }

    /** How many calls wait for a worker. */
    static int waiting(Alcove alcove) {
        WorkerPool pool = pool(alcove);
        synchronized (pool) {
            return ((Map<?, ?>) member(pool, "groups")).values().stream()
                    .mapToInt(group -> ((CallQueue) member(group, "queue")).size())
                    .sum();
        }
    }

    private static Object member(Object owner, String name) {
        try {
            Field field = owner.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(owner);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}

package org.alcove.gui;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.alcove.Alcove;
import org.alcove.WorkerInfo;

/** Workers that wait for a next call in an environment that shall be changed now: they would be in the way. */
final class IdleWorkers {
    private static final long SECONDS_TO_END = 10;

    private IdleWorkers() {}

    /** Ends those of this manager; what runs goes on, and whoever changes the environment hears of it. */
    static void end(Alcove alcove, String environment) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (AutoCloseable listening = alcove.workers().onChange(worker -> {
            if (idle(alcove, environment).isEmpty()) {
                ended.countDown();
            }
        })) {
            List<WorkerInfo> idle = idle(alcove, environment);
            idle.forEach(worker -> alcove.workers().stop(worker.pid()));
            if (!idle.isEmpty()) {
                ended.await(SECONDS_TO_END, TimeUnit.SECONDS);
            }
        }
    }

    private static List<WorkerInfo> idle(Alcove alcove, String environment) {
        return alcove.workers().list().stream()
                .filter(worker -> worker.environment().equals(environment) && worker.purpose().equals("ops"))
                .filter(worker -> worker.state() == WorkerInfo.State.IDLE
                        || worker.state() == WorkerInfo.State.STOPPING)
                .toList();
    }
}

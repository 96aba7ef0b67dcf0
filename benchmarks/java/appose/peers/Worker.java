package peers;

import java.io.IOException;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import org.apposed.appose.Appose;
import org.apposed.appose.Service;
import org.apposed.appose.Service.Task;
import org.apposed.appose.Service.TaskStatus;

/** A service of Appose's, as its documentation shows how to make one; but no wait for it is for ever. */
final class Worker {
    static final String IMPORTS = "import numpy\nimport appose";
    private static final double SECONDS_TO_START = 20;
    private static final double SECONDS_TO_END = 2;
    private static final long MILLISECONDS_FOR_OUTPUTS = 100;
    private static final Timer TIMER = new Timer(true);

    final Service service;

    /** {@code init} is Python that the service runs at its start; null for none. */
    Worker(String init) throws IOException {
        service = Appose.system().python();
        if (init != null) {
            service.init(init);
        }
    }

    /** One that has answered once. */
    static Worker warm() throws Exception {
        Worker worker = new Worker(IMPORTS);
        worker.result(worker.service.task("1 + 1"), SECONDS_TO_START);
        return worker;
    }

    /** The result of a task. */
    Object result(Task task, double seconds) throws Exception {
        return within(seconds, () -> result(task.waitFor()));
    }

    /** The result of a task that has ended. The status can be set shortly before the outputs are. */
    static Object result(Task task) throws InterruptedException {
        if (task.status != TaskStatus.COMPLETE) {
            throw new IllegalStateException("a task ended as " + task.status + ": " + task.error);
        }
        Object result = task.result();
        for (int i = 0; result == null && i < MILLISECONDS_FOR_OUTPUTS; i++) {
            Thread.sleep(1);
            result = task.result();
        }
        if (result == null) {
            throw new IllegalStateException("a task has no result");
        }
        return result;
    }

    static void check(Object result, long expected) {
        if (!(result instanceof Number number) || number.longValue() != expected) {
            throw new IllegalStateException("a task returned " + result + ", not " + expected);
        }
    }

    Task sum(int a, String queue) throws IOException {
        return service.task("a + b", Map.of("a", a, "b", 2), queue);
    }

    /** Does what may wait for ever: at the end of its time the service is killed, and this thread interrupted. */
    <T> T within(double seconds, Callable<T> work) throws Exception {
        Thread waiting = Thread.currentThread();
        TimerTask end = new TimerTask() {
            @Override
            public void run() {
                service.kill();
                waiting.interrupt();
            }
        };
        TIMER.schedule(end, (long) (seconds * 1000));
        try {
            return work.call();
        } finally {
            end.cancel();
        }
    }

    void close() throws InterruptedException {
        service.close();
        long end = System.nanoTime() + (long) (SECONDS_TO_END * 1e9);
        while (service.isAlive() && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        if (service.isAlive()) {
            service.kill();
        }
    }
}

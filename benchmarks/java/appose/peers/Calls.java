package peers;

import java.util.Map;
import org.apposed.appose.Service.Task;
import speed.program.Case;

/** One task after the other, and one service after the other. */
final class Calls {
    private static final int WARM_UPS = 3000;
    private static final double WARM_UP_SECONDS = 2;
    private static final int STARTS_TO_WARM_UP = 1;
    private static final double SECONDS_FOR_A_START = 20;
    private static final double SECONDS_FOR_A_ROUND = 60;

    private int calls;

    /** Two integers in, one out. */
    Case trips() throws Exception {
        Worker worker = Worker.warm();
        Case trips = Case.repeating(() -> trip(worker), WARM_UPS, WARM_UP_SECONDS);
        // One limit for all: a timer for each task would cost.
        Case limited = count -> worker.within(SECONDS_FOR_A_ROUND, () -> trips.measure(count));
        return limited.closing(worker::close);
    }

    private long trip(Worker worker) throws Exception {
        int a = ++calls & 0xffff;
        long began = System.nanoTime();
        Task task = worker.service.task("a + b", Map.of("a", a, "b", 2));
        Object result = Worker.result(task.waitFor());
        long took = System.nanoTime() - began;
        Worker.check(result, a + 2);
        return took;
    }

    /** A new service to its first result. */
    static Case starts(String init, String script) throws Exception {
        return Case.repeating(() -> {
            long began = System.nanoTime();
            Worker worker = new Worker(init);
            Object result = worker.result(worker.service.task(script), SECONDS_FOR_A_START);
            long took = System.nanoTime() - began;
            worker.close();
            Worker.check(result, 2);
            return took;
        }, STARTS_TO_WARM_UP, SECONDS_FOR_A_START);
    }
}

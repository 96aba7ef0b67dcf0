import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.Call;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;

/**
 * {@code Calls OPFILE PYTHON CASE COUNT}: does what the case says so many times, after as much again to get warm, and prints
 * one number.
 *
 * <ul>
 *   <li>{@code call}: median nanoseconds of a call that its thread waits for
 *   <li>{@code threads}: nanoseconds each of such calls from four threads at once
 *   <li>{@code stream}: nanoseconds each of calls that are begun without waiting for the one before, in one thread
 *   <li>{@code map}: nanoseconds each of rows
 *   <li>{@code turn}: after how many runs of the op a caller's call began who came when another had queued so many
 * </ul>
 */
public final class Calls {
    private static final int THREADS = 4;
    private static final int MOST_UNDER_WAY = 500;

    private Calls() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[3]);
        try (Alcove alcove = Alcove.open()) {
            List<Op> ops = alcove.ops(Path.of(arguments[0]), EnvironmentSpec.existing(Path.of(arguments[1])));
            Op add = ops.stream().filter(op -> op.name().equals("add")).findFirst().orElseThrow();
            Measurement measurement =
                    switch (arguments[2]) {
                        case "call" -> () -> calls(add, count);
                        case "threads" -> () -> threads(add, count);
                        case "stream" -> () -> stream(add, count);
                        case "map" -> () -> map(add, count);
                        default -> () -> Turns.taken(ops, count);
                    };
            measurement.take();
            System.out.println(measurement.take());
        }
    }

    private interface Measurement {
        double take() throws Exception;
    }

    private static double calls(Op add, int count) {
        long[] nanoseconds = new long[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            add.call(Map.of("a", i)).close();
            nanoseconds[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanoseconds);
        return nanoseconds[count / 2];
    }

    private static double threads(Op add, int count) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < THREADS; i++) {
            threads.add(new Thread(() -> calls(add, count / THREADS)));
            threads.get(i).start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return (System.nanoTime() - begin) / (double) count;
    }

    private static double stream(Op add, int count) {
        Deque<Call> underWay = new ArrayDeque<>();
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            underWay.addLast(add.callAsync(Map.of("a", i)));
            if (underWay.size() == MOST_UNDER_WAY) {
                underWay.removeFirst().await().close();
            }
        }
        underWay.forEach(call -> call.await().close());
        return (System.nanoTime() - begin) / (double) count;
    }

    private static double map(Op add, int count) {
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(List.of(i));
        }
        long begin = System.nanoTime();
        add.map(List.of("a"), rows, Map.of());
        return (System.nanoTime() - begin) / (double) count;
    }
}

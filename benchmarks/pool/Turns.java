import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alcove.Call;
import org.alcove.Op;
import org.alcove.Outputs;

/** How long a caller waits when another one has queued many calls. */
final class Turns {
    private static final double SECONDS = 0.02;

    private Turns() {}

    /** After how many runs of the op the modest caller's call began. */
    static double taken(List<Op> ops, int count) throws InterruptedException {
        Op nap = ops.stream().filter(op -> op.name().equals("nap")).findFirst().orElseThrow();
        List<Call> greedy = new ArrayList<>();
        Op ofGreedy = nap.onBehalfOf("greedy");
        Thread thread = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                greedy.add(ofGreedy.callAsync(Map.of("seconds", SECONDS)));
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.onSpinWait(); // until all are queued, or there is no room for more
        }
        double asked = System.currentTimeMillis() / 1000.0;
        double waited;
        try (Outputs outputs = nap.onBehalfOf("modest").call(Map.of("seconds", SECONDS))) {
            waited = outputs.number("result") - asked;
        }
        while (thread.isAlive()) {
            List.copyOf(greedy).forEach(Call::cancel);
            thread.join(10);
        }
        greedy.forEach(Call::cancel);
        return waited / SECONDS;
    }
}

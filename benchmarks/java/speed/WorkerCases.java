package speed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alcove.Call;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Settings;
import speed.program.Case;
import speed.program.Samples;

/** Calls of an op that keeps a core busy, with several workers. */
final class WorkerCases {
    /** About two milliseconds; {@code peers/pools.py} has the same number. */
    private static final int LOOPS = 20_000;

    private WorkerCases() {}

    static Case busy(Places places, int workers) throws Exception {
        Library library = new Library(places, new Settings().workers(workers));
        Op busy = library.op("busy");
        busy.warmUp(workers);
        Case calls = count -> {
            List<Call> underWay = new ArrayList<>(count);
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                underWay.add(busy.callAsync(Map.of("loops", LOOPS)));
            }
            for (Call call : underWay) {
                call.await().close();
            }
            return Samples.rate(count, began);
        };
        calls.measure(Case.IS_WARMED ? 100 * workers : 1);
        check(busy);
        return calls.closing(library);
    }

    private static void check(Op busy) {
        try (Outputs outputs = busy.call(Map.of("loops", 1))) {
            if (outputs.integer("result") != 1103515245L + 12345) {
                throw new IllegalStateException("busy returned " + outputs.get("result"));
            }
        }
    }
}

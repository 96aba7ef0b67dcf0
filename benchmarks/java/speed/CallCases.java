package speed;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.alcove.Call;
import org.alcove.Columns;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Rows;
import speed.program.Case;
import speed.program.Samples;

/** Calls of ops that do next to nothing: one after the other, many under way, many in one. */
final class CallCases {
    private static final int WARM_UPS = 100_000;
    private static final int FLOWN_TO_WARM_UP = 1000;
    private static final double WARM_UP_SECONDS = 2;
    private static final int ROWS_TO_WARM_UP = 2_000_000;

    private final Library library;
    private int calls;

    CallCases(Library library) {
        this.library = library;
    }

    /** Two integers in, one out. */
    Case call() throws Exception {
        Op add = library.op("add");
        return Case.repeating(() -> {
            int a = ++calls;
            long began = System.nanoTime();
            try (Outputs outputs = add.call(Map.of("a", a, "b", 2))) {
                check(outputs.integer("result"), a + 2);
            }
            return System.nanoTime() - began;
        }, WARM_UPS, WARM_UP_SECONDS);
    }

    /** So many calls under way; the oldest is waited for. */
    Case flight(int window) throws Exception {
        Op add = library.op("add");
        Case flight = count -> flight(add, window, count);
        warmUp(flight, FLOWN_TO_WARM_UP, WARM_UPS / FLOWN_TO_WARM_UP);
        return flight;
    }

    private static Samples flight(Op add, int window, int count) {
        Deque<Call> underWay = new ArrayDeque<>(window);
        long sum = 0;
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (underWay.size() == window) {
                sum += result(underWay.removeFirst());
            }
            underWay.addLast(add.callAsync(Map.of("a", i, "b", 2)));
        }
        for (Call call : underWay) {
            sum += result(call);
        }
        Samples samples = Samples.rate(count, began);
        check(sum, sumOfSums(count));
        return samples;
    }

    private static long result(Call call) {
        try (Outputs outputs = call.await()) {
            return outputs.integer("result");
        }
    }

    /** So many rows in one {@link Op#map}; a count is one map. */
    Case rows(int rows) throws Exception {
        Op add = library.op("add");
        List<List<Integer>> inputs = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            inputs.add(List.of(i, 2));
        }
        Case map = count -> {
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                Rows results = add.map(List.of("a", "b"), inputs, Map.of());
                check((Long) results.rows().get(rows - 1).get(0), rows + 1);
            }
            return Samples.rate((long) rows * count, began);
        };
        warmUp(map, 1, ROWS_TO_WARM_UP / rows);
        return map;
    }

    /** The same, their columns being Java arrays and the outputs shared ones. */
    Case arrays(int rows) throws Exception {
        Op add = library.op("add");
        long[] a = LongStream.range(0, rows).toArray();
        long[] b = LongStream.generate(() -> 2).limit(rows).toArray();
        Case map = count -> {
            long[] last = new long[1];
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                try (Columns results = add.mapArrays(Map.of("a", a, "b", b), Map.of())) {
                    results.array("result").copyTo(rows - 1, last);
                    check(last[0], rows + 1);
                }
            }
            return Samples.rate((long) rows * count, began);
        };
        warmUp(map, 1, ROWS_TO_WARM_UP / rows);
        return map;
    }

    private static void warmUp(Case measured, int count, int most) throws Exception {
        Case.warmUp(() -> {
            measured.measure(count);
            return 0;
        }, most, WARM_UP_SECONDS);
    }

    private static long sumOfSums(long count) {
        return count * (count - 1) / 2 + 2 * count;
    }

    private static void check(long result, long expected) {
        if (result != expected) {
            throw new IllegalStateException("the op returned " + result + ", not " + expected);
        }
    }
}

package speed.program;

import java.util.Map;

/**
 * What was measured for one request.
 *
 * @param unit {@code us} for times of single operations, {@code per_s} for rates
 * @param facts numbers of this request that belong into the report, as calls that were lost
 */
public record Samples(String unit, double[] values, Map<String, Long> facts) {
    /** Times. */
    public static Samples microseconds(double[] values) {
        return new Samples("us", values, Map.of());
    }

    /** One rate: so many operations since {@code began}, which {@link System#nanoTime} gave. */
    public static Samples rate(long operations, long began) {
        return rate(operations / ((System.nanoTime() - began) / 1e9));
    }

    /** One rate. */
    public static Samples rate(double perSecond) {
        return new Samples("per_s", new double[] {perSecond}, Map.of());
    }

    /** The same with a fact more. */
    public Samples with(String fact, long value) {
        Map<String, Long> more = new java.util.TreeMap<>(facts);
        more.put(fact, value);
        return new Samples(unit, values, more);
    }
}

package speed.program;

/** One thing that is measured, made and warmed up. */
public interface Case {
    /** Tests of the programs have no time for warm-ups: {@code -Dspeed.warm=false}. */
    boolean IS_WARMED = Boolean.parseBoolean(System.getProperty("speed.warm", "true"));

    /** Measures it now; {@code count} says how much of it. Whatever checks the results is not in the times. */
    Samples measure(int count) throws Exception;

    /** Gives back what it holds. */
    default void close() throws Exception {}

    /** Something that is done once, and tells the nanoseconds of that part of it which counts. */
    interface Operation {
        long nanoseconds() throws Exception;
    }

    /** A case whose samples are the times of {@code count} operations, after a warm-up as {@link #warmUp} does it. */
    static Case repeating(Operation operation, int mostWarmUps, double seconds) throws Exception {
        warmUp(operation, mostWarmUps, seconds);
        return count -> {
            double[] microseconds = new double[count];
            for (int i = 0; i < count; i++) {
                microseconds[i] = operation.nanoseconds() / 1e3;
            }
            return Samples.microseconds(microseconds);
        };
    }

    /** The same, which gives something back at the end. */
    static Case repeating(Operation operation, int mostWarmUps, double seconds, AutoCloseable after) throws Exception {
        return repeating(operation, mostWarmUps, seconds).closing(after);
    }

    /** This case, which closes something else after itself. */
    default Case closing(AutoCloseable after) {
        Case self = this;
        return new Case() {
            @Override
            public Samples measure(int count) throws Exception {
                return self.measure(count);
            }

            @Override
            public void close() throws Exception {
                self.close();
                after.close();
            }
        };
    }

    /** Does it until Java has compiled it: so often, or for so many seconds where that is sooner, but once at least. */
    static void warmUp(Operation operation, int most, double seconds) throws Exception {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        for (int i = 0; i < (IS_WARMED ? most : 1) && (i == 0 || System.nanoTime() < end); i++) {
            operation.nanoseconds();
        }
    }
}

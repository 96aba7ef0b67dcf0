package images;

/** One way to have a piece of work done; another transport joins the benchmark as further cases. */
interface Case {
    /** Does it once and returns the milliseconds that it took; what checks the result is not timed. */
    double run() throws Exception;

    /** The time from {@code began}, which {@link System#nanoTime} gave. */
    static double millisecondsSince(long began) {
        return (System.nanoTime() - began) / 1e6;
    }
}

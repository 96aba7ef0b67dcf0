package speed;

/** What a JVM takes to start and to end. */
public final class Nothing {
    private Nothing() {}

    public static void main(String[] arguments) {}
}

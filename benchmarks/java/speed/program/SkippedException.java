package speed.program;

/** A case that this machine has no room for, or lacks something for. */
public final class SkippedException extends Exception {
    private static final long serialVersionUID = 1;

    private final String hint;

    /** Why it is left out, and how it would not be. */
    public SkippedException(String reason, String hint) {
        super(reason);
        this.hint = hint;
    }

    String hint() {
        return hint;
    }
}

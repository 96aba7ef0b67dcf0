package org.alcove;

/** The call was cancelled before it had a result. */
public final class CancelledException extends AlcoveException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message what was cancelled, in a user's words
     */
    public CancelledException(String message) {
        super(ErrorKind.CANCELLED, message, null);
    }
}

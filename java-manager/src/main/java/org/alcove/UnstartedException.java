package org.alcove;

/** The worker died before it began with what it was asked for, so that another one may be asked. */
final class UnstartedException extends AlcoveException {
    private static final long serialVersionUID = 1L;

    UnstartedException(AlcoveException death) {
        super(death.kind(), death.getMessage(), death.hint().orElse(null), death.data());
    }
}

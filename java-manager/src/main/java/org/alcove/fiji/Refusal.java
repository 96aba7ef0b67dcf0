package org.alcove.fiji;

import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** What ImageJ cannot hold, or an array cannot. */
final class Refusal {
    private Refusal() {}

    static AlcoveException of(String message, String hint) {
        return new AlcoveException(ErrorKind.INVALID_PARAMS, message, hint, Map.of());
    }
}

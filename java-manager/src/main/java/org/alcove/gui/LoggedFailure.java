package org.alcove.gui;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.alcove.AlcoveException;
import org.alcove.LogLine;

/** A failure of a call, with what the op has logged and printed: the last of that comes after the failure itself. */
final class LoggedFailure extends AlcoveException {
    private static final long serialVersionUID = 1L;

    private final transient Supplier<List<LogLine>> lines;

    LoggedFailure(AlcoveException failure, Supplier<List<LogLine>> lines) {
        super(failure.kind(), failure.getMessage(), failure.hint().orElse(null), failure.data());
        initCause(failure);
        this.lines = lines;
    }

    /** What was said so far. */
    String said() {
        return lines == null ? "" : lines.get().stream().map(LogLine::text).collect(Collectors.joining("\n"));
    }
}

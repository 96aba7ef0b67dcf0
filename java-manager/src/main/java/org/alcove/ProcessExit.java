package org.alcove;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a process ended, in words. */
final class ProcessExit {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"), Map.entry(2, "SIGINT"), Map.entry(3, "SIGQUIT"), Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"), Map.entry(6, "SIGABRT"), Map.entry(8, "SIGFPE"), Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"), Map.entry(13, "SIGPIPE"), Map.entry(14, "SIGALRM"), Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"), Map.entry(25, "SIGXFSZ"));
    private static final Map<Integer, String> SIGNALS_OF_LINUX =
            Map.of(7, "SIGBUS", 10, "SIGUSR1", 12, "SIGUSR2", 31, "SIGSYS");
    private static final Map<Integer, String> SIGNALS_OF_MACOS =
            Map.of(10, "SIGBUS", 12, "SIGSYS", 30, "SIGUSR1", 31, "SIGUSR2");
    private static final Map<Integer, String> CRASHES_OF_WINDOWS = Map.of(
            0xC0000005, "access violation", 0xC00000FD, "stack overflow", 0xC0000374, "damaged heap",
            0xC0000017, "memory ran out", 0xC0000409, "stack buffer overrun", 0xC0000135, "a DLL is missing");

    private ProcessExit() {}

    /** "exit code 3", or "SIGKILL (killed, probably because memory ran out)". */
    static String describe(int exitCode) {
        if (WINDOWS && CRASHES_OF_WINDOWS.containsKey(exitCode)) {
            return CRASHES_OF_WINDOWS.get(exitCode) + " (0x" + Integer.toHexString(exitCode).toUpperCase(Locale.ROOT) + ")";
        }
        return signal(exitCode)
                .map(signal -> signal.equals("SIGKILL") ? "SIGKILL (killed, probably because memory ran out)" : signal)
                .orElse("exit code " + exitCode);
    }

    /** The name of the signal that ended it. */
    static Optional<String> signal(int exitCode) {
        int number = exitCode - 128; // so the JDK reports it on POSIX, and so do shells that stand between
        if (WINDOWS || number <= 0) {
            return Optional.empty();
        }
        boolean isMac = System.getProperty("os.name").startsWith("Mac");
        Map<Integer, String> others = isMac ? SIGNALS_OF_MACOS : SIGNALS_OF_LINUX;
        return Optional.ofNullable(SIGNALS.getOrDefault(number, others.get(number)));
    }
}

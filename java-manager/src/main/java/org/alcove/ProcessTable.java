package org.alcove;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The processes of this machine at one moment, as far as one needs them to find a tree of processes. Linux tells most:
 * by {@code /proc} even children are found whose parents have died. macOS has {@code ps}, Windows only who started whom.
 */
final class ProcessTable {
    static final Path FOLDER = Path.of("/proc");
    private static final boolean HAS_FOLDER = Files.isReadable(FOLDER.resolve("self/stat"));
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private static final long NANOSECONDS_OF_RECENT = 500_000_000;

    private static volatile ProcessTable latest;

    private final long time = System.nanoTime();
    private final Map<Long, Entry> entries = new HashMap<>();

    /** A process that lives. Its session and group are named after the process that began them; 0 where nobody can tell. */
    private record Entry(long pid, long parent, long group, long session) {}

    private ProcessTable(List<Entry> entries) {
        entries.forEach(entry -> this.entries.put(entry.pid, entry));
    }

    static ProcessTable read() {
        return new ProcessTable(HAS_FOLDER ? fromFolder() : WINDOWS ? fromHandles() : fromCommand());
    }

    /** One that is at most half a second old, as many workers may be looked at in a row; but not older than this process. */
    static ProcessTable recent(long pid) {
        ProcessTable known = latest;
        if (known == null || !known.contains(pid) || System.nanoTime() - known.time > NANOSECONDS_OF_RECENT) {
            known = read();
            latest = known;
        }
        return known;
    }

    boolean contains(long pid) {
        return entries.containsKey(pid);
    }

    /**
     * The processes of a tree: those that are {@code roots}, in the session or group {@code leader}, or started with a
     * variable that says so, and all their descendants.
     *
     * @param leader 0 for none
     * @param variable {@code NAME=value}; null not to ask for it, which is quicker
     */
    Set<Long> tree(Set<Long> roots, long leader, String variable) {
        Set<Long> tree = select(entry -> roots.contains(entry.pid)
                || leader != 0 && (entry.group == leader || entry.session == leader));
        if (variable != null && HAS_FOLDER) {
            tree.addAll(select(entry -> !tree.contains(entry.pid) && hasVariable(entry.pid, variable)));
        }
        long own = ProcessHandle.current().pid();
        tree.remove(own);
        Set<Long> latest = tree;
        while (!latest.isEmpty()) {
            Set<Long> parents = latest;
            latest = select(entry -> entry.pid != own && parents.contains(entry.parent) && !tree.contains(entry.pid));
            tree.addAll(latest);
        }
        return tree;
    }

    private Set<Long> select(Predicate<Entry> condition) {
        Set<Long> pids = new HashSet<>();
        for (Entry entry : entries.values()) {
            if (condition.test(entry)) {
                pids.add(entry.pid);
            }
        }
        return pids;
    }

    /** Whether a process was started with a variable. What other users' processes were started with is not told. */
    private static boolean hasVariable(long pid, String variable) {
        try {
            String all = Files.readString(FOLDER.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
            return ("\0" + all).contains("\0" + variable + "\0");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Entry> fromFolder() {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(FOLDER, "[0-9]*")) {
            for (Path folder : folders) {
                String[] members = statistics(folder);
                // One that has ended keeps its number until its parent has asked for it; it holds nothing any more.
                if (members.length > 3 && !members[0].equals("Z") && !members[0].equals("X")) {
                    entries.add(new Entry(
                            Long.parseLong(folder.getFileName().toString()),
                            Long.parseLong(members[1]),
                            Long.parseLong(members[2]),
                            Long.parseLong(members[3])));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // What was seen till then is better than nothing.
        }
        return entries;
    }

    /** What {@code stat} in a process's folder says after its name, which may hold anything; empty when it has ended. */
    static String[] statistics(Path folder) {
        try {
            String line = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
            return line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
        } catch (IOException e) {
            return new String[0];
        }
    }

    private static List<Entry> fromHandles() {
        return ProcessHandle.allProcesses()
                .map(handle -> new Entry(handle.pid(), handle.parent().map(ProcessHandle::pid).orElse(0L), 0, 0))
                .toList();
    }

    private static List<Entry> fromCommand() {
        List<Entry> entries = new ArrayList<>();
        try {
            Process process = new ProcessBuilder("ps", "-A", "-o", "pid=,ppid=,pgid=,stat=")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            try (BufferedReader reader = process.inputReader(StandardCharsets.ISO_8859_1)) {
                for (String line; (line = reader.readLine()) != null; ) {
                    String[] words = line.strip().split("\\s+");
                    if (words.length == 4 && !words[3].startsWith("Z")) {
                        entries.add(new Entry(
                                Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), 0));
                    }
                }
            }
        } catch (IOException e) {
            return fromHandles();
        }
        return entries;
    }
}

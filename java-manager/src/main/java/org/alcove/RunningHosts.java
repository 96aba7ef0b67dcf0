package org.alcove;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the state files of running hosts say, as {@link HostFile} writes them. */
final class RunningHosts {
    private static final String PREFIX = "alcove-[0-9a-f]{8}";
    private static final long SECONDS_TO_END = 3;
    private static final Duration CLOCK_TICK = Duration.ofSeconds(2);

    private final Path folder;

    /** {@code folder} is the memory directory, which need not be there. */
    RunningHosts(Path folder) {
        this.folder = folder;
    }

    /** All workers, those of one host after the other in the order of their start, and what they use now. */
    List<WorkerInfo> workers() {
        return read().values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(WorkerInfo::host).thenComparing(WorkerInfo::started))
                .toList();
    }

    /** By the prefix of their host. */
    private Map<String, List<WorkerInfo>> read() {
        Map<String, List<WorkerInfo>> all = new HashMap<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try {
            Path real = folder.toRealPath();
            UserPrincipal self = OwnerOnly.self();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(real, "alcove-*" + HostFile.END_OF_NAME)) {
                for (Path file : files) {
                    all.put(prefix(file), workers(file, self));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw MemoryFolder.unusable(folder, e instanceof IOException failure ? failure : new IOException(e));
        }
        return all;
    }

    /** Ends the worker with this process id; false when there is none. */
    boolean stop(long pid) {
        for (Map.Entry<String, List<WorkerInfo>> host : read().entrySet()) {
            Optional<ProcessHandle> process = host.getValue().stream()
                    .filter(worker -> worker.pid() == pid)
                    .flatMap(worker -> process(worker).stream())
                    .findFirst();
            if (process.isPresent()) {
                leaveWord(host.getKey(), pid);
                end(process.get());
                return true;
            }
        }
        return false;
    }

    /** So that the host knows that somebody wanted it, and does not take it for a crash. */
    private void leaveWord(String prefix, long pid) {
        try {
            Files.newByteChannel(
                            folder.resolve(wordOfStop(prefix, pid)),
                            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            OwnerOnly.attributes(folder))
                    .close();
        } catch (IOException e) {
            // Then it does.
        }
    }

    /** The name of the file that says that somebody has ended this worker. */
    static String wordOfStop(String prefix, long pid) {
        return prefix + "-stop-" + pid;
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(SECONDS_TO_END, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly(); // it does not listen, or is stuck in C code
        }
    }

    /** The worker's process, which is none that got the same id later. */
    private static Optional<ProcessHandle> process(WorkerInfo worker) {
        return ProcessHandle.of(worker.pid())
                .filter(process -> process.info().startInstant()
                        .map(start -> start.isBefore(worker.started().plus(CLOCK_TICK)))
                        .orElse(false));
    }

    private static String prefix(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - HostFile.END_OF_NAME.length());
    }

    private List<WorkerInfo> workers(Path file, UserPrincipal self) {
        String prefix = prefix(file);
        try {
            // Anybody can put a file into /dev/shm, and the dead leave theirs until they are swept.
            boolean isOwn = Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(self);
            if (!prefix.matches(PREFIX) || !isOwn || !Lease.isHeld(folder.toRealPath().resolve(prefix + ".lease"))) {
                return List.of();
            }
            return parsed(Tree.object(Json.parse(Files.readAllBytes(file))));
        } catch (IOException | RuntimeException e) {
            return List.of(); // gone by now, or written by another version
        }
    }

    private List<WorkerInfo> parsed(Map<String, Object> members) {
        if (!Long.valueOf(HostFile.FORMAT).equals(members.get("format"))) {
            return List.of();
        }
        long host = Tree.number(members.get("pid"), 0);
        return Tree.list(members.get("workers")).stream()
                .map(each -> worker(host, Tree.object(each)))
                .toList();
    }

    private WorkerInfo worker(long host, Map<String, Object> members) {
        WorkerInfo without = new WorkerInfo(
                Tree.number(members.get("pid"), 0),
                host,
                String.valueOf(members.get("environment")),
                String.valueOf(members.get("purpose")),
                WorkerInfo.State.valueOf(String.valueOf(members.get("state")).toUpperCase(Locale.ROOT)),
                Optional.ofNullable(Tree.string(members.get("op"))),
                Instant.ofEpochMilli(Tree.number(members.get("since"), 0)),
                Instant.ofEpochMilli(Tree.number(members.get("started"), 0)),
                Tree.number(members.get("calls_done"), 0),
                OptionalLong.empty(),
                OptionalDouble.empty(),
                (int) Tree.number(members.get("threads"), 0),
                Optional.ofNullable(Tree.string(members.get("gpu"))),
                !Boolean.FALSE.equals(members.get("responsive")),
                Tree.strings(members.get("last_lines")),
                String.valueOf(members.get("reason")));
        return process(without)
                .flatMap(process -> ProcessUsage.of(process.pid(), folder))
                .map(without::using)
                .orElse(without);
    }
}

package org.alcove;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What somebody needs who looks for a mistake on another's machine, in one file; without what is nobody's business. */
final class BugReport {
    private static final int MOST_LOGS = 5;
    private static final int MOST_BYTES_OF_A_LOG = 500_000;
    private static final long SECONDS_FOR_THE_TOOLBOX = 30;
    private static final String INTRODUCTION = """
            A report of Alcove, for those who look for a mistake.

            failure.txt       what failed, where the report is of one failure
            doctor.txt        what the doctor found
            system.txt        this machine: system, memory, disks, limits
            variables.txt     variables that change what Alcove does
            settings.txt      settings of environments, and where each comes from; the files that set them
            environments.txt  the environments; markers/ holds what is known of each
            workers.txt       the workers of programs that run now
            logs/             the last logs: workers, what ops logged and printed

            Masked are: passwords and tokens (***), the home folder (~), the names of user and machine (USER, HOST), addresses
            of mail. Names of other files and folders stand in it as they are, and ops print what they like: look through it
            before you give it away.
            """;

    private final Path data;
    private final Redaction redaction;
    private final Map<String, Supplier<String>> parts = new LinkedHashMap<>();

    BugReport(Path data, Redaction redaction) {
        this.data = data;
        this.redaction = redaction;
        parts.put("README.txt", () -> INTRODUCTION + "\nWritten at " + Instant.now() + "\n");
        parts.put("doctor.txt", BugReport::findings);
        parts.put("system.txt", () -> SystemFacts.text(List.of(data, Places.memoryDirectory().path())));
        parts.put("variables.txt", () -> SystemFacts.variables(System.getenv()));
        parts.put("settings.txt", this::settings);
        parts.put("environments.txt", this::environments);
        parts.put("workers.txt", BugReport::workers);
    }

    /** With the text of a failure that it is written for. */
    BugReport about(String failure) {
        parts.put("failure.txt", () -> failure);
        return this;
    }

    /**
     * Writes the report and returns the names of what is in it. Whatever fails on the way stands in the report in its place.
     *
     * @throws IOException when the file cannot be written
     */
    List<String> write(Path file) throws IOException {
        addFiles("markers/", markers(), Integer.MAX_VALUE);
        addFiles("logs/", logs(), MOST_BYTES_OF_A_LOG);
        Path folder = file.toAbsolutePath().getParent();
        Path made = Files.createTempFile(folder, ".alcove-report-", ".zip");
        try {
            try (OutputStream stream = Files.newOutputStream(made);
                    ZipOutputStream zip = new ZipOutputStream(stream, StandardCharsets.UTF_8)) {
                for (Map.Entry<String, Supplier<String>> part : parts.entrySet()) {
                    zip.putNextEntry(new ZipEntry(part.getKey()));
                    zip.write(redaction.of(text(part.getValue())).getBytes(StandardCharsets.UTF_8));
                    zip.closeEntry();
                }
            }
            Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
        }
        return List.copyOf(parts.keySet());
    }

    private static String text(Supplier<String> part) {
        try {
            return part.get();
        } catch (RuntimeException | Error e) {
            return "could not be found out: " + e + "\n";
        }
    }

    private static String findings() {
        StringBuilder text = new StringBuilder();
        for (Doctor.Finding finding : Doctor.examine()) {
            text.append(String.format("%-8s %-17s %s%n", finding.status(), finding.name(), finding.value()));
            if (!finding.hint().isEmpty()) {
                text.append("         -> ").append(finding.hint()).append('\n');
            }
        }
        return text.toString();
    }

    private String settings() {
        StringBuilder text = new StringBuilder();
        text.append(byTheToolbox(alcove -> {
            StringBuilder lines = new StringBuilder();
            for (EnvironmentSetting each : alcove.environments().settings()) {
                lines.append(each.name().isEmpty() ? each.variable() : each.name()).append(" = ").append(each.value())
                        .append("  (").append(each.source()).append(")\n");
            }
            return lines.toString();
        }));
        for (Path file : DoctorBootstrap.settingsFiles(
                System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"))) {
            text.append("\n").append(file).append(Files.isReadable(file) ? ":\n" + end(file, MOST_BYTES_OF_A_LOG) : ": none\n");
        }
        return text.toString();
    }

    private String environments() {
        return byTheToolbox(alcove -> {
            StringBuilder lines = new StringBuilder();
            for (EnvironmentInfo each : alcove.environments().list()) {
                lines.append(each.name()).append("  ").append(each.state()).append("  ").append(each.engine()).append("  Python ")
                        .append(each.pythonVersion()).append("  ").append(each.sizeBytes()).append(" bytes\n");
            }
            return lines.length() == 0 ? "none\n" : lines.toString();
        });
    }

    private interface Question {
        String ask(Alcove alcove);
    }

    /** An answer of the toolbox's, where it is there and answers: a report must also come from a machine where it does not. */
    private String byTheToolbox(Question question) {
        if (new Toolbox(data, null, System.getenv()).find().isEmpty()) {
            return "(the toolbox is not there)\n";
        }
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "alcove-report");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Callable<String> asking = () -> {
                try (Alcove alcove = Alcove.open(new Settings().dataDirectory(data))) {
                    return question.ask(alcove);
                }
            };
            return executor.submit(asking).get(SECONDS_FOR_THE_TOOLBOX, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "(the toolbox did not answer within " + SECONDS_FOR_THE_TOOLBOX + " s)\n";
        } catch (ExecutionException e) {
            return "(the toolbox failed: " + e.getCause() + ")\n";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } finally {
            executor.shutdownNow();
        }
    }

    private static String workers() {
        List<WorkerInfo> all = Workers.everywhere();
        StringBuilder text = new StringBuilder(all.isEmpty() ? "none\n" : "");
        all.forEach(each -> text.append(each).append('\n'));
        return text.toString();
    }

    /** By the names that they get: what is known of each environment and of the toolbox. */
    private Map<String, Path> markers() {
        Map<String, Path> found = new TreeMap<>();
        addMarkers(found, data.resolve("toolbox"), "toolbox");
        for (Path environment : children(data.resolve("environments"))) {
            addMarkers(found, environment, environment.getFileName().toString());
        }
        return found;
    }

    private static void addMarkers(Map<String, Path> found, Path folder, String name) {
        for (Path version : children(folder)) {
            Path marker = version.resolve(Environment.MARKER);
            if (Files.isRegularFile(marker)) {
                found.put(name + "-" + version.getFileName() + ".json", marker);
            }
        }
    }

    private static List<Path> children(Path folder) {
        List<Path> all = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
                children.forEach(all::add);
            } catch (IOException e) {
                return all; // what can be seen is enough
            }
        }
        return all;
    }

    private Map<String, Path> logs() throws IOException {
        List<Path> files = LogFile.files(data.resolve(LogFile.FOLDER));
        Map<String, Path> last = new LinkedHashMap<>();
        for (Path file : files.subList(Math.max(0, files.size() - MOST_LOGS), files.size())) {
            last.put(file.getFileName().toString(), file);
        }
        return last;
    }

    private void addFiles(String folder, Map<String, Path> files, int mostBytes) {
        files.forEach((name, file) -> parts.put(folder + redaction.of(name), () -> end(file, mostBytes)));
    }

    /** A text file, or its end. */
    private static String end(Path file, int mostBytes) {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            int size = (int) Math.min(content.length(), mostBytes);
            byte[] bytes = new byte[size];
            content.seek(content.length() - size);
            content.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "could not be read: " + Folders.reason(e) + "\n";
        }
    }
}

package org.alcove;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One call in a process of its own, which ends with it: the protocol's simple mode. Inputs go by its standard input and
 * shared memory, outputs come by its standard output and as files.
 */
final class RunOnce implements Call.Runner {
    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final long MILLISECONDS_TO_DRAIN = 1000; // a child that the op left may hold the pipe open

    private final Host host;
    private final Launch launch;
    private final Call call;
    private final long grace;
    private Process process;
    private BoundedLog log;
    private Double latestFraction;

    /** A call that gets {@code grace} milliseconds to end after its cancel. */
    RunOnce(Host host, Launch launch, Call call, long grace) {
        this.host = host;
        this.launch = launch;
        this.call = call;
        this.grace = grace;
    }

    /**
     * Runs the op and returns its outputs, each array as the Path of its file.
     *
     * @param op the op file's path, a colon, and the op's name
     * @param files arrays that are read from files, by the inputs' names
     * @param folder where the files of the outputs go
     */
    Outputs run(String op, Adaptation adaptation, Map<String, Path> files, Path folder) {
        Path memory = host.memory().directory();
        Path lease = memory.resolve(host.memory().prefix() + ".lease");
        byte[] inputs = inputs(files);
        process = launch.start(launch.simpleMode(lease, List.of(
                "run", op, "--output", made(folder).toString(), "--memory", memory.toString(),
                "--adapt", adaptation.word(), "--progress", "json")), "a process");
        try {
            CompletableFuture<byte[]> answer = CompletableFuture.supplyAsync(this::readAnswer, host.executor());
            log = new BoundedLog(process.getErrorStream(), launch.name(), this::hear);
            if (call.begin(this::cancel, grace)) {
                throw new CancelledException("cancelled before it began");
            }
            call.began(this);
            send(inputs);
            int exitCode = process.waitFor();
            log.awaitEnd(MILLISECONDS_TO_DRAIN);
            return outputs(exitCode, answer.get(MILLISECONDS_TO_DRAIN, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while the op ran");
        } catch (ExecutionException | TimeoutException e) {
            throw Connection.violation("an answer that cannot be read: " + e.getMessage());
        } finally {
            ProcessTree.kill(process);
            closeInput();
        }
    }

    private byte[] inputs(Map<String, Path> files) {
        return Json.line(json -> {
            json.writeStartObject();
            call.inputs().writeMembers(json);
            for (Map.Entry<String, Path> file : files.entrySet()) {
                json.writeObjectFieldStart(file.getKey());
                json.writeStringField(Values.TAG, "file");
                json.writeStringField("path", file.getValue().toAbsolutePath().toString());
                json.writeEndObject();
            }
            json.writeEndObject();
        });
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder.toAbsolutePath());
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS,
                    "the folder for the outputs cannot be made: " + Folders.reason(e),
                    "choose another folder");
        }
    }

    private void send(byte[] bytes) {
        try {
            OutputStream input = process.getOutputStream();
            input.write(bytes);
            input.flush();
        } catch (IOException e) {
            // It has ended; how, it says by itself.
        }
    }

    private void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended.
        }
    }

    /** Asks it to end, and ends what does not listen. Whoever cancels shall not wait for a full pipe. */
    private void cancel() {
        host.executor().execute(() -> send(new byte[] {'\n'}));
        host.executor().execute(() -> {
            try {
                if (!process.waitFor(grace, TimeUnit.MILLISECONDS)) {
                    ProcessTree.kill(process);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private byte[] readAnswer() {
        try {
            byte[] answer = process.getInputStream().readNBytes(MAX_ANSWER_BYTES);
            process.getInputStream().transferTo(OutputStream.nullOutputStream());
            return answer;
        } catch (IOException e) {
            return new byte[0]; // the process was ended
        }
    }

    @Override
    public long pid() {
        return process.pid();
    }

    /** Unknown: such a process says nothing but progress, and how much a process uses no platform tells alike. */
    @Override
    public OptionalLong memoryBytes() {
        return OptionalLong.empty();
    }

    /** Nothing but that it is there: it takes no questions. */
    @Override
    public Optional<Map<String, Object>> status(long milliseconds) {
        return process.isAlive() ? Optional.of(Map.of()) : Optional.empty();
    }

    /** Takes a line of stderr: progress, a log record, or what was printed. */
    private boolean hear(String line) {
        boolean isMessage = line.startsWith("{\"jsonrpc\"") && understand(line);
        if (!isMessage) {
            call.lines().accept(LogLine.printed(line));
        }
        return isMessage;
    }

    private boolean understand(String line) {
        try {
            Map<String, Object> message = Tree.object(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
            Map<String, Object> params = Tree.object(message.get("params"));
            boolean progress = "progress".equals(message.get("method"));
            boolean record = "log".equals(message.get("method"));
            if (progress) {
                latestFraction = Tree.decimal(params.get("fraction"));
            } else if (record) {
                call.lines().accept(LogLine.of(params));
            }
            if (progress || record && !"debug".equals(params.get("level"))) {
                String text = params.get("message") instanceof String said ? said : "";
                call.report(Progress.of(Progress.Stage.OP, latestFraction, text, Requests.details(params)));
            }
            return progress || record;
        } catch (IOException e) {
            return false;
        }
    }

    private Outputs outputs(int exitCode, byte[] answer) {
        Map<String, Object> members = parsed(answer);
        if (exitCode == 1 && members != null && members.get("error") instanceof Map<?, ?> error) {
            throw AlcoveException.fromWorker(Tree.object(error));
        }
        if (exitCode == 2) {
            throw Connection.violation("an answer to another command line: " + String.join(" ", log.lines()));
        }
        if (exitCode == 1 && members == null && !launch.isThere()) {
            throw new AlcoveException(
                    ErrorKind.START_FAILED,
                    "a process for " + launch.name() + " could not be started: its environment was removed",
                    "call again",
                    report(exitCode));
        }
        if (exitCode != 0 || members == null) {
            call.spoilArrays();
            throw died(exitCode);
        }
        return new FileOutputs(host.memory()).read(members);
    }

    private static Map<String, Object> parsed(byte[] answer) {
        try {
            return Json.parse(answer) instanceof Map<?, ?> members ? Tree.object(members) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private Map<String, Object> report(int exitCode) {
        Map<String, Object> report = new HashMap<>();
        report.put("command", process.info().commandLine().orElse(launch.python().toString()));
        report.put("exit_code", exitCode);
        report.put("stderr", log.lines());
        return report;
    }

    private AlcoveException died(int exitCode) {
        return new AlcoveException(
                ErrorKind.WORKER_DIED,
                "the process for " + launch.name() + " ended: " + ProcessExit.describe(exitCode) + log.lastWords(),
                "the op, or a library that it uses, ended the process",
                report(exitCode));
    }
}

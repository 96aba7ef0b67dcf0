package org.alcove.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.WorkerInfo;
import org.alcove.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code alcove workers}. */
@Command(
        name = "workers",
        description = "Shows the workers of all running programs of yours: what each does, for how long, memory and processor.",
        synopsisSubcommandLabel = "[COMMAND]",
        subcommands = WorkersStopCommand.class,
        footer = {
            "",
            "Example: alcove workers --watch",
            "Those of programs that use the same memory directory (ALCOVE_MEMORY_DIR) as this command."
        })
final class WorkersCommand implements Callable<Integer> {
    private static final long MILLISECONDS_BETWEEN_LOOKS = 1000;
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final Console console;

    @Mixin
    CommonOptions common;

    @Option(names = "--watch", description = "Go on showing them, every second, until Ctrl-C; with --json one line each time.")
    boolean watch;

    WorkersCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        console.setQuiet(common.quiet);
        boolean redraws = watch && !common.json && Boolean.getBoolean("alcove.terminal");
        do {
            List<WorkerInfo> workers = Workers.everywhere();
            if (redraws) {
                System.out.print(CLEAR);
            }
            show(workers);
            System.out.flush();
            if (watch) {
                Thread.sleep(MILLISECONDS_BETWEEN_LOOKS);
            }
        } while (watch && !System.out.checkError());
        return 0;
    }

    private void show(List<WorkerInfo> workers) {
        if (common.json) {
            List<Map<String, Object>> all = workers.stream().map(WorkersCommand::members).toList();
            if (watch) {
                System.out.println(JsonOutput.text(all));
            } else {
                JsonOutput.print(all);
            }
            return;
        }
        if (workers.isEmpty()) {
            console.line("No workers are running.");
            return;
        }
        Columns columns = new Columns("");
        columns.add("PID", "PROGRAM", "STATE", "FOR", "CALLS", "MEMORY", "CPU", "ENVIRONMENT", "OP");
        for (WorkerInfo each : workers) {
            columns.add(
                    each.pid() == 0 ? "-" : String.valueOf(each.pid()),
                    String.valueOf(each.host()),
                    state(each),
                    Quantities.brief(Duration.between(each.since(), Instant.now())),
                    String.valueOf(each.callsDone()),
                    each.memory().isPresent() ? Quantities.size(each.memory().getAsLong()) : "-",
                    each.cpuSeconds().isPresent()
                            ? Quantities.brief(Duration.ofMillis((long) (each.cpuSeconds().getAsDouble() * 1000)))
                            : "-",
                    Console.harmless(each.environment()) + (each.gpu().isPresent() ? ", GPU " + each.gpu().get() : ""),
                    Console.harmless(each.state() == WorkerInfo.State.FAILED ? each.reason() : each.op().orElse("")));
        }
        columns.print();
    }

    private static String state(WorkerInfo worker) {
        return Words.of(worker.state()) + (worker.isResponsive() ? "" : ", not responding");
    }

    static Map<String, Object> members(WorkerInfo worker) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("pid", worker.pid() == 0 ? null : worker.pid());
        members.put("program", worker.host());
        members.put("environment", worker.environment());
        members.put("purpose", worker.purpose());
        members.put("state", worker.state().name().toLowerCase(Locale.ROOT));
        members.put("responsive", worker.isResponsive());
        members.put("op", worker.op().orElse(null));
        members.put("since", worker.since().toString());
        members.put("started", worker.started().toString());
        members.put("calls_done", worker.callsDone());
        members.put("memory_bytes", worker.memory().isPresent() ? worker.memory().getAsLong() : null);
        members.put("cpu_seconds", worker.cpuSeconds().isPresent() ? worker.cpuSeconds().getAsDouble() : null);
        members.put("threads", worker.threads() == 0 ? null : worker.threads());
        members.put("gpu", worker.gpu().orElse(null));
        members.put("last_lines", worker.lastLines());
        members.put("reason", worker.reason().isEmpty() ? null : worker.reason());
        return members;
    }
}

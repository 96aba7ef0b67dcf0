package org.alcove.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.WorkerInfo;
import org.alcove.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code alcove workers stop PID}. */
@Command(
        name = "stop",
        description = "Ends workers. A call that runs in one fails; the next call of its program starts another worker.",
        footer = {"", "Example: alcove workers stop 4711"})
final class WorkersStopCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    CommonOptions common;

    @Parameters(arity = "1..*", paramLabel = "PID", description = "Their process ids, as alcove workers shows them.")
    List<Long> pids;

    WorkersStopCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        console.setQuiet(common.quiet);
        List<WorkerInfo> workers = Workers.everywhere();
        List<Map<String, Object>> stopped = new ArrayList<>();
        for (long pid : pids) {
            WorkerInfo worker = workers.stream()
                    .filter(each -> each.pid() == pid)
                    .findFirst()
                    .orElseThrow(() -> unknown(pid));
            boolean isBusy = worker.state() == WorkerInfo.State.BUSY;
            if (!common.json && isBusy && !console.confirms("Worker " + pid + " is busy with "
                    + Console.harmless(worker.op().orElse("something")) + ", which will fail. End it?")) {
                continue;
            }
            if (!Workers.stopAnywhere(pid)) {
                throw unknown(pid);
            }
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("pid", pid);
            members.put("was_busy_with", worker.op().orElse(null));
            stopped.add(members);
            console.line("Ended worker " + pid + ".");
        }
        if (common.json) {
            JsonOutput.print(stopped);
        }
        return 0;
    }

    private static AlcoveException unknown(long pid) {
        return new AlcoveException(
                ErrorKind.INVALID_PARAMS, "no running program of yours has a worker " + pid, "alcove workers lists them",
                Map.of());
    }
}

package org.alcove.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.alcove.Alcove;
import org.alcove.EnvironmentSpec;
import org.alcove.Op;
import org.alcove.Progress;
import org.alcove.Settings;
import org.alcove.batch.Batch;
import org.alcove.batch.BatchItem;
import org.alcove.batch.BatchItems;
import org.alcove.batch.BatchPlanned;
import org.alcove.batch.BatchResult;
import org.alcove.batch.BatchRun;
import org.alcove.batch.BatchStatus;
import org.alcove.batch.BatchTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code alcove batch FILE.py:OP --over image='plates/**&#47;*.tif' -o DIR}. */
@Command(
        name = "batch",
        description = "Runs an op on many image files or rows of a table, several at once; the same command again goes on "
                + "where it was.",
        footer = {
            "",
            "Examples:",
            "  alcove batch cells.py:segment --over image='plates/**/*.tif' --set sigma=2 -o results",
            "  alcove batch cells.py:overlay --over image='raw/*.tif' --over labels='masks/*.tif' -o results",
            "  alcove batch cells.py:segment --items experiment.csv --workers 4 -o results",
            "",
            "Images are read ahead and results written behind. DIR/report.csv says what became of each item, DIR/values.csv "
                    + "has the numbers, and the tables of all items are joined into one. An image that fails costs one line "
                    + "of the report.",
            "Ctrl-C finishes what runs; once more stops at once. Exit code: 0 all is done, 3 some items failed, 1 the batch "
                    + "could not run, 2 wrong arguments, 130 stopped before the end."
        })
final class BatchCommand extends LibraryCommand {
    private static final int SOME_FAILED = 3;

    @Parameters(index = "0", paramLabel = "FILE.py:OP", description = "Op file and op; the op may be left out if there is one.")
    String reference;

    @Option(names = "--over", paramLabel = "name=VALUES", parameterConsumer = OverConsumer.class,
            description = "An input that is another one for each item. For images and paths: files, a pattern in quotes "
                    + "('plates/**/*.tif', where ** is any folders), or @list.txt with a file on each line. Else values: "
                    + "'[1, 2, 3]'. Several --over are taken side by side: first with first, A2 before A10.")
    List<List<String>> over = new ArrayList<>();

    @Option(names = "--items", paramLabel = "TABLE",
            description = "A table, CSV or TSV: each row an item, each column an input. Files are relative to the table.")
    Path table;

    @Option(names = "--set", paramLabel = "name=value", description = "An input that is the same for all items.")
    List<String> shared = new ArrayList<>();

    @Option(names = {"-o", "--output"}, paramLabel = "DIR", required = true, description = "Folder for all that comes out.")
    Path output;

    @Option(names = "--name", paramLabel = "TEMPLATE",
            description = "What files are called in DIR, without their ending (default: {folder}/{stem}_{output}). Also known: "
                    + "{name} {number} {op}, and each input in braces.")
    String template;

    @Option(names = "--workers", paramLabel = "N", converter = Numbers.FromOne.class,
            description = "How many items are computed at once, each in a process of its own (default: one for each core).")
    Integer workers;

    @Option(names = "--reader", paramLabel = "FILE.py:OP",
            description = "Read images with this op, which takes a path and gives an image: for formats that Alcove does not "
                    + "read. It has an environment of its own; folders may be images then, too.")
    String reader;

    @Option(names = "--deadline", paramLabel = "TIME", converter = Numbers.Time.class,
            description = "How long one item may take, as 90s, 10m or 2h; one that takes longer has failed.")
    Duration deadline;

    @Option(names = "--tables", paramLabel = "csv|parquet|separate", defaultValue = "csv",
            description = "What becomes of tables: joined into one .csv (the default) or .parquet, or one .csv for each item.")
    BatchTables tables;

    @Option(names = "--retry-failed", description = "Try again what failed in an earlier run.")
    boolean retryFailed;

    @Option(names = "--dry-run", description = "Only show the items, and where their outputs would go.")
    boolean dryRun;

    @Mixin
    RunOptions options;

    private volatile boolean runs;

    BatchCommand(Console console) {
        super(console);
    }

    @Override
    Settings settings() {
        return options.settings();
    }

    /** What each op says of itself while many run would be a flicker; notices and environments are said all the same. */
    @Override
    Consumer<Progress> listener() {
        return progress -> {
            if (!runs || progress.stage() != Progress.Stage.OP) {
                console.progress(progress);
            }
        };
    }

    @Override
    int run(Alcove alcove) throws Exception {
        OpReference wanted = OpReference.parse(reference);
        EnvironmentSpec environment = options.environment(wanted);
        prepare(alcove);
        Op op = find(alcove, wanted, environment).adapting(options.adaptation);
        BatchInputs inputs = new BatchInputs(op, over, table, shared, output, reader != null);
        List<BatchItem> items = console.step("find the items", inputs::items);
        Batch batch = chosen(Batch.of(alcove, op).items(items).output(output).tables(tables).retryFailed(retryFailed));
        for (Map.Entry<String, Object> value : inputs.common().entrySet()) {
            batch = batch.set(value.getKey(), value.getValue());
        }
        if (reader != null) {
            OpReference reading = OpReference.parse(reader);
            batch = batch.reader(find(alcove, reading, reading.environment(null)));
            makeEnvironment(alcove, reading.environment(null));
        }
        makeEnvironment(alcove, environment);
        return dryRun ? show(items, batch.plan()) : run(batch, op, items.size());
    }

    private Op find(Alcove alcove, OpReference wanted, EnvironmentSpec environment) throws Exception {
        return console.step("read " + wanted.file().getFileName(), () -> wanted.find(alcove, environment));
    }

    private Batch chosen(Batch batch) {
        Batch named = template == null ? batch : batch.naming(template);
        Batch limited = workers == null ? named : named.workers(workers);
        return deadline == null ? limited : limited.deadline(deadline);
    }

    private int run(Batch batch, Op op, int items) throws Exception {
        BatchDisplay display = new BatchDisplay(console);
        Batch shown = batch.onProgress(display::progress).onOutcome(display::outcome);
        try (Interruption interruption = new Interruption(console)) {
            runs = true;
            BatchResult result = console.step("run " + op.name() + " on " + Quantities.count(items, "item"), () -> {
                BatchRun run = shown.start();
                interruption.reaches(run);
                return run.await();
            });
            print(result);
            if (result.pending() > 0) {
                return interruption.exitCode();
            }
            return result.failed() + result.quarantined() > 0 ? SOME_FAILED : 0;
        } finally {
            runs = false;
        }
    }

    private int show(List<BatchItem> items, List<BatchPlanned> plan) {
        List<Map<String, Object>> shown = new ArrayList<>();
        for (int index = 0; index < plan.size(); index++) {
            shown.add(members(items.get(index), plan.get(index)));
        }
        if (common.json) {
            JsonOutput.print(Map.of("items", shown));
            return 0;
        }
        for (int index = 0; index < plan.size(); index++) {
            BatchPlanned item = plan.get(index);
            boolean ended = item.status() != BatchStatus.PENDING;
            System.out.println(item.item() + (ended ? " (" + item.status().word() + ")" : ""));
            items.get(index).inputs().forEach(
                    (name, value) -> System.out.println("    " + name + " = " + JsonOutput.forPeople(value)));
            item.outputs().forEach(file -> System.out.println("    -> " + file));
        }
        return 0;
    }

    private static Map<String, Object> members(BatchItem wanted, BatchPlanned item) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("item", item.item());
        members.put("status", item.status().word());
        members.put("inputs", wanted.inputs());
        members.put("outputs", item.outputs());
        return members;
    }

    private void print(BatchResult result) {
        if (common.json) {
            JsonOutput.print(members(result));
            return;
        }
        System.out.println(sentence(result));
        System.out.println("report: " + result.report());
        result.values().ifPresent(values -> System.out.println("values: " + values));
        result.tables().forEach(file -> System.out.println("table: " + file));
        if (result.failed() + result.quarantined() > 0) {
            console.line("hint: --retry-failed tries again what failed; report.csv says why it did");
        }
    }

    private static String sentence(BatchResult result) {
        long all = result.done() + result.failed() + result.quarantined() + result.pending();
        StringBuilder text = new StringBuilder(Quantities.count(all, "item") + ": " + result.done() + " done");
        Map<String, Long> others = new LinkedHashMap<>();
        others.put(" failed", result.failed());
        others.put(" quarantined", result.quarantined());
        others.put(" not run", result.pending());
        others.forEach((word, count) -> text.append(count > 0 ? ", " + count + word : ""));
        return text.append(result.skipped() > 0 ? " (" + result.skipped() + " of them by an earlier run)" : "").toString();
    }

    private static Map<String, Object> members(BatchResult result) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("done", result.done());
        members.put("failed", result.failed());
        members.put("quarantined", result.quarantined());
        members.put("pending", result.pending());
        members.put("skipped", result.skipped());
        members.put("seconds", result.seconds());
        members.put("report", result.report());
        members.put("values", result.values().orElse(null));
        members.put("tables", result.tables());
        return members;
    }
}

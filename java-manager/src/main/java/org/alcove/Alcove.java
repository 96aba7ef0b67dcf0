package org.alcove;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The manager: finds ops, makes the environments that they need, keeps workers alive in them and hands images over in
 * shared memory.
 *
 * <pre>{@code
 * try (Alcove alcove = Alcove.open()) {
 *     Op segment = alcove.op(Path.of("cells.py"), "segment");
 *     try (SharedArray image = alcove.share(DType.UINT16, pixels, "y x", 512, 512);
 *          Outputs outputs = segment.call(Map.of("image", image, "sigma", 2.0))) {
 *         short[] labels = outputs.array("labels").toShorts();
 *     }
 * }
 * }</pre>
 *
 * <p>Safe for use from several threads. A program may open several; each has workers of its own.
 */
public final class Alcove implements AutoCloseable {
    private static final long SECONDS_TO_END_CALLS = 5;
    private static final Set<Alcove> OPEN = ConcurrentHashMap.newKeySet();

    static {
        // Ctrl-C and a main that returned end the JVM without anybody closing the managers.
        java.lang.Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> List.copyOf(OPEN).parallelStream().forEach(Alcove::close), "alcove-shutdown"));
    }

    private final Object closing = new Object();
    private volatile boolean isClosing;
    private final Host host;
    private final WorkerPool workers;
    private final Consumer<Progress> listener;
    private final Path dataDirectory;
    private final Path packageDirectory;
    private final Toolbox toolbox;
    private final Descriptions descriptions;
    private final Documents documents;
    private final Environments environments;

    private Alcove(Host host, Settings settings) {
        this.host = host;
        this.workers = new WorkerPool(host, PoolSettings.of(settings));
        this.listener = settings.listener();
        this.dataDirectory = settings.dataDirectory();
        this.packageDirectory = WorkerPackage.unpack(dataDirectory);
        host.workers().logTo(dataDirectory.resolve(LogFile.FOLDER));
        Map<String, String> variables = settings.variables();
        this.toolbox = new Toolbox(dataDirectory, packageDirectory, variables);
        this.descriptions = Descriptions.in(dataDirectory, packageDirectory.getFileName().toString());
        this.documents = new Documents(name -> toolboxOp("alcove.dialects", name, "files"));
        this.environments = new Environments(
                dataDirectory.resolve("environments"),
                packageDirectory,
                settings.isOffline(),
                variables,
                (name, onlyLooks) -> toolboxOp("alcove.environments", name, onlyLooks ? "looking" : Launch.CHANGING),
                new PackedToolbox(host, toolbox, dataDirectory.resolve("cache")));
    }

    /** Opens a manager with default settings. */
    public static Alcove open() {
        return open(new Settings());
    }

    /**
     * Opens a manager.
     *
     * @throws AlcoveException when one of its folders cannot be used
     */
    public static Alcove open(Settings settings) {
        Places.Place memory = settings.memoryDirectory();
        Host host = new Host(SharedMemory.open(memory));
        settings.callbacks().ifPresent(host::callbacks);
        try {
            Alcove alcove = new Alcove(host, settings);
            OPEN.add(alcove);
            Places.notice(memory, System.getProperty("os.name")).ifPresent(alcove::tell);
            return alcove;
        } catch (RuntimeException e) {
            host.memory().close();
            host.close();
            throw e;
        }
    }

    /** This version, as {@code 0.1.0}. */
    public static String version() {
        return WorkerPackage.resource("/org/alcove/version.txt").strip();
    }

    /** Whether the toolbox is there; a look at one file, no process. */
    public boolean isPrepared() {
        return toolbox.find().isPresent();
    }

    /** What {@link #prepare} will download and where to, to ask a user before. Starts short processes: it looks for a Python. */
    public ToolboxPlan toolboxPlan() {
        return toolbox.plan();
    }

    /**
     * Makes the toolbox, which makes environments and reads image files, unless it is there. Whatever needs it does the
     * same; a program that does it by itself can show when.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED}
     */
    public void prepare(Consumer<Progress> listener) {
        Call.around(host, listener, call -> toolbox.launch(call, "files"));
    }

    /**
     * An op of an op file, in the environment that the file's header asks for.
     *
     * <p>The file is described by a throwaway process of the toolbox, so mistakes in it are reported here, before any
     * environment is made. A description is remembered until the file, or one that it imports from beside it, changes.
     * The environment is made on the first call.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} with all mistakes of the file, {@link ErrorKind#OP_NOT_FOUND}
     */
    public Op op(Path file, String name) {
        return select(ops(file), OpSource.file(file), name);
    }

    /** As {@link #op(Path, String)}, in an environment of your choice. */
    public Op op(Path file, String name, EnvironmentSpec environment) {
        return select(ops(file, environment), OpSource.file(file), name);
    }

    /** All ops of an op file. */
    public List<Op> ops(Path file) {
        return ops(file, EnvironmentSpec.fromOpFile(file));
    }

    /** All ops of an op file, in an environment of your choice. */
    public List<Op> ops(Path file, EnvironmentSpec environment) {
        OpSource known = OpSource.file(file);
        Descriptions.Description description = description(known, environment);
        OpSource source = known.withImports(description.sources());
        List<Op> ops = new ArrayList<>();
        for (Object descriptor : description.ops()) {
            Map<String, Object> members = Tree.object(descriptor);
            ops.add(new Op(host, workers, source, String.valueOf(members.get("name")), members,
                    environments.launch(environment), listener));
        }
        return ops;
    }

    /**
     * The descriptors in a file: of all ops of an op file, or those that a document ({@code .json}, {@code .yaml}, {@code
     * .yml} or {@code .xml}) holds.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} with all mistakes of the file
     */
    public List<Map<String, Object>> descriptors(Path file) {
        return Documents.isDocument(file)
                ? documents.read(file)
                : descriptors(file, EnvironmentSpec.fromOpFile(file));
    }

    /**
     * The ops of an op file as a document in one of the dialects {@code json}, {@code yaml} and {@code xml}; or a document
     * in another dialect. Nothing is lost on the way from one to another.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} with all mistakes of the file
     */
    public String describe(Path file, String dialect) {
        return documents.render(descriptors(file), dialect);
    }

    /** As {@link #describe(Path, String)} for an op file, in an environment of your choice. */
    public String describe(Path file, EnvironmentSpec environment, String dialect) {
        return documents.render(descriptors(file, environment), dialect);
    }

    /** All that is wrong in an op file or a document; nothing when it is valid. */
    public List<Mistake> validate(Path file) {
        try {
            return descriptors(file).isEmpty()
                    ? List.of(new Mistake(file, 0, "there is no op in it", "an op has @op above its function"))
                    : List.of();
        } catch (AlcoveException failure) {
            if (failure.kind() != ErrorKind.LOAD_FAILED && failure.kind() != ErrorKind.OP_FAILED) {
                throw failure; // not the file's fault
            }
            return Mistake.in(failure, file);
        }
    }

    /**
     * Reads an image file straight into shared memory, with its axes and calibration: whatever tifffile or imageio opens.
     *
     * @throws AlcoveException {@link ErrorKind#OP_FAILED} when there is no such file or it is no image
     */
    public SharedArray readImage(Path file) {
        return toolboxOp("alcove.files", "read", "files").call(Map.of("path", file)).array("image");
    }

    /**
     * Writes an array to an image file, with its axes and calibration. The name's end says the format: {@code .tif},
     * {@code .ome.tif}, {@code .png}, {@code .npy} ... What was there before is replaced, whole or not at all.
     *
     * @throws AlcoveException {@link ErrorKind#OP_FAILED} when the format cannot hold the array, or the disk is full
     */
    public void writeImage(SharedArray image, Path file) {
        toolboxOp("alcove.files", "write", "files").call(Map.of("path", file, "image", image)).close();
    }

    /**
     * Joins tables one below the other into one file: first a column {@code item} that says where a row is from ({@code
     * batch_item} where a table has one of that name), then all columns that a table has, in the order in which they first
     * appear. A cell that a table lacks stays empty.
     *
     * @param tables for each its item and its CSV file, in order; walked once and not kept, so they may be very many
     * @param output the file to write, {@code .csv} or {@code .parquet}; what was there before is replaced, whole or not at
     *     all. For Parquet an environment is made first, where it is missing (about 50 MB)
     * @throws AlcoveException {@link ErrorKind#OP_FAILED} when a table cannot be read, or the disk is full
     */
    public void joinTables(Iterable<Map.Entry<String, Path>> tables, Path output) {
        new JoinedTables(toolboxOp("alcove.batches", "join", "files"), parquetOp()).write(tables, output);
    }

    /** What is remembered of op files that were described before. */
    public KnownOps knownOps() {
        return new KnownOps(descriptions);
    }

    /** The environments on this machine. */
    public Environments environments() {
        return environments;
    }

    /** The workers of this manager: what each does, and ending one. */
    public Workers workers() {
        return host.workers();
    }

    /** The folder that holds toolbox, environments and caches. */
    public Path dataDirectory() {
        return dataDirectory;
    }

    /**
     * A SharedArray with a copy of the elements.
     *
     * @param elements a primitive Java array in C order, as {@link SharedArray#copyFrom} takes it
     * @param axes the axes' names in the order of the shape, {@code "y x"}
     * @param shape the sizes, slowest first
     */
    public SharedArray share(DType dtype, Object elements, String axes, long... shape) {
        SharedArray array = allocate(dtype, Axis.list(axes), shape);
        try {
            array.copyFrom(elements);
            return array;
        } catch (RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /**
     * A SharedArray to be filled; its content is undefined.
     *
     * @param axes one a dimension, or an empty list
     * @param shape the sizes, slowest first
     * @throws AlcoveException {@link ErrorKind#OUT_OF_SHARED_MEMORY}
     */
    public SharedArray allocate(DType dtype, List<Axis> axes, long... shape) {
        long bytes = bytes(dtype, axes, shape);
        SharedMemory memory = host.memory();
        Block block = bytes == 0 ? null : memory.allocate(bytes);
        return new SharedArray(memory, block, 0, dtype, shape, List.copyOf(axes));
    }

    /**
     * An array that another process has put into shared memory, to be read and written where it is; nothing is copied, and
     * what one side writes the other sees. It may be an input of ops. Closing it detaches and deletes nothing. The other
     * process keeps the block open for as long as it is used here.
     *
     * @param block the name of a file in this manager's memory directory
     * @param offset where the array begins in it, in bytes; a multiple of 64
     * @param axes one a dimension, or an empty list
     * @param shape the sizes, slowest first; the elements lie in C order
     * @throws AlcoveException {@link ErrorKind#ARRAY_UNAVAILABLE} when there is no such block, or it is too small
     */
    public SharedArray attach(String block, long offset, DType dtype, List<Axis> axes, long... shape) {
        long bytes = bytes(dtype, axes, shape);
        if (offset < 0 || offset % SharedArray.ALIGNMENT != 0) {
            throw new IllegalArgumentException("offset " + offset + " is no multiple of " + SharedArray.ALIGNMENT);
        }
        SharedMemory memory = host.memory();
        Block attached = bytes == 0 ? null : memory.attach(block, Math.addExact(offset, bytes));
        return new SharedArray(memory, attached, attached == null ? 0 : offset, dtype, shape, List.copyOf(axes));
    }

    /**
     * One more SharedArray on the elements of an array of this manager's, with axes of its own. Nothing is copied. The array
     * may be closed: as long as one of its {@link SharedArray#buffer buffers} is kept, its memory is still there.
     *
     * @param axes one a dimension, or an empty list
     * @return empty when the memory is another manager's, or has been given back
     */
    public Optional<SharedArray> again(SharedArray array, List<Axis> axes) {
        return array.again(host.memory(), axes);
    }

    /** The folder in which this manager and its workers make blocks of shared memory, and attach to those of others. */
    public Path memoryDirectory() {
        return host.memory().directory();
    }

    /** Whether nobody has begun to close it. */
    public boolean isOpen() {
        return !isClosing;
    }

    /** Ends all workers and gives all shared memory back. Closing twice is safe. */
    @Override
    public void close() {
        isClosing = true;
        // Whoever comes second waits: the end of the program must not overtake the one who closes.
        synchronized (closing) {
            if (OPEN.contains(this)) {
                host.memory().endLease();
                List<Call> unfinished = host.lastCalls();
                unfinished.forEach(Call::cancel);
                workers.close();
                unfinished.forEach(call -> call.awaitEnd(SECONDS_TO_END_CALLS));
                host.workers().close();
                host.memory().close();
                host.close();
                OPEN.remove(this);
            }
        }
    }

    private void tell(String notice) {
        Call.around(host, listener, call -> {
            call.report(Progress.of(Progress.Stage.MEMORY, null, notice));
            return null;
        });
    }

    /** Descriptors for a document, which an op's id would make another one after every change of its body. */
    private List<Map<String, Object>> descriptors(Path file, EnvironmentSpec environment) {
        return ops(file, environment).stream()
                .<Map<String, Object>>map(op -> new LinkedHashMap<>(op.descriptor()))
                .peek(members -> members.remove("id"))
                .toList();
    }

    private Descriptions.Description description(OpSource source, EnvironmentSpec environment) {
        if (environment.engine().equals("existing")) {
            List<Object> ops = Call.around(host, listener, call -> Launch.using(
                    () -> environments.launch(environment).now(call),
                    launch -> workers.with(launch, call, source, worker ->
                            worker.descriptors(source, call, Callee.MILLISECONDS_OF_GRACE))));
            return new Descriptions.Description(ops, List.of());
        }
        Descriptions.Description description =
                descriptions.of(Path.of(source.value()), () -> describe(source, environment));
        if (!description.error().isEmpty()) {
            throw AlcoveException.fromWorker(description.error());
        }
        return description;
    }

    private Descriptions.Description describe(OpSource source, EnvironmentSpec environment) {
        Op describe = toolboxOp("alcove.describing", "describe", "files");
        try (Outputs outputs = describe.call(Map.of(
                "path", Path.of(source.value()),
                "header", environment.header(),
                "directory", environments.directory()))) {
            return Descriptions.Description.of(Tree.object(outputs.get("result")));
        }
    }

    private static long bytes(DType dtype, List<Axis> axes, long[] shape) {
        if (!axes.isEmpty() && axes.size() != shape.length) {
            throw new IllegalArgumentException(axes.size() + " axes for " + shape.length + " sizes");
        }
        return Math.multiplyExact(SharedArray.elements(shape), dtype.bytes());
    }

    private static Op select(List<Op> ops, OpSource source, String name) {
        return ops.stream()
                .filter(op -> op.name().equals(name))
                .findFirst()
                .orElseThrow(() -> OpSource.notFound(source, name, ops.stream().map(Op::name).toList()));
    }

    private Op parquetOp() {
        return new Op(host, workers, OpSource.module("alcove.batches.parquet"), "convert", Map.of("name", "convert"),
                environments.launch(JoinedTables.parquetEnvironment()), listener);
    }

    private Op toolboxOp(String module, String name, String purpose) {
        return new Op(host, workers, OpSource.module(module), name, Map.of("name", name),
                call -> toolbox.launch(call, purpose), listener);
    }
}

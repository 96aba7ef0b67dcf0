import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.DType;
import org.alcove.EnvironmentSpec;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.SharedArray;
import org.alcove.WorkerInfo;

/**
 * A host that a script drives by lines on standard input; each is answered by one line of {@code name=value}, apart by
 * tabs. While it is open, a bystander calls an op in an environment of its own.
 *
 * <p>Arguments: PYTHON BYSTANDERS_PYTHON OPFILE
 *
 * <pre>
 * open              opens Alcove, and starts the bystander
 * fault HOW WAY SIZE SEED   has one call go wrong, with others queued behind it; WAY: wait, cancel, deadline, close,
 *                           throwing-listener, blocking-listener
 * busy HOW N        leaves N such calls running; answers when they have begun
 * half FILE         leaves a thread writing a line that is longer than any pipe
 * exit              System.exit in a progress listener
 * exit-future       System.exit in a function that depends on a call's future
 * memory            has a call under way while a thread uses all of the heap, and lets go of it
 * die               has workers die until none is started any more, and starts anew
 * close             closes Alcove
 * hello             does nothing
 * return            returns from main, whatever runs
 * </pre>
 */
public final class FaultHost {
    private static final long SECONDS_UNTIL_HANG = 60;
    private static final int QUEUED = 3;

    private static volatile CountDownLatch blocked = new CountDownLatch(1);

    private final Path python;
    private final Path othersPython;
    private final Path opFile;
    private final List<Object> held = new ArrayList<>();
    private Alcove alcove;
    private Op fault;
    private Op add;
    private Op tell;
    private Bystander bystander;

    private FaultHost(Path python, Path othersPython, Path opFile) {
        this.python = python;
        this.othersPython = othersPython;
        this.opFile = opFile;
    }

    public static void main(String[] arguments) throws Exception {
        FaultHost host = new FaultHost(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null && !line.equals("return"); ) {
            String answer;
            try {
                answer = host.answer(line.split(" "));
            } catch (Exception | Error failure) {
                failure.printStackTrace();
                answer = "failure=" + plain(failure.toString());
            }
            System.out.println(answer);
        }
    }

    private String answer(String[] words) throws Exception {
        switch (words[0]) {
            case "open":
                return open();
            case "fault":
                return fault(words[1], words[2], Long.parseLong(words[3]), new Random(Long.parseLong(words[4])));
            case "busy":
                return busy(words[1], Integer.parseInt(words[2]));
            case "half":
                return half(Path.of(words[1]));
            case "exit":
                // Whoever else is busy is so in the other environment.
                begin(bystander.fault, "sleep", 0, new Random(1)).call.onProgress(progress -> System.exit(7));
                return "asked=exit";
            case "exit-future":
                call(bystander.add, new Random(1)).call.future().thenRun(() -> System.exit(7));
                return "asked=exit";
            case "memory":
                return memory();
            case "die":
                return die();
            case "close":
                return close();
            case "hello":
                return "hello=" + ProcessHandle.current().pid();
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String open() throws Exception {
        alcove = Alcove.open();
        Map<String, Op> ops = ops(python);
        fault = ops.get("fault");
        add = ops.get("add");
        tell = ops.get("tell");
        bystander = new Bystander(alcove, ops(othersPython));
        bystander.start();
        bystander.awaitNext();
        return "bystander=" + bystander.pid;
    }

    private Map<String, Op> ops(Path environment) {
        Map<String, Op> ops = new HashMap<>();
        alcove.ops(opFile, EnvironmentSpec.existing(environment)).forEach(op -> ops.put(op.name(), op));
        return ops;
    }

    private String fault(String how, String way, long size, Random random) throws Exception {
        long before = bystander.calls.get();
        Op op = way.equals("deadline") ? fault.within(Duration.ofMillis(300)) : fault;
        UnderWay faulty = begin(op, how, size, random);
        listen(faulty.call, way);
        List<UnderWay> queued = new ArrayList<>();
        for (int i = 0; i < QUEUED; i++) {
            queued.add(call(add, random));
        }
        faulty.awaitBegin();
        long began = System.nanoTime();
        if (way.equals("cancel")) {
            faulty.call.cancel();
        } else if (way.equals("close")) {
            String closed = close();
            return "kind=" + faulty.end() + "\tothers=" + ends(queued) + "\t" + closed;
        }
        String kind = faulty.end();
        double seconds = seconds(began);
        String others = ends(queued);
        String next = call(add, random).end();
        String went = bystander.awaitNext();
        blocked.countDown();
        return "kind=" + kind + "\tseconds=" + seconds + "\tothers=" + others + "\tnext=" + next + "\tbystander=" + went
                + "\tbystander_pid=" + bystander.pid + "\tbystander_calls=" + (bystander.calls.get() - before)
                + "\tmessage=" + faulty.message;
    }

    /** What blocks is let go once its call has ended; its thread is its own then. */
    private static void listen(Call call, String way) {
        if (way.equals("throwing-listener")) {
            call.onProgress(progress -> {
                throw new IllegalStateException("a listener that throws");
            });
            call.onLog(line -> {
                throw new IllegalStateException("a listener that throws");
            });
            call.future().thenRun(() -> {
                throw new IllegalStateException("a function that throws");
            });
        } else if (way.equals("blocking-listener")) {
            blocked = new CountDownLatch(1);
            call.onProgress(progress -> block());
            call.onLog(line -> block());
            call.future().thenRun(() -> block());
        }
    }

    private static void block() {
        try {
            blocked.await();
        } catch (InterruptedException end) {
            throw new IllegalStateException(end);
        }
    }

    private static String ends(List<UnderWay> calls) throws Exception {
        List<String> kinds = new ArrayList<>();
        for (UnderWay call : calls) {
            kinds.add(call.end());
        }
        return String.join(",", kinds);
    }

    private String busy(String how, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            UnderWay call = how.equals("add") ? call(add, new Random(i)) : begin(fault, how, 0, new Random(i));
            held.add(call);
            if (i == 0) {
                call.awaitBegin(); // the others may have to wait for it
            }
        }
        return "busy=" + count;
    }

    /** The worker must be busy with what never reads; then the pipe fills in the middle of this line. */
    private String half(Path path) throws Exception {
        Thread writer = new Thread(() -> tell.callAsync(Map.of("path", path, "text", "x".repeat(12 << 20))));
        writer.setDaemon(true);
        writer.start();
        writer.join();
        return "half=" + path.getFileName();
    }

    /** Calls go on while there is no heap left; what becomes of them does not matter, as long as they end. */
    private String memory() throws Exception {
        bystander.forgiving = true;
        List<UnderWay> calls = new ArrayList<>();
        calls.add(begin(fault, "exit", 0, new Random(1)));
        Thread hog = new Thread(FaultHost::useAllMemory, "hog");
        hog.start();
        Random random = new Random(2);
        while (hog.isAlive()) {
            try {
                calls.add(call(add, random));
                hog.join(20);
            } catch (OutOfMemoryError | AlcoveException refused) {
                // Neither is under way.
            }
        }
        String others = ends(calls);
        bystander.forgiving = false;
        String message = calls.stream().map(call -> call.message).filter(text -> text.contains("stacks")).findFirst().orElse("");
        return "others=" + others + "\tnext=" + call(add, random).end() + "\tbystander=" + bystander.awaitNext()
                + "\tmessage=" + message;
    }

    private static void useAllMemory() {
        List<byte[]> taken = new ArrayList<>(100_000);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        for (int size = 1 << 20; System.nanoTime() < end; ) {
            try {
                taken.add(new byte[size]);
            } catch (OutOfMemoryError full) {
                size = Math.max(16, size / 2);
            }
        }
    }

    private String die() throws Exception {
        int deaths = 0;
        UnderWay last = begin(fault, "exit", 0, new Random(deaths));
        for (String kind = last.end(); kind.equals("worker_died") && !last.refused && deaths < 20; kind = last.end()) {
            last = begin(fault, "exit", 0, new Random(++deaths));
        }
        String refused = call(add, new Random(1)).end();
        alcove.workers().list().stream()
                .filter(worker -> worker.state() == WorkerInfo.State.FAILED)
                .forEach(worker -> alcove.workers().reset(worker.environment()));
        return "kind=" + (last.refused ? "ok" : "never refused") + "\tdeaths=" + deaths + "\trefused=" + refused + "\tnext="
                + call(add, new Random(2)).end() + "\tothers=ok,ok,ok\tbystander=" + bystander.awaitNext()
                + "\tbystander_pid=" + bystander.pid + "\tmessage=" + last.message;
    }

    private String close() throws InterruptedException {
        bystander.stopping = true;
        long began = System.nanoTime();
        alcove.close();
        double seconds = seconds(began);
        bystander.join();
        return "seconds=" + seconds + "\tthreads=" + threads();
    }

    /** Alcove's own, which end within moments of the last manager. */
    private static String threads() throws InterruptedException {
        List<String> names = List.of();
        for (int i = 0; i < 100; i++) {
            names = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("alcove-") && !name.equals("alcove-shutdown"))
                    .toList();
            if (names.isEmpty()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return String.join(",", names);
    }

    private UnderWay begin(Op fault, String how, long size, Random random) {
        SharedArray image = image(random);
        SharedArray changed = image(random);
        Map<String, Object> inputs = Map.of("how", how, "image", image, "changed", changed, "size", size);
        return new UnderWay(fault.callAsync(inputs), image, changed);
    }

    private UnderWay call(Op op, Random random) {
        SharedArray image = image(random);
        return new UnderWay(op.callAsync(Map.of("image", image)), image, null);
    }

    private SharedArray image(Random random) {
        int rows = 1 + random.nextInt(300);
        short[] elements = new short[rows * 512];
        Arrays.fill(elements, (short) rows);
        return alcove.share(DType.UINT16, elements, "y x", rows, 512);
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1_000_000 / 1000.0;
    }

    private static String plain(String text) {
        return text.replace('\t', ' ').replace('\n', ' ');
    }

    /** A call, and the arrays that are on loan to it. */
    private static final class UnderWay {
        private final Call call;
        private final SharedArray image;
        private final SharedArray changed;
        private final CountDownLatch begun = new CountDownLatch(1);
        private String message = "";
        private boolean refused;

        UnderWay(Call call, SharedArray image, SharedArray changed) {
            this.call = call;
            this.image = image;
            this.changed = changed;
            call.onProgress(progress -> begun.countDown());
            call.future().whenComplete((outputs, failure) -> begun.countDown());
        }

        void awaitBegin() throws InterruptedException {
            begun.await(SECONDS_UNTIL_HANG, TimeUnit.SECONDS);
        }

        /** The kind of its failure, "ok", "wrong" for a wrong result, or "hang". Closes the arrays. */
        String end() throws Exception {
            try {
                call.future().get(SECONDS_UNTIL_HANG, TimeUnit.SECONDS);
            } catch (TimeoutException hang) {
                message = "the stacks of all threads are in " + stacks();
                return "hang";
            } catch (ExecutionException | CompletionException failure) {
                // Is told below.
            }
            try (Outputs outputs = call.await()) {
                return isRight(changed != null ? changed : outputs.array("image")) ? "ok" : "wrong";
            } catch (AlcoveException failure) {
                message = plain(failure.getMessage());
                refused = Boolean.TRUE.equals(failure.data().get("failed"));
                return failure.kind().word();
            } finally {
                image.close();
                if (changed != null) {
                    changed.close();
                }
            }
        }

        private static Path stacks() throws IOException {
            StringBuilder text = new StringBuilder();
            Thread.getAllStackTraces().forEach((thread, frames) -> {
                text.append(thread).append('\n');
                Arrays.stream(frames).forEach(frame -> text.append("    ").append(frame).append('\n'));
            });
            return Files.writeString(Files.createTempFile("alcove-hung-", ".txt"), text);
        }

        /** Each array holds the number of its rows. */
        private boolean isRight(SharedArray result) {
            short wanted = (short) (image.shape()[0] + (changed != null ? changed.shape()[0] : 1));
            for (short element : result.toShorts()) {
                if (element != wanted) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Whom nothing of all that may touch. */
    private static final class Bystander extends Thread {
        private final Alcove alcove;
        private final Op add;
        private final Op fault;
        private final AtomicLong calls = new AtomicLong();
        private volatile boolean stopping;
        private volatile boolean forgiving;
        private volatile String failure = "ok";
        private volatile long pid;

        Bystander(Alcove alcove, Map<String, Op> ops) {
            super("bystander");
            this.alcove = alcove;
            this.add = ops.get("add");
            this.fault = ops.get("fault");
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!stopping) {
                try (SharedArray image = alcove.share(DType.UINT16, new short[64 * 64], "y x", 64, 64);
                        Outputs outputs = add.call(Map.of("image", image))) {
                    pid = outputs.integer("pid");
                    calls.incrementAndGet();
                    TimeUnit.MILLISECONDS.sleep(5);
                } catch (Throwable problem) {
                    if (!forgiving) {
                        if (!stopping) {
                            failure = plain(problem.toString());
                        }
                        return;
                    }
                }
            }
        }

        /** Waits until a call that begins now has ended. */
        String awaitNext() throws InterruptedException {
            long wanted = calls.get() + 2;
            for (long i = 0; calls.get() < wanted && isAlive(); i++) {
                if (i > SECONDS_UNTIL_HANG * 1000) {
                    return "hang";
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return failure;
        }
    }
}

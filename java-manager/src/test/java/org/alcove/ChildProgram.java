package org.alcove;

import java.nio.file.Path;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;

/**
 * A program of a user's, in a JVM of its own. Arguments: how it ends, an op file, a Python. On its standard output it
 * says the worker's process id, and when an op is busy.
 */
final class ChildProgram {
    private ChildProgram() {}

    public static void main(String[] arguments) throws Exception {
        Alcove alcove = Alcove.open(new Settings().onProgress(progress -> System.out.println("busy")));
        List<Op> ops = alcove.ops(Path.of(arguments[1]), EnvironmentSpec.existing(Path.of(arguments[2])));
        Map<String, Op> byName = Map.of(ops.get(0).name(), ops.get(0), ops.get(1).name(), ops.get(1));
        alcove.share(DType.UINT8, new byte[] {1, 2, 3}, "x", 3);
        try (Outputs outputs = byName.get("pid").call(Map.of())) {
            System.out.println("worker " + outputs.integer("result"));
        }
        switch (arguments[0]) {
            case "return" -> {}
            case "throw" -> throw new IllegalStateException("as asked");
            case "exit" -> {
                byName.get("stay").callAsync(Map.of("how", "sleep"));
                System.exit(7);
            }
            case "close" -> {
                Thread closing = new Thread(alcove::close);
                closing.start();
                System.exit(8); // while another thread closes
            }
            case "callback" -> byName.get("stay")
                    .callAsync(Map.of("how", "sleep"))
                    .onProgress(progress -> System.exit(9))
                    .await();
            case "memory" -> {
                callWithoutMemory(byName.get("pid"));
                byName.get("pid").call(Map.of()).close();
                System.exit(10);
            }
            default -> byName.get("stay").call(Map.of("how", arguments[0]));
        }
    }

    /** Each call ends, whatever becomes of it. */
    private static void callWithoutMemory(Op op) {
        List<byte[]> hoard = new LinkedList<>();
        for (int size = 1 << 20; size > 64; size /= 2) {
            try {
                while (true) {
                    hoard.add(new byte[size]);
                }
            } catch (OutOfMemoryError e) {
                // As was wanted; and once more with smaller pieces.
            }
        }
        int failed = 0;
        for (int i = 0; i < 20; i++) {
            try {
                op.callAsync(Map.of()).await().close();
            } catch (AlcoveException | OutOfMemoryError e) {
                failed++;
            }
        }
        hoard.clear();
        System.out.println("failed " + failed);
    }
}

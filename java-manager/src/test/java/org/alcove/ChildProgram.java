package org.alcove;

import java.nio.file.Path;
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
            default -> byName.get("stay").call(Map.of("how", arguments[0]));
        }
    }
}

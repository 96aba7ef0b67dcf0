package org.alcove.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A batch whose program is killed, again and again, ends as one that nobody disturbed. */
class BatchKillTest {
    private static final int IMAGES = 24;
    private static final int KILLS = Integer.getInteger("alcove.test.kills", 2);

    @RegisterExtension
    final Workbench workbench = new Workbench();

    private final BatchBench bench = new BatchBench(workbench);

    @Test
    void goesOnAfterKillsAtAnyMoment() throws Exception {
        List<Path> images = bench.images(IntStream.range(0, IMAGES).map(i -> i == 5 ? 1 : 500 + i).toArray());
        Alcove alcove = bench.open();
        Batch.of(alcove, bench.op(alcove, "measure")).items(bench.items(images)).workers(1).output(bench.output()).run();
        Map<String, List<Byte>> undisturbed = contents();
        List<String> report = bench.report();
        bench.forget();

        Random random = new Random(7);
        for (int kill = 0; kill < KILLS; kill++) {
            kill(random);
        }
        try (Child child = new Child()) {
            assertTrue(child.output.lines().anyMatch("done"::equals), "the last one is not killed");
        }
        assertEquals(report, bench.report());
        assertEquals(undisturbed.keySet(), contents().keySet());
        assertEquals(undisturbed, contents());
        List<String> ended = Files.readAllLines(bench.output().resolve(BatchFolder.OWN).resolve("journal.jsonl")).stream()
                .filter(line -> line.contains("\"item\""))
                .map(line -> line.replaceAll("\"batch.*", ""))
                .toList();
        assertEquals(IMAGES, ended.size(), "each was done once");
        try (var staged = Files.list(bench.output().resolve(BatchFolder.OWN).resolve("staging"))) {
            assertEquals(List.of(), staged.toList());
        }
    }

    /** Kills one after some items, or soon after the start, or in the middle of what comes next. */
    private void kill(Random random) throws Exception {
        try (Child child = new Child()) {
            int items = random.nextInt(IMAGES / Math.max(1, KILLS / 4));
            for (int i = 0; i < items && child.output.readLine() != null; i++) {
                // this many have ended
            }
            Thread.sleep(random.nextInt(60)); // any moment will do
        }
    }

    private Map<String, List<Byte>> contents() {
        return bench.files().stream()
                .filter(name -> !name.equals("report.csv"))
                .collect(Collectors.toMap(name -> name, this::bytes, (one, other) -> one, LinkedHashMap::new));
    }

    private List<Byte> bytes(String name) {
        try {
            byte[] bytes = Files.readAllBytes(bench.output().resolve(name));
            return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        Child() throws IOException {
            String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xshare:auto", "-cp", classPath, BatchProgram.class.getName()));
            Arrays.asList(workbench.folder().resolve("batch ops.py"), workbench.folder().resolve("plate ä"), bench.output(),
                            workbench.memoryDirectory())
                    .forEach(argument -> command.add(argument.toString()));
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        }

        @Override
        public void close() throws Exception {
            process.destroyForcibly().waitFor();
        }
    }
}

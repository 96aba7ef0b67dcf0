package org.alcove;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A long run of what {@link FuzzTest} does: {@code --lines 1000000 --seed 1}. It prints what it did and what it found, and
 * ends with exit code 1 when it found something.
 */
final class FuzzCampaign {
    private FuzzCampaign() {}

    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments);
        int lines = (int) option(options, "--lines", 1_000_000);
        long seed = option(options, "--seed", 1);
        long begun = System.nanoTime();
        Path memory = Files.createTempDirectory("alcove-fuzz");
        try (Fuzz fuzz = new Fuzz(memory)) {
            int sent = FuzzTest.campaign(fuzz, seed, lines);
            System.out.printf("seed %d, %d lines, %.0f s%n%s%n", seed, sent, (System.nanoTime() - begun) / 1e9, fuzz);
            fuzz.findings.stream().limit(20).forEach(System.out::println);
            System.exit(fuzz.findings.isEmpty() ? 0 : 1);
        } finally {
            Files.deleteIfExists(memory);
        }
    }

    private static long option(List<String> options, String name, long otherwise) {
        int index = options.indexOf(name);
        return index < 0 ? otherwise : Long.parseLong(options.get(index + 1));
    }
}

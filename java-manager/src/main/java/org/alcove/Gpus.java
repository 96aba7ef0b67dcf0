package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The graphics cards that workers may use, as {@code CUDA_VISIBLE_DEVICES} calls them. */
final class Gpus {
    private static final String VARIABLE = "CUDA_VISIBLE_DEVICES";
    private static final Path OF_THE_DRIVER = Path.of("/proc/driver/nvidia/gpus");

    private Gpus() {}

    /** The cards in a list with commas between; nothing where there is no list. */
    static Optional<List<String>> listed(String text) {
        List<String> cards = text == null
                ? List.of()
                : Arrays.stream(text.split(",")).map(String::strip).filter(card -> !card.isEmpty()).toList();
        return cards.isEmpty() ? Optional.empty() : Optional.of(cards);
    }

    /** Those of this process, or of this machine; one without a name where none is known. */
    static List<String> found() {
        return found(System.getenv(VARIABLE), OF_THE_DRIVER);
    }

    static List<String> found(String variable, Path ofTheDriver) {
        List<String> nameless = Collections.singletonList(null); // its workers keep the variable as this process has it
        if (variable != null) {
            // As the driver reads it: a card that cannot be, and all after it, are left out.
            return listed(variable)
                    .map(cards -> cards.stream().takeWhile(card -> !card.startsWith("-")).toList())
                    .filter(cards -> !cards.isEmpty())
                    .orElse(nameless);
        }
        try (Stream<Path> cards = Files.list(ofTheDriver)) {
            int count = (int) cards.count();
            return count < 2 ? nameless : IntStream.range(0, count).mapToObj(String::valueOf).toList();
        } catch (IOException e) {
            return nameless;
        }
    }
}

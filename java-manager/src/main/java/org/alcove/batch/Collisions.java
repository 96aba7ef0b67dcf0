package org.alcove.batch;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.alcove.AlcoveException;
import org.alcove.Op;
import org.alcove.Parameter;
import org.alcove.files.OutputFiles;

/**
 * Refuses items that would be in each other's way: by their name, by an output's file, or because one reads what another
 * writes.
 */
final class Collisions {
    private static final long AN_INPUT = -1;
    private static final long A_REPORT = -2;
    private static final boolean CASE_COUNTS =
            !System.getProperty("os.name").toLowerCase(Locale.ROOT).matches("(windows|mac).*");

    private final Path folder;
    private final LongTable names = new LongTable();
    private final LongTable files = new LongTable();
    private final List<Parameter> written;

    Collisions(Batch batch) {
        this.folder = batch.output();
        this.written = written(batch.op(), batch.tables());
        for (Path report : Reports.files(folder, batch)) {
            files.put(number(report), A_REPORT);
        }
    }

    /** The outputs that are known to be written to files named by the template. */
    private static List<Parameter> written(Op op, BatchTables tables) {
        return ItemWriter.outputs(op).stream()
                .filter(output -> OutputFiles.ending(output).isPresent())
                .filter(output -> tables == BatchTables.SEPARATE || !output.type().equals("table"))
                .toList();
    }

    /** The files that the outputs of an item are written to, as far as that is known before. */
    List<Path> files(Work work) {
        return written.stream().map(output -> file(work, output)).toList();
    }

    private Path file(Work work, Parameter output) {
        return folder.resolve(work.naming.apply(output.name()) + OutputFiles.ending(output).orElseThrow());
    }

    /**
     * One more item.
     *
     * @throws AlcoveException {@link org.alcove.ErrorKind#INVALID_PARAMS} when it gets into the way of one before
     */
    void add(Work work) {
        if (names.put(Digests.number(work.item.name()), work.index)) {
            throw Batch.wrong("two items are called " + work.item.name(), "give each a name of its own");
        }
        for (Path input : work.inputFiles()) {
            Path file = input.toAbsolutePath().normalize();
            OptionalLong known = files.get(number(file));
            if (known.isPresent() && known.getAsLong() != AN_INPUT) {
                throw overwriting(file);
            }
            files.put(number(file), AN_INPUT);
        }
        for (Path file : files(work)) {
            OptionalLong known = files.get(number(file));
            if (known.isPresent()) {
                throw known.getAsLong() == AN_INPUT ? overwriting(file) : colliding(work, file, known.getAsLong());
            }
            files.put(number(file), work.index);
        }
    }

    private static AlcoveException overwriting(Path file) {
        return Batch.wrong("the output " + file + " would overwrite an input",
                "choose another output folder, or another template");
    }

    private static AlcoveException colliding(Work work, Path file, long other) {
        String others = other == work.index ? "another output of it" : "item " + (other + 1);
        return Batch.wrong(
                "the output " + file + " of item " + (work.index + 1) + " (" + work.item.name()
                        + ") would be written over that of " + (other == A_REPORT ? "a report" : others),
                "let the template tell them apart: {name} has the file's ending, {number} the item's place");
    }

    private static long number(Path file) {
        String path = file.toString();
        return Digests.number(CASE_COUNTS ? path : path.toLowerCase(Locale.ROOT));
    }
}

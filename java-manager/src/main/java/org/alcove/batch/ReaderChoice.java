package org.alcove.batch;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.alcove.Alcove;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/**
 * Who reads image files.
 *
 * @param reader does it
 * @param fingerprint changes when the images might be others
 */
record ReaderChoice(BatchReader reader, Supplier<String> fingerprint) {
    static ReaderChoice usual(Alcove alcove) {
        return new ReaderChoice(alcove::readImage, () -> "usual");
    }

    static ReaderChoice of(BatchReader reader) {
        return new ReaderChoice(reader, () -> reader.getClass().getName().replaceFirst("\\$\\$Lambda.*", ""));
    }

    static ReaderChoice of(Op op) {
        String path = op.inputs().stream()
                .filter(input -> input.type().equals("path"))
                .findFirst()
                .map(Parameter::name)
                .orElseThrow(() -> noReader(op, "it takes no path", "let it take a pathlib.Path"));
        String image = op.outputs().stream()
                .filter(output -> output.type().equals("array"))
                .findFirst()
                .map(Parameter::name)
                .orElseThrow(() -> noReader(op, "it gives no array", "declare the array that it returns"));
        return new ReaderChoice(file -> image(op.call(Map.of(path, file)), image), op::fingerprint);
    }

    private static SharedArray image(Outputs outputs, String name) {
        for (String other : outputs.names()) {
            if (!other.equals(name) && outputs.get(other) instanceof SharedArray unused) {
                unused.close();
            }
        }
        return outputs.array(name);
    }

    private static RuntimeException noReader(Op op, String why, String hint) {
        return Batch.wrong(op.name() + " cannot read image files: " + why, hint);
    }
}

package org.alcove.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.SharedArray;

/** Image files, read and written by the toolbox straight into and out of shared memory; closing gives that back. */
final class ImageFiles implements AutoCloseable {
    private final Alcove alcove;
    private final List<SharedArray> open = new ArrayList<>();

    ImageFiles(Alcove alcove) {
        this.alcove = alcove;
    }

    /** The image in a file; it lives until these files are closed. */
    SharedArray read(Path file) {
        SharedArray image = alcove.readImage(file);
        open.add(image);
        return image;
    }

    /**
     * Writes every array in an output to a file of its own.
     *
     * @param inputs files that must not be overwritten
     * @return the output with the arrays replaced by the paths of their files
     */
    Object writeAll(Object value, Path folder, String name, Collection<Path> inputs, Console console) throws Exception {
        if (value instanceof SharedArray array) {
            // A row of numbers is no picture.
            Path file = folder.resolve(name + (array.shape().length < 2 ? ".npy" : ".tif"));
            refuseOverwriting(inputs, file);
            return console.step("write " + file.getFileName(), () -> {
                alcove.writeImage(array, file);
                return file;
            });
        }
        if (value instanceof List<?> items && items.stream().anyMatch(SharedArray.class::isInstance)) {
            List<Object> written = new ArrayList<>();
            for (Object item : items) {
                written.add(writeAll(item, folder, name + "-" + (written.size() + 1), inputs, console));
            }
            return written;
        }
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> written = new LinkedHashMap<>();
            for (Map.Entry<?, ?> member : members.entrySet()) {
                written.put(member.getKey(),
                        writeAll(member.getValue(), folder, name + "-" + member.getKey(), inputs, console));
            }
            return written;
        }
        return value;
    }

    @Override
    public void close() {
        open.forEach(SharedArray::close);
    }

    private static void refuseOverwriting(Collection<Path> inputs, Path file) throws IOException {
        for (Path input : inputs) {
            if (Files.exists(file) && Files.isSameFile(input, file)) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS, "the output " + file + " would overwrite an input",
                        "choose another folder with -o", Map.of());
            }
        }
    }
}

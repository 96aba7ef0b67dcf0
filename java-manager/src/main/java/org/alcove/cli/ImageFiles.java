package org.alcove.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alcove.Alcove;
import org.alcove.SharedArray;

/** Image files, read by the toolbox straight into shared memory; closing gives that back. */
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

    @Override
    public void close() {
        open.forEach(SharedArray::close);
    }
}

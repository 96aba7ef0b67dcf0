package org.alcove.cli;

import java.awt.AWTError;
import java.awt.GraphicsEnvironment;
import java.awt.HeadlessException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.alcove.AlcoveException;

/** Where frames are shown: in a window, in a folder, or nowhere. */
interface DemoViewer extends AutoCloseable {
    /** Whether somebody still wants to see more. */
    default boolean isOpen() {
        return true;
    }

    /** Shows a frame, and what was counted so far. */
    void show(DemoFrame frame, DemoTally tally);

    @Override
    default void close() {}

    /** Shows nothing. */
    static DemoViewer none() {
        return (frame, tally) -> {};
    }

    /** One PNG file for each frame. */
    static DemoViewer folder(Path folder) throws IOException {
        Files.createDirectories(folder);
        return (frame, tally) -> {
            try {
                BufferedImage picture = DemoPictures.of(frame);
                ImageIO.write(picture, "png", folder.resolve(String.format("frame-%06d.png", tally.frames())).toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /**
     * A window.
     *
     * @throws AlcoveException when there can't be one
     */
    static DemoViewer window(String name) {
        String hint = "take --png FOLDER or --count";
        if (GraphicsEnvironment.isHeadless()) {
            throw DemoImages.failure("no window can be opened here: there is no screen", hint);
        }
        try {
            return new DemoWindow(name);
        } catch (HeadlessException | AWTError | LinkageError e) {
            throw DemoImages.failure("no window can be opened: " + e.getMessage(), hint);
        }
    }
}

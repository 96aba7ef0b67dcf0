package org.alcove.imagej;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

/**
 * The macro that ImageJ runs when it starts, {@code macros/RunAtStartup.ijm}, which people write in Edit &gt; Options &gt;
 * Startup: the one way into plain ImageJ for whoever wants something at its start. Alcove has one line of it, which shows the
 * ops in the menus; the rest is the user's.
 */
public final class StartMacro {
    private static final String MARK = "// Alcove: ops in the menus";
    // Right when the plugin has been removed, too; first, so that an error in what follows does not keep it from running.
    private static final String LINE =
            "List.setCommands; if (List.get(\"Refresh Ops\")!=\"\") run(\"Refresh Ops\", \"quiet\"); List.clear(); " + MARK;

    private final Path file;

    /** The macro of the ImageJ that has this folder for macros, which need not be there yet. */
    public StartMacro(Path macros) {
        this.file = macros.resolve("RunAtStartup.ijm");
    }

    /** Its file. */
    public Path file() {
        return file;
    }

    /** Whether Alcove's line is in it; also false when it cannot be read. */
    public boolean isThere() {
        try {
            return text().contains(MARK);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Puts the line into it, unless it is there.
     *
     * @return whether it was put there now
     * @throws IOException when the file cannot be written
     */
    public boolean add() throws IOException {
        String text = text();
        if (text.contains(MARK)) {
            return false;
        }
        Files.createDirectories(file.getParent());
        write(LINE + (text.contains("\r\n") ? "\r\n" : "\n") + text);
        return true;
    }

    /**
     * Takes the line out again, and the file away when nothing else is in it.
     *
     * @return whether it was there
     * @throws IOException when the file cannot be written
     */
    public boolean remove() throws IOException {
        String text = text();
        if (!text.contains(MARK)) {
            return false;
        }
        String rest = text.replaceAll("(?m)^.*" + Pattern.quote(MARK) + ".*(\\R|$)", "");
        if (rest.isBlank()) {
            Files.delete(file);
        } else {
            write(rest);
        }
        return true;
    }

    private String text() throws IOException {
        try {
            // Byte for byte: whatever encoding the user's lines have, they keep it.
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private void write(String text) throws IOException {
        Path staging = Files.createTempFile(file.getParent(), ".alcove-", ".ijm");
        try {
            Files.write(staging, text.getBytes(StandardCharsets.ISO_8859_1));
            Files.move(staging, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(staging);
        }
    }
}

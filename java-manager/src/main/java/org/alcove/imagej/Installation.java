package org.alcove.imagej;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/**
 * What was put into an ImageJ's folder.
 *
 * @param jar the plugin, where it lies now
 * @param replaced older ones of the plugin, which are gone
 * @param ops the op files that were copied, where they lie now
 * @param startsByItself whether ImageJ will show the ops in its menus when it starts
 */
public record Installation(Path jar, List<Path> replaced, List<Path> ops, boolean startsByItself) {
    private static final String JARS = "Alcove_-.*\\.jar";

    /**
     * Puts the plugin and op files into an ImageJ's folder. Either the plugin is there afterwards, or what was there before.
     *
     * @param plugin the jar; its name begins with {@code Alcove_-}
     * @param ops op files, or folders of them, to copy to {@code plugins/Alcove}
     * @param replacesOps whether files of these names there are replaced; else files with other content are an error
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} with what to do
     */
    public static Installation into(ImageJFolder imagej, Path plugin, List<Path> ops, boolean replacesOps) {
        Map<Path, Path> copies = OpCopies.of(ops, imagej.ops());
        if (!replacesOps) {
            OpCopies.refuseOthers(copies);
        }
        try {
            Path jar = imagej.plugins().resolve(plugin.getFileName());
            List<Path> replaced = replace(imagej, plugin, jar);
            Files.createDirectories(imagej.ops());
            OpCopies.copy(copies);
            return new Installation(jar, replaced, List.copyOf(copies.values()), startsByItself(imagej));
        } catch (IOException e) {
            throw failure(imagej, e);
        }
    }

    private static List<Path> replace(ImageJFolder imagej, Path plugin, Path jar) throws IOException {
        Path staging = Files.createTempFile(imagej.plugins(), ".alcove-", ".part"); // no jar to ImageJ
        Map<Path, Path> aside = new LinkedHashMap<>();
        try {
            Files.copy(plugin, staging, StandardCopyOption.REPLACE_EXISTING);
            makeReadable(staging);
            for (Path old : installed(imagej)) {
                if (!old.equals(jar)) {
                    // On Windows a running ImageJ holds it, and this fails before anything is changed.
                    aside.put(old, Files.move(old, old.resolveSibling(".alcove-" + old.getFileName() + ".old")));
                }
            }
            Files.move(staging, jar, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            for (Map.Entry<Path, Path> old : aside.entrySet()) {
                Files.move(old.getValue(), old.getKey());
            }
            throw e;
        } finally {
            Files.deleteIfExists(staging);
        }
        for (Path old : aside.values()) {
            Files.delete(old);
        }
        return List.copyOf(aside.keySet());
    }

    /** For all users of the machine: a temporary file is its maker's alone. */
    private static void makeReadable(Path staging) throws IOException {
        if (Files.getFileStore(staging).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(staging, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    /** All jars of the plugin that this ImageJ would load. */
    private static List<Path> installed(ImageJFolder imagej) throws IOException {
        List<Path> jars = new ArrayList<>();
        for (Path folder : List.of(imagej.plugins(), imagej.directory().resolve("jars"))) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.walk(folder, 2)) {
                    files.filter(file -> file.getFileName().toString().matches(JARS)).forEach(jars::add);
                } catch (UncheckedIOException e) {
                    throw e.getCause();
                }
            }
        }
        return jars;
    }

    private static boolean startsByItself(ImageJFolder imagej) {
        if (imagej.isFiji()) {
            return true;
        }
        try {
            imagej.startMacro().add();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static AlcoveException failure(ImageJFolder imagej, IOException reason) {
        boolean isDenied = reason instanceof AccessDeniedException;
        boolean isWindows = System.getProperty("os.name").startsWith("Windows");
        String where = reason instanceof FileSystemException known ? known.getFile() : imagej.directory().toString();
        String why = isDenied ? "permission denied" : String.valueOf(reason.getMessage());
        return new AlcoveException(
                ErrorKind.FILE_FAILED,
                where + " cannot be written: " + why,
                isWindows
                        ? "close ImageJ, which keeps its plugins open, and try again; or you may not write there"
                        : "do it as somebody who may write to " + imagej.directory()
                                + ", or copy ImageJ to a folder of your own",
                Map.of("cause", "permission"));
    }
}

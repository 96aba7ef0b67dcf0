package org.alcove.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/**
 * The folder of an ImageJ or Fiji: the one that holds {@code plugins}.
 *
 * @param directory its absolute path
 */
public record ImageJFolder(Path directory) {
    private static final int DEPTH_OF_JAVA = 4;

    /**
     * The ImageJ in a folder, or in one that lies right in it, as after unpacking an archive.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when there is none
     */
    public static ImageJFolder at(Path folder) {
        Path start = folder.toAbsolutePath().normalize();
        Path named = start.getFileName();
        if (named != null && named.toString().equals("plugins") && isImageJ(start.getParent())) {
            return new ImageJFolder(start.getParent());
        }
        if (isImageJ(start)) {
            return new ImageJFolder(start);
        }
        List<Path> inside = children(start).filter(ImageJFolder::isImageJ).toList();
        if (inside.size() == 1) {
            return new ImageJFolder(inside.get(0));
        }
        throw new AlcoveException(
                ErrorKind.INVALID_PARAMS,
                Files.isDirectory(start) ? start + " is not the folder of an ImageJ or Fiji" : "there is no folder " + start,
                "name the folder that holds ImageJ's folder plugins, for example ~/Fiji.app",
                Map.of());
    }

    /** The folder for plugins. */
    public Path plugins() {
        return directory.resolve("plugins");
    }

    /** The folder for op files. */
    public Path ops() {
        return plugins().resolve("Alcove");
    }

    /** The macro that this ImageJ runs when it starts. */
    public StartMacro startMacro() {
        return new StartMacro(directory.resolve("macros"));
    }

    /** Whether it is one that asks SciJava's plugins when it starts, as Fiji does, and so needs no macro for that. */
    public boolean isFiji() {
        return children(directory.resolve("jars"))
                .anyMatch(jar -> jar.getFileName().toString().startsWith("imagej-legacy"));
    }

    /** The feature version of the Java that came with it, as 8 or 21; empty where none did. */
    public OptionalInt java() {
        return Stream.of("jre", "java")
                .map(directory::resolve)
                .filter(Files::isDirectory)
                .map(ImageJFolder::release)
                .flatMap(Optional::stream)
                .mapToInt(ImageJFolder::feature)
                .filter(version -> version > 0)
                .max();
    }

    private static boolean isImageJ(Path folder) {
        if (folder == null || !Files.isDirectory(folder.resolve("plugins"))) {
            return false;
        }
        return Files.exists(folder.resolve("ij.jar"))
                || Files.isDirectory(folder.resolve("macros"))
                || Files.isDirectory(folder.resolve("luts"))
                || children(folder.resolve("jars")).anyMatch(jar -> jar.getFileName().toString().matches("ij-.*\\.jar"));
    }

    private static Optional<Path> release(Path folder) {
        try (Stream<Path> files = Files.find(
                folder, DEPTH_OF_JAVA, (file, attributes) -> file.getFileName().toString().equals("release"))) {
            return files.max(Path::compareTo);
        } catch (IOException | java.io.UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static int feature(Path release) {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(release)) {
            properties.load(reader);
        } catch (IOException e) {
            return 0;
        }
        String version = properties.getProperty("JAVA_VERSION", "").replace("\"", "");
        String digits = version.replaceFirst("^1\\.", "").replaceFirst("\\D.*", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static Stream<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            return Stream.of();
        }
    }
}

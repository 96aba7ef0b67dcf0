package org.alcove.catalog;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Settings;

/**
 * Where op files are looked for: a folder of the program's, those that the variable {@code ALCOVE_OPS_PATH} lists, and
 * those that the user has added. The last are kept in {@code op-folders.txt} beside {@code settings.toml}, one path a line.
 */
public final class OpFolders {
    private static final String VARIABLE = "ALCOVE_OPS_PATH";
    private static final String FILE = "op-folders.txt";

    private OpFolders() {}

    /**
     * All of them, each once.
     *
     * @param pluginsAlcove the program's folder, which need not be there; null when it has none
     */
    public static List<OpFolder> standard(Path pluginsAlcove) {
        LinkedHashSet<Path> folders = new LinkedHashSet<>();
        Optional.ofNullable(pluginsAlcove)
                .filter(Files::exists)
                .ifPresent(folder -> folders.add(folder.toAbsolutePath().normalize()));
        folders.addAll(ofVariable());
        folders.addAll(list());
        return folders.stream().map(folder -> new OpFolder(folder, List.of())).toList();
    }

    /** Those of the variable {@code ALCOVE_OPS_PATH}, which are the facility's or the user's choice for all programs. */
    public static List<Path> ofVariable() {
        return ofVariable(System.getenv());
    }

    static List<Path> ofVariable(Map<String, String> variables) {
        return Stream.of(variables.getOrDefault(VARIABLE, "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder.strip()).toAbsolutePath().normalize())
                .distinct()
                .toList();
    }

    /** Those that the user has added. */
    public static List<Path> list() {
        return list(Settings.configurationDirectory());
    }

    /**
     * Adds a folder, or a single op file, to those of the user; once is enough.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when it cannot be remembered
     */
    public static void add(Path folder) {
        add(Settings.configurationDirectory(), folder);
    }

    /**
     * Takes a folder away from those of the user. Nothing in it is deleted.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when that cannot be remembered
     */
    public static void remove(Path folder) {
        remove(Settings.configurationDirectory(), folder);
    }

    static List<Path> list(Path configuration) {
        try {
            return read(configuration);
        } catch (IOException e) {
            return List.of();
        }
    }

    static void add(Path configuration, Path folder) {
        Path added = folder.toAbsolutePath().normalize();
        change(configuration, folders -> {
            if (!folders.contains(added)) {
                folders.add(added);
            }
        });
    }

    static void remove(Path configuration, Path folder) {
        change(configuration, folders -> folders.remove(folder.toAbsolutePath().normalize()));
    }

    private static synchronized void change(Path configuration, Consumer<List<Path>> change) {
        try {
            List<Path> folders = new ArrayList<>(read(configuration));
            change.accept(folders);
            Files.createDirectories(configuration);
            Path staging = Files.createTempFile(configuration, ".op-folders-", "");
            try {
                Files.write(staging, folders.stream().map(PathLine::line).toList());
                Files.move(
                        staging,
                        configuration.resolve(FILE),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(staging);
            }
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.FILE_FAILED,
                    "the list of op folders in " + configuration + " cannot be changed: " + Reasons.of(e),
                    "see to it that you may write there, or list the folders in the variable " + VARIABLE,
                    Map.of("cause", "permission"));
        }
    }

    private static List<Path> read(Path configuration) throws IOException {
        try {
            String text = new String(Files.readAllBytes(configuration.resolve(FILE)), StandardCharsets.UTF_8);
            return text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .flatMap(line -> PathLine.path(line).stream())
                    .filter(Path::isAbsolute)
                    .distinct()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}

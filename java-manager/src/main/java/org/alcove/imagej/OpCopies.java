package org.alcove.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/** Op files on their way into an ImageJ's folder, each with the place where it belongs. */
final class OpCopies {
    private OpCopies() {}

    /** A folder comes with all files in it, weights of a network for example, but for hidden ones and Python's caches. */
    static Map<Path, Path> of(List<Path> sources, Path target) {
        Map<Path, Path> copies = new LinkedHashMap<>();
        for (Path given : sources) {
            Path source = given.toAbsolutePath().normalize();
            if (!Files.exists(source)) {
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS,
                        "there is no file " + given,
                        "name op files (.py) or folders of them",
                        Map.of());
            }
            try (Stream<Path> files = Files.walk(source)) {
                files.filter(file -> Files.isRegularFile(file) && isMeant(source.relativize(file)))
                        .sorted()
                        .forEach(file -> copies.put(file, target.resolve(source.getParent().relativize(file))));
            } catch (IOException e) {
                throw failure(given, e);
            }
        }
        return copies;
    }

    /** What a user may have changed there is not lost by accident. */
    static void refuseOthers(Map<Path, Path> copies) {
        copies.forEach((source, target) -> {
            try {
                if (Files.exists(target) && Files.mismatch(source, target) >= 0) {
                    throw new AlcoveException(
                            ErrorKind.FILE_FAILED,
                            target + " is there already, with other content",
                            "rename one of them, or replace it with --replace",
                            Map.of());
                }
            } catch (IOException e) {
                throw failure(source, e);
            }
        });
    }

    static void copy(Map<Path, Path> copies) throws IOException {
        for (Map.Entry<Path, Path> copy : copies.entrySet()) {
            Files.createDirectories(copy.getValue().getParent());
            Files.copy(copy.getKey(), copy.getValue(), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static boolean isMeant(Path relative) {
        for (Path name : relative) {
            String text = name.toString();
            if (text.startsWith(".") || text.equals("__pycache__")) {
                return false;
            }
        }
        return true;
    }

    private static AlcoveException failure(Path file, IOException reason) {
        return new AlcoveException(
                ErrorKind.FILE_FAILED,
                file + " cannot be read: " + reason.getMessage(),
                "check that you may read it",
                Map.of());
    }
}

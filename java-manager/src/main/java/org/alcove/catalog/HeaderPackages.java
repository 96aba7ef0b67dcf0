package org.alcove.catalog;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alcove.AlcoveException;
import org.alcove.EnvironmentSpec;

/** What the header of an op file asks for, as it is written there. */
final class HeaderPackages {
    private static final String PACKAGES = "dependencies";
    private static final String PYTHON = "requires-python";
    private static final String SHARED = "environment";
    private static final String NAMES = String.join("|", PYTHON, PACKAGES, "conda", "channels", SHARED,
            "index", "url", "index-url", "extra-index-url", "find-links");
    private static final Pattern SETTING = Pattern.compile(
            "^\\s*(" + NAMES + ")\\s*=\\s*(\\[[^\\[\\]]*+(?:\\[[^\\[\\]]*+\\][^\\[\\]]*+)*+\\]|.*)$", Pattern.MULTILINE);
    private static final Pattern TEXT = Pattern.compile("\"([^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+)\"|'([^'\\n]*+)'|#[^\\n]*+");

    private HeaderPackages() {}

    /** Python packages as they are; what is something else begins with the word for it: {@code conda: numpy}. */
    static List<String> of(Path file) {
        return in(header(file));
    }

    /** The file that the header takes its environment from, which is then as good as a part of the op file. */
    static Optional<Path> sharedFile(Path file) {
        return texts(header(file)).stream()
                .filter(setting -> setting.getKey().equals(SHARED))
                .flatMap(setting -> beside(file, setting.getValue()).stream())
                .filter(Files::isRegularFile)
                .findFirst();
    }

    static List<String> in(String header) {
        return texts(header).stream()
                .map(setting -> word(setting.getKey()) + setting.getValue())
                .toList();
    }

    private static String word(String key) {
        return switch (key) {
            case PACKAGES -> "";
            case PYTHON -> "Python ";
            default -> key + ": ";
        };
    }

    private static Optional<Path> beside(Path file, String path) {
        try {
            return Optional.of(file.resolveSibling(path).normalize());
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static String header(Path file) {
        try {
            return EnvironmentSpec.fromOpFile(file).text();
        } catch (AlcoveException e) {
            return ""; // who loads it will say so
        }
    }

    private static List<Map.Entry<String, String>> texts(String header) {
        List<Map.Entry<String, String>> found = new ArrayList<>();
        Matcher settings = SETTING.matcher(header);
        while (settings.find()) {
            Matcher texts = TEXT.matcher(settings.group(2));
            while (texts.find()) {
                String text = texts.group(1) != null ? texts.group(1) : texts.group(2);
                if (text != null) {
                    found.add(Map.entry(settings.group(1), text));
                }
            }
        }
        return found;
    }
}

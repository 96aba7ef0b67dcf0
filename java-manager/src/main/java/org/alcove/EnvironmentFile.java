package org.alcove;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Files that say what an environment shall hold: which format they have, and where the text of an op file's header is. */
final class EnvironmentFile {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final String KNOWN = "environment.yml, requirements.txt, pyproject.toml, pixi.toml, conda-lock.yml, "
            + "pixi.lock, pylock.toml or an op file (.py)";

    /** By what the name of a file must look like. */
    private static final Map<Pattern, String> NAMES = new LinkedHashMap<>();

    /** By what must stand at the beginning of a line, for names that say no more than TOML or YAML. */
    private static final Map<Pattern, String> CONTENTS = new LinkedHashMap<>();

    static {
        name("(.*[-_.])?conda-lock\\.ya?ml", "conda-lock.yml");
        name("environment[-_.\\w]*\\.ya?ml|.*[-_.]environment\\.ya?ml", "environment.yml");
        name("requirements.*\\.(txt|in)|.*requirements\\.(txt|in)", "requirements.txt");
        name("pyproject\\.toml", "pyproject.toml");
        name("pixi\\.toml", "pixi.toml");
        name("pixi\\.lock", "pixi.lock");
        name("pylock(\\..+)?\\.toml", "pylock.toml");
        content("ya?ml", "metadata:(?s:.*)^package:|^package:(?s:.*)^metadata:", "conda-lock.yml");
        content("ya?ml", "dependencies:", "environment.yml");
        content("toml", "lock-version\\s*=", "pylock.toml");
        content("toml", "\\[(workspace|pypi-dependencies)\\]", "pixi.toml");
        content("toml", "\\[(project|build-system|tool\\.[\\w.-]+|dependency-groups)\\]", "pyproject.toml");
        content("lock", "environments:", "pixi.lock");
        content("txt", "", "requirements.txt");
    }

    /**
     * The header of an op file.
     *
     * @param text the TOML, without comment signs
     * @param firstLine the line of the file on which it begins, from 1
     */
    record Header(String text, int firstLine) {}

    private EnvironmentFile() {}

    private static void name(String name, String format) {
        NAMES.put(Pattern.compile(name, Pattern.CASE_INSENSITIVE), format);
    }

    private static void content(String ending, String line, String format) {
        CONTENTS.put(Pattern.compile("\\A.*\\." + ending + "\\n(?s:.*?)^" + line, Pattern.MULTILINE), format);
    }

    /**
     * The format of a file, by its name or else by its text.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} with the cause {@code spec_invalid} when it is none
     */
    static String format(Path file, String text) {
        String name = file.getFileName().toString();
        if (text.lines().anyMatch(line -> line.strip().equals("@EXPLICIT"))) {
            throw invalid(file + " is an explicit list of conda packages, which holds for one platform alone",
                    "make an environment.yml of it (conda env export --from-history), or a conda-lock.yml");
        }
        return NAMES.entrySet().stream()
                .filter(known -> known.getKey().matcher(name).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .or(() -> CONTENTS.entrySet().stream()
                        .filter(known -> known.getKey().matcher(name + "\n" + text).find())
                        .map(Map.Entry::getValue)
                        .findFirst())
                .orElseThrow(() -> invalid(
                        file + " says neither by its name nor by its content what it is", "name it as one of " + KNOWN));
    }

    /**
     * The header of an op file; one that asks for a bare Python when there is none.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when it cannot be read, or the header has no end
     */
    static Header header(Path file) {
        List<String> lines = read(file).lines().map(String::stripTrailing).toList();
        StringBuilder header = new StringBuilder();
        int first = headerStart(lines, file);
        for (int line = first; first > 0 && !lines.get(line).equals("# ///"); line++) {
            header.append(lines.get(line).replaceFirst("^# ?", "")).append('\n');
        }
        return new Header(first > 0 ? header.toString() : "dependencies = []\n", first + 1);
    }

    /** The index of the first line after the opening one, 0 when there is no header. */
    private static int headerStart(List<String> lines, Path file) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).equals("# /// script")) {
                // Where a block ends is known by its signs: every line of it is a comment.
                for (int end = i + 1; end < lines.size() && lines.get(end).startsWith("#"); end++) {
                    if (lines.get(end).equals("# ///")) {
                        return i + 1;
                    }
                }
                Mistake mistake = new Mistake(
                        file.toAbsolutePath().normalize(),
                        i + 1,
                        "the header '# /// script' has no end",
                        "close it with a line '# ///'; every line before it begins with '#'");
                throw new AlcoveException(
                        ErrorKind.LOAD_FAILED, mistake.toString(), mistake.hint(), Map.of("mistakes", List.of(mistake.toValue())));
            }
        }
        return 0;
    }

    /**
     * The text of a file, with the ends of lines and without the mark at its beginning that Windows' editors write.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when it cannot be read
     */
    static String read(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.UTF_8).replace("\r\n", "\n");
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text; // Python reads over it, too
        } catch (CharacterCodingException e) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED, file + " is not UTF-8", "save it as UTF-8");
        } catch (NoSuchFileException e) {
            throw new AlcoveException(ErrorKind.LOAD_FAILED, "there is no file " + file, "check the path");
        } catch (IOException e) {
            String reason = Files.isDirectory(file) ? "it is a folder" : Folders.reason(e);
            throw new AlcoveException(ErrorKind.LOAD_FAILED, file + " cannot be read: " + reason, "check the file");
        }
    }

    /** The bytes of a file that could be read just now. */
    static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED, file + " cannot be read: " + Folders.reason(e), "check the file");
        }
    }

    /** A list of texts as TOML has it. */
    static String toml(List<String> texts) {
        return texts.stream().map(EnvironmentFile::toml).collect(Collectors.joining(", ", "[", "]"));
    }

    /** A text as TOML has it. */
    static String toml(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char each : text.toCharArray()) {
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (each < ' ' || each == 0x7F) {
                quoted.append("\\u%04x".formatted((int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }

    /** The SHA-256 in hexadecimal. */
    static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static AlcoveException invalid(String message, String hint) {
        return new AlcoveException(ErrorKind.ENVIRONMENT_FAILED, message, hint, Map.of("cause", "spec_invalid"));
    }
}

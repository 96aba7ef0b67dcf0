package org.alcove.batch;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pattern of files as shells know it: {@code *}, {@code ?} and {@code [a-z]} within a name, <code>{tif,tiff}</code>, and
 * {@code **} for any number of folders, none among them. What begins with a dot is meant only where the pattern says so.
 */
final class FilePattern {
    private static final String WILD = ".*[*?\\[{].*";
    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)\\}"); // the innermost ones

    private final String text;
    private final Path base;
    private final List<List<String>> ways;

    /** {@code ways} are the patterns of names below the base, several where there are braces. */
    private FilePattern(String text, Path base, List<List<String>> ways) {
        this.text = text;
        this.base = base;
        this.ways = ways;
    }

    /** Whether a text is to be understood as a pattern: a file whose name has brackets in it is a file. */
    static boolean isOne(String text, Path folder) {
        return text.matches(WILD) && !Files.exists(folder.resolve(text));
    }

    /** {@code folder} is what the pattern is relative to. */
    static FilePattern of(String text, Path folder) {
        String unified = File.separatorChar == '\\' ? text.replace('\\', '/') : text;
        List<String> parts = split(unified);
        int fixed = 0;
        while (fixed < parts.size() && !parts.get(fixed).matches(WILD)) {
            fixed++;
        }
        String start = String.join("/", parts.subList(0, fixed));
        Path base = folder.resolve(unified.startsWith("/") ? "/" + start : start);
        List<List<String>> ways = withoutBraces(String.join("/", parts.subList(fixed, parts.size()))).stream()
                .map(FilePattern::split)
                .toList();
        return new FilePattern(text, base.toAbsolutePath().normalize(), ways);
    }

    /** The folder that the pattern begins with: it stays the same, whatever files there are. */
    Path base() {
        return base;
    }

    /**
     * The files that match, in natural order.
     *
     * @param folders whether a folder may match, as some formats are folders; what is in one that does is not looked at
     * @param leftOut a folder that is not looked into
     */
    List<Path> find(boolean folders, Path leftOut) {
        Map<String, Path> found = new TreeMap<>(NaturalOrder.INSTANCE);
        if (Files.isDirectory(base)) {
            ways.forEach(names -> new Walk(names, folders, leftOut, found).go(base, 0, new HashSet<>()));
        }
        return new ArrayList<>(found.values());
    }

    @Override
    public String toString() {
        return text;
    }

    /** What a pattern with braces stands for: {@code {a,b/c}.tif} for {@code a.tif} and {@code b/c.tif}. */
    private static List<String> withoutBraces(String pattern) {
        Matcher braces = BRACES.matcher(pattern);
        if (!braces.find()) {
            return List.of(pattern);
        }
        return Arrays.stream(braces.group(1).split(",", -1))
                .map(choice -> pattern.substring(0, braces.start()) + choice + pattern.substring(braces.end()))
                .flatMap(choice -> withoutBraces(choice).stream())
                .toList();
    }

    /** At each slash that stands in no braces. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char character = i == text.length() ? '/' : text.charAt(i);
            depth += character == '{' ? 1 : character == '}' ? -1 : 0;
            if (character == '/' && (depth <= 0 || i == text.length())) {
                if (i > start) {
                    parts.add(text.substring(start, i));
                }
                start = i + 1;
            }
        }
        return parts;
    }

    /** One walk through the folders. */
    private final class Walk {
        private final List<String> names;
        private final boolean folders;
        private final Path leftOut;
        private final Map<String, Path> found;
        private final List<PathMatcher> matchers;

        Walk(List<String> names, boolean folders, Path leftOut, Map<String, Path> found) {
            this.names = names;
            this.folders = folders;
            this.leftOut = leftOut;
            this.found = found;
            this.matchers = names.stream().map(this::matcher).toList();
        }

        private PathMatcher matcher(String name) {
            try {
                return FileSystems.getDefault().getPathMatcher("glob:" + name);
            } catch (IllegalArgumentException e) {
                throw Batch.wrong(
                        "the pattern " + text + " is not understood: " + e.getMessage().lines().findFirst().orElse(""),
                        "known are * ? [a-z] {tif,tiff} and ** for any folders");
            }
        }

        /** {@code above} are the real folders that this one lies in: a link may lead back to one of them. */
        void go(Path folder, int at, Set<Path> above) {
            if (folder.equals(leftOut)) {
                return;
            }
            boolean deep = names.get(at).equals("**");
            if (deep && at + 1 < names.size()) {
                go(folder, at + 1, above);
            }
            Path real = real(folder);
            if (deep && !above.add(real)) {
                return;
            }
            for (Path entry : entries(folder)) {
                boolean hidden = entry.getFileName().toString().startsWith(".");
                if (deep) {
                    if (!hidden) {
                        deeper(entry, at, above);
                    }
                } else if (matchers.get(at).matches(entry.getFileName()) && (!hidden || names.get(at).startsWith("."))) {
                    matched(entry, at, above);
                }
            }
            if (deep) {
                above.remove(real);
            }
        }

        private void deeper(Path entry, int at, Set<Path> above) {
            if (at + 1 == names.size()) {
                take(entry);
            }
            boolean taken = folders && at + 2 == names.size() && matchers.get(at + 1).matches(entry.getFileName());
            if (!taken && Files.isDirectory(entry)) {
                go(entry, at, above);
            }
        }

        private void matched(Path entry, int at, Set<Path> above) {
            if (at + 1 == names.size()) {
                take(entry);
            } else if (Files.isDirectory(entry)) {
                go(entry, at + 1, above);
            }
        }

        private void take(Path entry) {
            if (folders && !entry.equals(leftOut) ? Files.exists(entry) : Files.isRegularFile(entry)) {
                found.put(entry.toString().replace('\\', '/'), entry);
            }
        }
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            return folder;
        }
    }

    private static List<Path> entries(Path folder) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        } catch (IOException e) {
            throw Batch.wrong(
                    "the folder " + folder + " cannot be read: " + e.getMessage(),
                    "ask its owner for the right to read it, or give a pattern that leaves it out");
        }
        return entries;
    }
}

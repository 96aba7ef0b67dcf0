package org.alcove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes out of texts what strangers shall not see: passwords and tokens, the home folder, the names of user and machine,
 * addresses of mail.
 */
final class Redaction {
    private static final int SHORTEST_SECRET = 6;
    private static final int SHORTEST_NAME = 2;
    private static final Pattern SECRET_VARIABLE =
            Pattern.compile("(?i).*(token|passw|secret|passphrase|credential|api_?key|access_?key|private_?key|auth).*");
    private static final Pattern MAIL = Pattern.compile("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+");
    /** Names that tell nothing of anybody, and stand in texts for other reasons. */
    private static final Set<String> NOBODY = Set.of(
            "root", "user", "admin", "administrator", "guest", "localhost", "ubuntu", "debian", "docker", "runner", "alcove");

    private final Map<Pattern, String> replacements = new LinkedHashMap<>();

    /**
     * @param variables the environment's: their values too are secret where their names say so
     * @param user the user's name
     * @param homes of the user
     * @param hosts names of the machine
     */
    Redaction(Map<String, String> variables, String user, Set<Path> homes, Set<String> hosts) {
        variables.entrySet().stream()
                .filter(variable -> SECRET_VARIABLE.matcher(variable.getKey()).matches())
                .map(Map.Entry::getValue)
                .filter(value -> value.length() >= SHORTEST_SECRET && !Files.exists(pathOrRoot(value)))
                .sorted(Comparator.comparing(String::length).reversed())
                .forEach(value -> replacements.put(Pattern.compile(Pattern.quote(value)), Secrets.MASK));
        homes.stream()
                .map(Path::toString)
                .filter(home -> home.length() > 1)
                .sorted(Comparator.comparing(String::length).reversed())
                .forEach(home -> {
                    replacements.put(Pattern.compile(Pattern.quote(home) + "(?![A-Za-z0-9_-])"), "~");
                    // As JSON has it on Windows
                    replacements.put(Pattern.compile(Pattern.quote(home.replace("\\", "\\\\")) + "(?![A-Za-z0-9_-])"), "~");
                });
        hosts.stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .forEach(host -> replaceWord(host, "HOST"));
        replaceWord(user, "USER");
        replacements.put(MAIL, Secrets.MASK + "@" + Secrets.MASK);
    }

    /** For this process: its variables, its user, this machine. */
    static Redaction here() {
        Map<String, String> variables = System.getenv();
        Set<Path> homes = new LinkedHashSet<>();
        Stream.of(System.getProperty("user.home"), variables.getOrDefault("HOME", "")).filter(home -> !home.isBlank()).forEach(home -> {
            homes.add(Path.of(home));
            try {
                homes.add(Path.of(home).toRealPath());
            } catch (IOException e) {
                // There is none.
            }
        });
        return new Redaction(variables, System.getProperty("user.name"), homes, hosts(variables));
    }

    private static Set<String> hosts(Map<String, String> variables) {
        Set<String> hosts = new LinkedHashSet<>();
        for (String variable : new String[] {"HOSTNAME", "COMPUTERNAME", "HOST"}) {
            hosts.add(variables.getOrDefault(variable, ""));
        }
        for (String file : new String[] {"/proc/sys/kernel/hostname", "/etc/hostname"}) {
            try {
                hosts.add(Files.readString(Path.of(file)).strip());
            } catch (IOException | RuntimeException e) {
                // Not on this system.
            }
        }
        for (String host : Set.copyOf(hosts)) {
            hosts.add(host.split("\\.")[0]); // without its domain
        }
        return hosts;
    }

    private void replaceWord(String word, String with) {
        if (word.length() >= SHORTEST_NAME && !NOBODY.contains(word.toLowerCase(Locale.ROOT))) {
            replacements.put(
                    Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(word) + "(?![A-Za-z0-9])", Pattern.CASE_INSENSITIVE), with);
        }
    }

    private static Path pathOrRoot(String value) {
        try {
            return Path.of(value).isAbsolute() ? Path.of(value) : Path.of("no such file");
        } catch (java.nio.file.InvalidPathException e) {
            return Path.of("no such file");
        }
    }

    /** The text without all that. */
    String of(String text) {
        String redacted = Secrets.masked(text);
        for (Map.Entry<Pattern, String> each : replacements.entrySet()) {
            redacted = each.getKey().matcher(redacted).replaceAll(Matcher.quoteReplacement(each.getValue()));
        }
        return redacted;
    }
}

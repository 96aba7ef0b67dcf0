package org.alcove;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Passwords and tokens, kept out of what people and files get to see. {@code alcove.environments} masks alike. */
final class Secrets {
    static final String MASK = "***";

    /** What is secret in the group {@code secret} of each. */
    private static final List<Pattern> PATTERNS = List.of(
            // A channel with a token
            Pattern.compile("://[^/\\s]*/t/(?<secret>[^/\\s\"']+)"),
            Pattern.compile("(?i)\\bauthorization[\"']?\\s*[:=]\\s*[\"']?(?:[a-z]+\\s+)?(?<secret>[^\\s\"',;]+)"),
            Pattern.compile("(?i)\\bbearer\\s+(?<secret>[A-Za-z0-9._~+/=-]{8,})"),
            Pattern.compile("(?i)[?&][^=&\\s]*(?:sig|token|key)[^=&\\s]*=(?<secret>[^&\\s\"']+)"),
            // Settings, variables, members of JSON
            Pattern.compile("(?i)(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key)"
                    + "[A-Za-z0-9_-]*[\"']?\\s*[=:]\\s*[\"']?(?<secret>[^\\s\"'&,;]+)"),
            // By their looks: GitHub, GitLab, Hugging Face, AWS, Slack, PyPI, OpenAI, JSON web tokens
            Pattern.compile("(?<secret>\\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
                    + "|hf_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|pypi-[A-Za-z0-9_-]{20,}"
                    + "|sk-[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*))"));

    private Secrets() {}

    /** The text with all that looks like a password or a token masked. */
    static String masked(String text) {
        String masked = NetworkSettings.masked(text);
        for (Pattern pattern : PATTERNS) {
            masked = replaced(pattern, masked);
        }
        return masked;
    }

    private static String replaced(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        StringBuilder masked = new StringBuilder();
        int end = 0;
        while (matcher.find()) {
            masked.append(text, end, matcher.start("secret")).append(MASK);
            end = matcher.end("secret");
        }
        return end == 0 ? text : masked.append(text, end, text.length()).toString();
    }
}

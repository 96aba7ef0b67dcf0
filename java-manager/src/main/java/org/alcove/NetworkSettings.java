package org.alcove;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the network may be used until there is a toolbox, which then reads all settings. Before it, variables alone count,
 * those that {@code alcove.environments} knows; Java reads no TOML.
 *
 * @param variables the environment's
 */
record NetworkSettings(Map<String, String> variables) {
    private static final List<String> PROXIES =
            List.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy");
    private static final String DEFAULT_CHANNEL = "conda-forge";
    private static final String CHANNELS = "https://conda.anaconda.org/";

    /** Whether only what is on this machine may be used. */
    boolean isOffline() {
        String text = first("ALCOVE_OFFLINE", "UV_OFFLINE").orElse("");
        return Set.of("true", "1", "yes", "on").contains(text.strip().toLowerCase(Locale.ROOT));
    }

    /** The proxy's URL as it was written; empty text for none at all, nothing for what the system says. */
    Optional<String> proxy() {
        String own = variables.get("ALCOVE_PROXY");
        return own != null ? Optional.of(own) : first(PROXIES.toArray(String[]::new));
    }

    /** Hosts and domains that are reached directly. */
    List<String> direct() {
        String own = variables.get("ALCOVE_NO_PROXY");
        String text = own != null ? own : first("NO_PROXY", "no_proxy").orElse("");
        return Arrays.stream(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
    }

    /** A file with the certificates of further authorities to trust. */
    Optional<Path> certificates() {
        return first("ALCOVE_CERTIFICATES", "SSL_CERT_FILE").filter(file -> !file.equals("system")).map(Path::of);
    }

    /** The package index to use instead of pip's own choice. */
    Optional<String> index() {
        return first("ALCOVE_INDEX");
    }

    /** A folder with the toolbox's wheels, to be used instead of an index. */
    Optional<Path> toolboxWheels() {
        return first("ALCOVE_TOOLBOX_WHEELS").map(folder -> Path.of(folder).toAbsolutePath());
    }

    /** After so long without any data a server counts as gone. */
    Duration timeout() {
        return Duration.ofSeconds(Math.max(1, number(30, "ALCOVE_TIMEOUT", "UV_HTTP_TIMEOUT")));
    }

    /** How often a failed download is tried again. */
    int retries() {
        return number(3, "ALCOVE_RETRIES", "UV_HTTP_RETRIES");
    }

    /** URLs of the channels that Python may come from, or of what stands for them here; the first that works. */
    List<String> channels() {
        String name = first("ALCOVE_CHANNELS").orElse(DEFAULT_CHANNEL).strip().split("[,\\s]+")[0];
        String channel = (name.contains("://") ? name : CHANNELS + name).replaceFirst("/+$", "");
        List<String> mirrors = new ArrayList<>();
        for (String pair : first("ALCOVE_MIRRORS").orElse("").strip().split("\\s+")) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2 && parts[0].replaceFirst("/+$", "").equals(channel)) {
                mirrors.add(parts[1]);
            }
        }
        return mirrors.isEmpty() ? List.of(channel) : mirrors;
    }

    /** Hands the settings on to a program that knows the common variables alone. */
    void passOn(Map<String, String> target) {
        String proxy = variables.get("ALCOVE_PROXY");
        if (proxy != null) {
            PROXIES.forEach(target::remove);
        }
        if (proxy != null && !proxy.isEmpty()) {
            target.put("HTTPS_PROXY", proxy);
            target.put("HTTP_PROXY", proxy);
        }
        boolean isDirect = proxy != null && proxy.isEmpty();
        if (isDirect || variables.containsKey("ALCOVE_NO_PROXY")) {
            target.remove("no_proxy");
            target.put("NO_PROXY", isDirect ? "*" : String.join(",", direct()));
        }
    }

    /** For messages: what is set, without passwords. */
    String describeProxy() {
        return proxy().map(text -> text.isEmpty() ? "none, by ALCOVE_PROXY" : masked(text))
                .orElse("none is set: HTTPS_PROXY sets one");
    }

    /** A URL without the password in it. */
    static String masked(String url) {
        return url.replaceAll("//[^/@\\s]*@", "//***@");
    }

    /** A proxy may be written without its scheme. */
    static URI address(String proxy) {
        return URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
    }

    Optional<String> first(String... names) {
        return Arrays.stream(names)
                .map(variables::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst();
    }

    private int number(int otherwise, String... names) {
        try {
            return Integer.parseInt(first(names).orElse("").strip());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}

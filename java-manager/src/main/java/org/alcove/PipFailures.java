package org.alcove;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why pip could not get the toolbox, in words that help. The texts are those of the pip in the jar. */
final class PipFailures {
    private static final Pattern MISSING =
            Pattern.compile("No matching distribution found for ([A-Za-z0-9._-]+)==([^\\s;]+)");
    private static final List<String> NO_NETWORK = List.of(
            "NewConnectionError", "ConnectTimeout", "Failed to establish", "ProxyError", "SSLError", "Connection to",
            "Connection refused", "Read timed out", "Connection broken", "IncompleteRead", "Max retries exceeded",
            "Temporary failure in name resolution", "Name or service not known");

    private PipFailures() {}

    /**
     * The failure that pip's last lines tell of.
     *
     * @param folder where the toolbox would be
     * @param interpreter for which it would be
     */
    static AlcoveException explain(Command.Result result, NetworkSettings network, Path folder, Path interpreter) {
        String text = String.join("\n", result.lastLines());
        Matcher missing = MISSING.matcher(text);
        if (Toolbox.isAboutRoom(text)) {
            return Toolbox.diskFull(folder, result.lastLines());
        }
        if (text.contains("DO NOT MATCH THE HASHES")) {
            String place = network.toolboxWheels().map(wheels -> "copy the wheels in " + wheels + " anew")
                    .orElse("a proxy or mirror may have changed it; try again, or ask your network's administrator");
            return Toolbox.failure("hash_mismatch",
                    "a package of the toolbox is not the one that Alcove was tested with", place, result.lastLines());
        }
        if (network.toolboxWheels().isPresent() && missing.find()) {
            return missingWheel(result, network.toolboxWheels().get(), missing, interpreter);
        }
        if (NO_NETWORK.stream().anyMatch(text::contains)) {
            return Toolbox.failure("network", "the toolbox could not be downloaded: the package index cannot be reached",
                    "check the network and the proxy (" + network.describeProxy()
                            + "); ALCOVE_INDEX or PIP_INDEX_URL names a mirror, ALCOVE_TOOLBOX_WHEELS a folder with the wheels",
                    result.lastLines());
        }
        return Toolbox.failure("toolbox", "pip could not install the toolbox: " + result.reason(),
                "the last lines of its output are in the details (--debug shows them)", result.lastLines());
    }

    private static AlcoveException missingWheel(Command.Result result, Path wheels, Matcher missing, Path interpreter) {
        return Toolbox.failure("toolbox",
                "the folder " + wheels + " (ALCOVE_TOOLBOX_WHEELS) has no wheel of " + missing.group(1) + " "
                        + missing.group(2) + " for this computer (" + MicromambaRelease.platform() + ") and Python (" + interpreter + ")",
                "on a machine of the same kind with the same Python and with network: python -m pip download"
                        + " --only-binary :all: --require-hashes -r envs/toolbox.txt -d FOLDER",
                result.lastLines());
    }
}

package org.alcove;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The micromamba that brings a Python where there is none: one file per platform.
 *
 * @param version of the release
 * @param pins the SHA-256 of each platform's file
 */
record MicromambaRelease(String version, Map<String, String> pins) {
    /** Where releases are; a mirror keeps what comes after. */
    static final String ADDRESS = "https://github.com/mamba-org/micromamba-releases/releases/download";

    /** The one to take. docs/bootstrapping.md tells where the pins are from and how to check them. */
    static final MicromambaRelease PINNED = new MicromambaRelease("2.8.1-0", Map.of(
            "linux-64", "9689782d863c05a1bf5d2d371ba527104e7a4eb4310c1637d8653b751aed9c82",
            "linux-aarch64", "e5ba23b5945aa49dfd11022e592a510d2686a8feee810e00140b73c9fdf0ba2a",
            "osx-64", "b2bd613791c0a524883d7cb66505d630bf15badd1f492bc93ba78550a3a1a94b",
            "osx-arm64", "de71a646b73af92dd663e6ddc78993a6a4d47ea28b5d8908c3cc2b9c3077e528",
            "win-64", "8a51f88ec02600488ea20c3acd93fbd4da6c0f03fc499aa53fd234c6749b94b0"));

    /** This machine's platform, as conda names it. */
    static String platform() {
        return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static String platform(String operatingSystem, String architecture) {
        String system = operatingSystem.toLowerCase(Locale.ROOT);
        boolean isArm = architecture.equals("aarch64") || architecture.equals("arm64");
        boolean isIntel = architecture.equals("amd64") || architecture.equals("x86_64");
        if (system.startsWith("windows") && (isArm || isIntel)) {
            return "win-64"; // Windows on ARM runs programs for Intel
        } else if (system.startsWith("mac") && (isArm || isIntel)) {
            return isArm ? "osx-arm64" : "osx-64";
        } else if (system.equals("linux") && (isArm || isIntel)) {
            return isArm ? "linux-aarch64" : "linux-64";
        }
        return system + "-" + architecture;
    }

    /** The hash of this platform's file, if there is one. */
    Optional<String> sha256(String platform) {
        return Optional.ofNullable(pins.get(platform));
    }

    /** The file's address below that of all releases. */
    String path(String platform) {
        return version + "/micromamba-" + platform + (platform.startsWith("win") ? ".exe" : "");
    }
}

package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Python where there is none: micromamba, the user's own or a release that is downloaded, installs it from
 * conda-forge. Everything beyond is the toolbox's, so that it is the same whatever Python it stands on.
 *
 * <p>The caller holds the toolbox's lock.
 */
final class Micromamba {
    /** Those that the toolbox's pins have wheels for; the newest of all may lack them on some platform. */
    private static final String PYTHON = "python>=3.10,<3.14";
    private static final String COMPLETE = ".complete";
    private static final Pattern NO_NETWORK = Pattern.compile("Download error|Transfer finalized, status: [45]"
            + "|[Cc]ould ?n[o']t (resolve|connect)|[Tt]imed? ?out|[Pp]roxy|SSL");

    private final Path prefix;
    private final Path cache;
    private final Map<String, String> variables;
    private final NetworkSettings network;
    private final MicromambaRelease release;

    /**
     * For a toolbox.
     *
     * @param folder the toolbox's, which the Python goes into
     * @param cache what may be deleted at any time goes here
     */
    Micromamba(Path folder, Path cache, Map<String, String> variables, MicromambaRelease release) {
        // A conda environment knows its own path, so it is made in its place; the last file says that it is whole.
        this.prefix = folder.resolve("python");
        this.cache = cache.resolve("micromamba");
        this.variables = variables;
        this.network = new NetworkSettings(variables);
        this.release = release;
    }

    /** The Python that was installed earlier. */
    Optional<Python> find() {
        Path executable = Python.inCondaEnvironment(prefix);
        try {
            String version = Files.readString(prefix.resolve(COMPLETE)).strip();
            return Files.isExecutable(executable) ? Optional.of(new Python(executable, version, true)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Why there is no use in trying, if so. */
    Optional<String> hindrance() {
        Optional<Path> own = own();
        if (own.isPresent()) {
            return Files.isExecutable(own.get())
                    ? Optional.empty()
                    : Optional.of("ALCOVE_MICROMAMBA names " + own.get() + ", which is no program");
        } else if (release.sha256(MicromambaRelease.platform()).isEmpty()) {
            return Optional.of("there is no micromamba for " + MicromambaRelease.platform());
        } else if (network.isOffline()) {
            return Optional.of("ALCOVE_OFFLINE forbids to download micromamba");
        }
        return Optional.empty();
    }

    /** Where it would come from. */
    String source() {
        return own().map(Path::toString).orElseGet(() -> NetworkSettings.masked(address()));
    }

    /**
     * Installs a Python, unless one is there.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} with the cause
     */
    Python python(Call call) throws IOException {
        Optional<Python> ready = find();
        if (ready.isPresent()) {
            return ready.get();
        }
        hindrance().ifPresent(reason -> {
            throw Toolbox.failure("toolbox", reason, "install Python, or set ALCOVE_MICROMAMBA to a micromamba", List.of());
        });
        Optional<Path> own = own();
        Path executable = own.isPresent() ? own.get() : downloaded(call);
        Folders.delete(prefix);
        List<String> channels = network.channels();
        for (int i = 0; ; i++) {
            Command.Result result = create(call, executable, channels.get(i));
            if (result.exitCode() == 0) {
                break;
            }
            Folders.delete(prefix);
            if (i == channels.size() - 1) {
                throw failure(result, executable, channels.get(i));
            }
        }
        Files.writeString(prefix.resolve(COMPLETE), version(call) + "\n");
        return find().orElseThrow(() -> Toolbox.failure("toolbox", "micromamba installed no Python in " + prefix,
                "install Python, or try another micromamba in ALCOVE_MICROMAMBA", List.of()));
    }

    private Optional<Path> own() {
        return network.first("ALCOVE_MICROMAMBA").map(Path::of);
    }

    private String address() {
        String base = network.first("ALCOVE_MICROMAMBA_URL").orElse(MicromambaRelease.ADDRESS);
        return base.strip().replaceFirst("/+$", "") + "/" + release.path(MicromambaRelease.platform());
    }

    private Path downloaded(Call call) throws IOException {
        String platform = MicromambaRelease.platform();
        Path ready = cache.resolve("micromamba-" + release.version() + (platform.startsWith("win") ? ".exe" : ""));
        String wanted = release.sha256(platform).orElseThrow();
        if (Files.isExecutable(ready) && sha256(ready).equals(wanted)) {
            return ready;
        }
        Files.createDirectories(cache);
        Path part = cache.resolve("micromamba-" + release.version() + ".part");
        boolean isKept = false;
        try {
            fetch(call, part, wanted);
            makeExecutable(part);
            Files.move(part, ready, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AlcoveException e) {
            isKept = "network".equals(e.data().get("cause")); // the next run goes on from there
            throw e;
        } finally {
            if (!isKept) {
                Files.deleteIfExists(part);
            }
        }
        return ready;
    }

    private void fetch(Call call, Path part, String wanted) throws IOException {
        boolean isResumed = Files.exists(part);
        Download.Pace pace = new Download.Pace();
        URI address = address(address());
        new Download(call, network, "micromamba", address, part, (done, total) -> call.report(Progress.of(
                Progress.Stage.TOOLBOX,
                total > 0 ? 0.02 + 0.08 * done / total : 0.02,
                "Downloading micromamba: " + pace.describe(done, total),
                pace.details("micromamba", done, total)))).run();
        String got = sha256(part);
        if (!got.equals(wanted) && isResumed) {
            Files.delete(part); // the beginning may be another version's
            fetch(call, part, wanted);
        } else if (!got.equals(wanted)) {
            throw Toolbox.failure("hash_mismatch",
                    "what " + address.getHost() + " gave is not micromamba " + release.version() + ": its SHA-256 is " + got
                            + ", not " + wanted,
                    "a proxy or mirror may have changed it; try again, or ask your network's administrator",
                    List.of(NetworkSettings.masked(address.toString())));
        }
    }

    private static URI address(String text) {
        URI address = null;
        try {
            address = URI.create(text);
        } catch (IllegalArgumentException e) {
            // None, as below.
        }
        if (address == null || address.getHost() == null || !String.valueOf(address.getScheme()).matches("https?")) {
            throw Toolbox.failure("network",
                    "this is no address that can be downloaded from: " + NetworkSettings.masked(text),
                    "set ALCOVE_MICROMAMBA_URL to the http(s) URL of a copy of " + MicromambaRelease.ADDRESS, List.of());
        }
        return address;
    }

    private Command.Result create(Call call, Path executable, String channel) throws IOException {
        report(call, 0.1, "Installing Python from " + NetworkSettings.masked(channel));
        List<String> line = new ArrayList<>(List.of(executable.toString(), "create", "--yes", "--no-rc", "--root-prefix",
                cache.toString(), "--prefix", prefix.toString(), "--override-channels", "--strict-channel-priority",
                "--channel", channel));
        network.certificates().ifPresent(file -> line.addAll(List.of("--ssl-verify", file.toString())));
        line.add(PYTHON);
        Path home = Files.createDirectories(cache.resolve("home"));
        double[] fraction = {0.1};
        try {
            return new Command(line, own -> setVariables(own, home)).run(call, said -> {
                if (said.startsWith("Linking ")) {
                    fraction[0] = Math.min(0.35, fraction[0] + 0.01);
                    report(call, fraction[0], said);
                }
            });
        } catch (IOException e) {
            throw Toolbox.failure("toolbox", executable + " does not start: " + e.getMessage(),
                    "set ALCOVE_MICROMAMBA to a micromamba for this computer (" + MicromambaRelease.platform() + ")",
                    List.of());
        } catch (CancelledException e) {
            Folders.delete(prefix);
            throw e;
        }
    }

    /** The user's own micromamba and conda hear nothing of it: they keep notes in the home folder. */
    private void setVariables(Map<String, String> own, Path home) {
        own.keySet().removeIf(name -> name.startsWith("MAMBA_"));
        own.put("HOME", home.toString());
        own.put("USERPROFILE", home.toString());
        own.put("MAMBA_ADD_PIP_AS_PYTHON_DEPENDENCY", "false");
        network.passOn(own);
        // curl, which it uses, does not look at the one in capitals.
        Optional.ofNullable(own.get("HTTP_PROXY")).ifPresent(proxy -> own.put("http_proxy", proxy));
    }

    private AlcoveException failure(Command.Result result, Path executable, String channel) {
        String text = String.join("\n", result.lastLines());
        if (Toolbox.isAboutRoom(text)) {
            return Toolbox.diskFull(prefix, result.lastLines());
        }
        if (NO_NETWORK.matcher(text).find()) {
            return Toolbox.failure("network",
                    "micromamba could not download Python from " + NetworkSettings.masked(channel) + ": " + result.reason(),
                    "check the network connection and the proxy (" + network.describeProxy()
                            + "); ALCOVE_MIRRORS names another place of the channel",
                    result.lastLines());
        }
        return Toolbox.failure("toolbox",
                "micromamba (" + executable + ") could not install Python: " + result.reason(),
                "the last lines of its output are in the details (--debug shows them)", result.lastLines());
    }

    private String version(Call call) throws IOException {
        List<String> line = List.of(Python.inCondaEnvironment(prefix).toString(), "-I", "-c",
                "import platform; print(platform.python_version())");
        Command.Result result = new Command(line, own -> {}).run(call, said -> {});
        if (result.exitCode() != 0 || result.lastLines().size() != 1) {
            throw Toolbox.failure("toolbox", "the Python that micromamba installed does not run: " + result.reason(),
                    "install Python, or try another micromamba in ALCOVE_MICROMAMBA", result.lastLines());
        }
        return result.lastLines().get(0);
    }

    private static void report(Call call, double fraction, String message) {
        call.report(Progress.of(Progress.Stage.TOOLBOX, fraction, message));
    }

    private static void makeExecutable(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        if (!file.toFile().setExecutable(true, false)) {
            throw new IOException(file + " cannot be made executable");
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = stream.read(buffer)) >= 0; ) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A Python by micromamba where there is none: a script that stands for the executable comes from a local server, and
 * "installs" the tests' Python. The end-to-end tests have one that installs real packages.
 */
class MicromambaTest {
    private static final String PLATFORM = MicromambaRelease.platform();

    private Path temporary;
    private Path folder;
    private FileServer server;
    private CallBench bench;
    private byte[] executable;
    private MicromambaRelease release;
    private final Map<String, String> variables = new TreeMap<>();
    private final List<Progress> heard = new CopyOnWriteArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        temporary = Files.createTempDirectory("alcove-test-");
        folder = Files.createDirectories(temporary.resolve("Jürgens Zellen").resolve("toolbox"));
        bench = new CallBench(temporary);
        server = new FileServer();
        executable = script("""
                echo "$@" > "%1$s/arguments"
                env > "%1$s/variables"
                mkdir -p "$prefix/bin"
                ln -s "%2$s" "$prefix/bin/python"
                """.formatted(temporary, PythonProgram.executable()));
        server.files.put("/releases/2.8.1-0/" + file(), executable);
        release = release(executable);
        variables.put("ALCOVE_MICROMAMBA_URL", "http://127.0.0.1:" + server.port() + "/releases/");
        variables.put("ALCOVE_RETRIES", "1");
    }

    @AfterEach
    void cleanUp() throws IOException {
        server.close();
        bench.close();
        Folders.delete(temporary);
    }

    /** A megabyte and more, so that it does not arrive in one piece. */
    private static byte[] script(String commands) {
        String prefix = """
                for argument; do
                    [ "$before" != --prefix ] || prefix=$argument
                    before=$argument
                done
                """;
        return ("#!/bin/sh\n" + prefix + commands + "exit 0\n" + "#".repeat(3 << 20)).getBytes(UTF_8);
    }

    private static String file() {
        return "micromamba-" + PLATFORM;
    }

    private MicromambaRelease release(byte[] content) throws IOException {
        Path copy = Files.write(temporary.resolve("executable"), content);
        return new MicromambaRelease("2.8.1-0", Map.of(PLATFORM, TinyWheel.sha256(copy)));
    }

    private Micromamba micromamba() {
        return new Micromamba(folder, folder.resolveSibling("cache"), variables, release);
    }

    private Python install() {
        return Call.around(bench.host(), heard::add, this::install);
    }

    private Python install(Call call) {
        try {
            return micromamba().python(call);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private AlcoveException failure(String cause) {
        AlcoveException failure = assertThrows(AlcoveException.class, this::install);
        assertEquals(cause, failure.data().get("cause"), failure::toString);
        assertFalse(Files.exists(folder.resolve("python")));
        return failure;
    }

    private Path cache() {
        return folder.resolveSibling("cache").resolve("micromamba");
    }

    private List<String> cached() throws IOException {
        try (var entries = Files.list(cache())) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void itIsDownloadedOnceAndInstallsAPythonInItsPlace() throws IOException {
        variables.put("ALCOVE_PROXY", "");
        Python python = install();
        assertEquals(folder.resolve("python").resolve("bin").resolve("python"), python.executable());
        assertTrue(python.version().startsWith("3."), python.version());
        String arguments = Files.readString(temporary.resolve("arguments"));
        assertTrue(arguments.contains("--channel https://conda.anaconda.org/conda-forge "), arguments);
        assertTrue(arguments.contains("--no-rc"), arguments);
        assertTrue(Files.readString(temporary.resolve("variables")).contains("NO_PROXY=*"));
        String progress = "Downloading micromamba: [\\d.]+ of 3\\.1 MB.*";
        assertTrue(heard.stream().anyMatch(step -> step.message().matches(progress)), heard::toString);
        install();
        assertEquals(List.of("GET /releases/2.8.1-0/" + file()), server.requests);
        Folders.delete(folder.resolve("python"));
        install(); // the executable is still there
        assertEquals(1, server.requests.size());
    }

    @Test
    void aHalfMadePythonIsMadeAnew() throws IOException {
        install();
        Files.delete(folder.resolve("python").resolve(".complete"));
        Files.writeString(folder.resolve("python").resolve("leftover"), "");
        assertTrue(micromamba().find().isEmpty());
        install();
        assertFalse(Files.exists(folder.resolve("python").resolve("leftover")));
    }

    @Test
    void aBrokenDownloadGoesOnWhereItWas() throws IOException {
        server.faults.addAll(List.of(FileServer.Fault.CUT, FileServer.Fault.BUSY));
        install();
        assertEquals(3, server.requests.size());
        assertTrue(server.requests.get(1).endsWith(" bytes=" + executable.length / 2 + "-"), server.requests::toString);
        assertEquals(server.requests.get(1), server.requests.get(2));
    }

    @Test
    void whenTheNetworkStaysAwayTheNextRunGoesOn() throws IOException {
        variables.put("ALCOVE_RETRIES", "0");
        // What came before the end of the first counts as going on, so there is a second.
        server.faults.addAll(List.of(FileServer.Fault.CUT, FileServer.Fault.BUSY));
        AlcoveException failure = failure("network");
        assertTrue(failure.getMessage().contains("127.0.0.1:" + server.port() + ": "), failure.getMessage());
        assertEquals(List.of("micromamba-2.8.1-0.part"), cached());
        install();
        assertTrue(server.requests.get(server.requests.size() - 1).endsWith(" bytes=" + executable.length / 2 + "-"));
        assertEquals(List.of("home", "micromamba-2.8.1-0"), cached());
    }

    @Test
    void aServerThatSendsTheWholeAgainIsFineToo() {
        server.faults.addAll(List.of(FileServer.Fault.CUT, FileServer.Fault.NO_RANGES));
        install();
    }

    @Test
    void wrongBytesAreNeverMadeExecutable() throws IOException {
        byte[] wrong = executable.clone();
        wrong[wrong.length - 1] ^= 1;
        server.files.put("/releases/2.8.1-0/" + file(), wrong);
        AlcoveException failure = failure("hash_mismatch");
        assertTrue(failure.getMessage().contains(release.pins().get(PLATFORM)), failure.getMessage());
        assertEquals(List.of(), cached());
        assertFalse(Files.exists(temporary.resolve("arguments")));
    }

    @Test
    void thePartOfAnotherVersionIsForgotten() throws IOException {
        Files.createDirectories(cache());
        Files.writeString(cache().resolve("micromamba-2.8.1-0.part"), "something else");
        install();
        assertEquals(2, server.requests.size());
    }

    @Test
    void itFollowsRedirects() throws IOException {
        server.redirects.put("/moved/2.8.1-0/" + file(), "/releases/2.8.1-0/" + file());
        variables.put("ALCOVE_MICROMAMBA_URL", "http://127.0.0.1:" + server.port() + "/moved");
        install();
    }

    @Test
    void aMissingFileIsNotAskedForTwice() {
        server.files.clear();
        assertTrue(failure("network").getMessage().contains("404"));
        assertEquals(1, server.requests.size());
    }

    @Test
    void itGoesThroughTheProxyAndSaysSo() throws IOException {
        variables.put("ALCOVE_MICROMAMBA_URL", "http://releases.example.org/releases");
        server.proxyAuthorization = "Basic " + Base64.getEncoder().encodeToString("anna:secret word".getBytes(UTF_8));
        variables.put("ALCOVE_PROXY", "http://anna:other@127.0.0.1:" + server.port());
        assertTrue(failure("network").getMessage().contains("proxy"));
        variables.put("ALCOVE_PROXY", "http://anna:secret%20word@127.0.0.1:" + server.port());
        install();
        assertEquals(Set.of("GET http://releases.example.org/releases/2.8.1-0/" + file()), Set.copyOf(server.requests));
        Folders.delete(folder.resolveSibling("cache"));
        Folders.delete(folder.resolve("python"));
        server.files.clear();
        String hint = failure("network").hint().orElse("");
        assertTrue(hint.contains("http://***@127.0.0.1") && !hint.contains("secret"), hint);
    }

    @Test
    void certificatesOfACompanyAreTrustedWhereTheyAreNamed() throws Exception {
        TestCertificate certificate = TestCertificate.make(temporary);
        try (FileServer secure = new FileServer(certificate.context())) {
            secure.files.putAll(server.files);
            variables.put("ALCOVE_MICROMAMBA_URL", "https://localhost:" + secure.port() + "/releases");
            AlcoveException failure = failure("network");
            assertTrue(failure.getMessage().contains("not trusted"), failure.getMessage());
            assertTrue(failure.hint().orElse("").contains("ALCOVE_CERTIFICATES"), failure::toString);
            variables.put("SSL_CERT_FILE", certificate.file().toString());
            install();
        }
    }

    @Test
    void cancelEndsTheDownloadAndLeavesNothing() throws Exception {
        server.faults.add(FileServer.Fault.HOLD);
        assertCancelled(() -> server.held.await());
        assertEquals(List.of(), cached());
    }

    @Test
    void cancelEndsTheInstallationAndLeavesNothing() throws Exception {
        Path begun = temporary.resolve("begun");
        executable = script("mkdir -p \"$prefix\"; touch \"%s\"; exec sleep 1000\n".formatted(begun));
        server.files.put("/releases/2.8.1-0/" + file(), executable);
        release = release(executable);
        assertCancelled(() -> Eventually.becomes("begun", () -> Files.exists(begun)));
        assertFalse(Files.exists(folder.resolve("python")));
    }

    private interface Wait {
        void await() throws Exception;
    }

    private void assertCancelled(Wait wait) throws Exception {
        AtomicReference<Call> call = new AtomicReference<>();
        var thread = Executors.newSingleThreadExecutor();
        try {
            Future<Python> installing = thread.submit(() -> Call.around(bench.host(), heard::add, started -> {
                call.set(started);
                return install(started);
            }));
            wait.await();
            call.get().cancel();
            ExecutionException failure = assertThrows(ExecutionException.class, installing::get);
            assertTrue(failure.getCause() instanceof CancelledException, failure::toString);
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void aFullDiskIsSaid() throws IOException {
        try (SmallFileSystem small = SmallFileSystem.mount(temporary.resolve("small"), 2)) {
            folder = Files.createDirectory(small.directory().resolve("toolbox"));
            failure("disk_full");
            assertEquals(List.of(), cached());
        }
    }

    @Test
    void theUsersOwnIsTakenAsItIs() throws IOException {
        Path own = Files.write(temporary.resolve("my micromamba"), executable);
        variables.put("ALCOVE_MICROMAMBA", own.toString());
        assertTrue(failure("toolbox").getMessage().contains("no program"));
        assertTrue(own.toFile().setExecutable(true));
        install();
        assertEquals(List.of(), server.requests);
    }

    @Test
    void mirrorsOfTheChannelAreTriedInTurn() throws IOException {
        executable = script("""
                echo "$@" >> "%1$s/arguments"
                case "$*" in *first*) echo "error    libmamba Could not connect"; exit 1;; esac
                mkdir -p "$prefix/bin"
                ln -s "%2$s" "$prefix/bin/python"
                """.formatted(temporary, PythonProgram.executable()));
        server.files.put("/releases/2.8.1-0/" + file(), executable);
        release = release(executable);
        String channel = "https://conda.anaconda.org/conda-forge=";
        variables.put("ALCOVE_MIRRORS", channel + "https://first.example.org " + channel + "https://second.example.org");
        install();
        assertEquals(2, Files.readAllLines(temporary.resolve("arguments")).size());
        Folders.delete(folder.resolve("python"));
        variables.put("ALCOVE_MIRRORS", channel + "https://first.example.org");
        AlcoveException failure = failure("network");
        assertTrue(failure.getMessage().contains("https://first.example.org: Could not connect"), failure.getMessage());
    }

    @Test
    void platformsAreCalledAsCondaCallsThem() {
        assertEquals(
                List.of("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"),
                List.of(MicromambaRelease.platform("Linux", "amd64"), MicromambaRelease.platform("Linux", "aarch64"),
                        MicromambaRelease.platform("Mac OS X", "x86_64"), MicromambaRelease.platform("Mac OS X", "aarch64"),
                        MicromambaRelease.platform("Windows 11", "amd64")));
        assertEquals("2.8.1-0/micromamba-win-64.exe", MicromambaRelease.PINNED.path("win-64"));
        assertTrue(MicromambaRelease.PINNED.pins().values().stream().allMatch(pin -> pin.matches("[0-9a-f]{64}")));
        assertTrue(MicromambaRelease.PINNED.sha256("linux-riscv64").isEmpty());
    }

    @Test
    void hostsWithoutProxyAreNamedByDomain() {
        List<String> direct = Arrays.asList("localhost", ".example.org", "10.0.0.1:80");
        List<String> found = new ArrayList<>();
        for (String host : List.of("localhost", "a.example.org", "example.org", "10.0.0.1", "badexample.org", "other.org")) {
            if (HttpClients.isDirect(java.net.URI.create("http://" + host + "/x"), direct)) {
                found.add(host);
            }
        }
        assertEquals(List.of("localhost", "a.example.org", "example.org", "10.0.0.1"), found);
    }
}

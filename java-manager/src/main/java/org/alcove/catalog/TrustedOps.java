package org.alcove.catalog;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;

/**
 * Which op files the user has agreed to run. To agree is to agree to a content: that of the file and of the local modules
 * that it imports. When one of them changes, the user is asked again.
 *
 * <p>Files below the folders that {@code ALCOVE_TRUSTED_OPS} lists are trusted by whoever set that variable. Safe for use
 * from several threads, and by several programs at once.
 */
public final class TrustedOps {
    private static final String VARIABLE = "ALCOVE_TRUSTED_OPS";

    private final TrustRecord agreed;
    private final List<Path> trustedByVariable;

    private TrustedOps(Path dataDirectory, Map<String, String> variables) {
        this.agreed = new TrustRecord(dataDirectory.toAbsolutePath().resolve("trusted-ops"));
        this.trustedByVariable = Stream.of(variables.getOrDefault(VARIABLE, "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(Path::of)
                .map(TrustedOps::real)
                .toList();
    }

    /** What was agreed to with this data directory; nothing is read before it is asked. */
    public static TrustedOps in(Path dataDirectory) {
        return in(dataDirectory, System.getenv());
    }

    static TrustedOps in(Path dataDirectory, Map<String, String> variables) {
        return new TrustedOps(dataDirectory, variables);
    }

    /** Whether the op file may run as it is now; not when it cannot be read. */
    public boolean isTrusted(Path file) {
        try {
            return snapshot().isTrusted(new Sources().opFile(file));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * What to ask the user about a file as it is now.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when it cannot be read
     */
    public TrustQuestion question(Path file) {
        try {
            Sources.OpFile opFile = new Sources().opFile(file);
            return new TrustQuestion(
                    file.toAbsolutePath().normalize(),
                    snapshot().isChanged(opFile),
                    opFile.modules(),
                    HeaderPackages.of(opFile.file()),
                    opFile.digest());
        } catch (IOException e) {
            throw new AlcoveException(
                    ErrorKind.LOAD_FAILED,
                    file + " cannot be read: " + Reasons.of(e),
                    "check that the file is there and that you may read it",
                    Map.of());
        }
    }

    /**
     * Remembers that the user has agreed. What was asked is what is trusted: a file that has changed since is not.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when it cannot be remembered
     */
    public void trust(TrustQuestion answered) {
        agreed.add(real(answered.file()), answered.digest());
    }

    /**
     * Remembers that the user trusts whatever lies in a folder or below it, now and later: for people who write op files
     * there.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when it cannot be remembered
     */
    public void trustFolder(Path folder) {
        agreed.add(real(folder), TrustRecord.FOLDER);
    }

    /** The folders that {@link #trustFolder} was told of. */
    public List<Path> trustedFolders() {
        return agreed.read().entrySet().stream()
                .filter(entry -> entry.getValue().contains(TrustRecord.FOLDER))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Takes back what was agreed about an op file, or about a folder.
     *
     * @throws AlcoveException {@link ErrorKind#FILE_FAILED} when that cannot be remembered
     */
    public void forget(Path file) {
        agreed.remove(real(file));
    }

    /** What is agreed now, for many questions. */
    Snapshot snapshot() {
        return new Snapshot(agreed.read(), Stream.concat(trustedByVariable.stream(), trustedFolders().stream()).toList());
    }

    /**
     * What was agreed at one time.
     *
     * @param digests by real path
     * @param folders in and below which all is trusted
     */
    record Snapshot(Map<Path, Set<String>> digests, List<Path> folders) {
        boolean isTrusted(Sources.OpFile file) {
            return digests.getOrDefault(file.file(), Set.of()).contains(file.digest())
                    || isInFolder(file.file()) && file.modules().stream().allMatch(this::isInFolder);
        }

        boolean isChanged(Sources.OpFile file) {
            return digests.containsKey(file.file()) && !isTrusted(file);
        }

        private boolean isInFolder(Path file) {
            return folders.stream().anyMatch(file::startsWith);
        }
    }

    /** The path that links lead to: the same file counts wherever it is seen. */
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}

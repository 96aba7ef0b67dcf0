package org.alcove;

import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of an environment.
 *
 * @param members all of it, as JSON's types by the names that {@code alcove env list --json} shows
 */
public record EnvironmentInfo(Map<String, Object> members) {
    /** Whether an environment can be used. */
    public enum State {
        /** It can. */
        READY,
        /** Its Python, or something else that it needs, is gone; it is made again when it is needed. */
        BROKEN,
        /** Something that ended too early left it; it is never used, and cleaning removes it. */
        INCOMPLETE
    }

    /** What it is called. */
    public String name() {
        return text("name").orElse("");
    }

    /** Which version of it this is: changes with what is installed. */
    public String hash() {
        return text("hash").orElse("");
    }

    /** Its folder. */
    public Path directory() {
        return Path.of(text("directory").orElse(""));
    }

    /** Whether it can be used. */
    public State state() {
        String word = text("state").orElse("").toUpperCase(Locale.ROOT);
        for (State state : State.values()) {
            if (state.name().equals(word)) {
                return state;
            }
        }
        return State.BROKEN; // in a way that is known to a later version alone
    }

    /** Whether a worker runs in it now, of whatever program. */
    public boolean isInUse() {
        return Boolean.TRUE.equals(members.get("in_use"));
    }

    /** Whether it is the version to use, and not an earlier one that workers still run in. */
    public boolean isCurrent() {
        return !Boolean.FALSE.equals(members.get("current"));
    }

    /** Whether it lies in a folder that somebody else keeps for all, and can only be used. */
    public boolean isShared() {
        return "shared".equals(members.get("location"));
    }

    /** What made it: {@code rattler}, {@code uv}, {@code micromamba} or {@code existing}. */
    public String engine() {
        return text("engine").orElse("");
    }

    /** The version of its Python; empty when that is not known. */
    public String pythonVersion() {
        return text("python_version").orElse("");
    }

    /** {@code gpu} or {@code cpu} where it has variants, else empty. */
    public String variant() {
        return text("variant").orElse("");
    }

    /** The file that it was made for; empty when there is none. */
    public Optional<Path> source() {
        return text("source").filter(source -> !source.isEmpty()).map(Path::of);
    }

    /** When it was made. */
    public Optional<Instant> created() {
        return time("created");
    }

    /** When a worker last began to use it. */
    public Optional<Instant> lastUsed() {
        return time("last_used");
    }

    /** How large it was when it was made, in bytes; a file with several names counts once. */
    public long sizeBytes() {
        return Tree.number(members.get("size_bytes"), 0);
    }

    /** How many packages are in it. */
    public long packageCount() {
        List<EnvironmentPackage> packages = packages();
        return packages.isEmpty() ? Tree.number(members.get("packages"), 0) : packages.size();
    }

    /** The packages in it, by name. {@link Environments#show} alone tells them. */
    public List<EnvironmentPackage> packages() {
        return Tree.list(members.get("packages")).stream()
                .map(each -> new EnvironmentPackage(Tree.object(each)))
                .toList();
    }

    /** The files that it was made for, or that refer to it. {@link Environments#show} alone tells them. */
    public List<Path> usedBy() {
        return Tree.strings(members.get("used_by")).stream().map(Path::of).toList();
    }

    /** Its lock file. {@link Environments#show} alone tells it. */
    public Optional<Path> lockFile() {
        return text("lock_file").filter(file -> !file.isEmpty()).map(file -> directory().resolve(file));
    }

    /** What removing it would free, in bytes. {@link Environments#show} alone tells it. */
    public long ownBytes() {
        return Tree.number(members.get("own_bytes"), 0);
    }

    /** How much of it caches or other environments hold, too, in bytes. {@link Environments#show} alone tells it. */
    public long sharedBytes() {
        return Tree.number(members.get("shared_bytes"), 0);
    }

    private Optional<String> text(String member) {
        return Optional.ofNullable(Tree.string(members.get(member)));
    }

    private Optional<Instant> time(String member) {
        try {
            return text(member).map(OffsetDateTime::parse).map(OffsetDateTime::toInstant);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}

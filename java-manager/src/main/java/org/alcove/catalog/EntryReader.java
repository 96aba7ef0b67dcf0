package org.alcove.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.alcove.KnownOps;
import org.alcove.Mistake;

/** Makes entries of Python files: once for all files of a catalog, whose modules are then read once. */
final class EntryReader {
    /** What is named so is part of a package, or tests it. */
    private static final Pattern NO_OP_FILE = Pattern.compile("(_.*|test_.*|conftest|setup)\\.py");
    private static final String NO_OP = "no op in this file";
    private static final String HOW_TO = "put @op (from alcove import op) above a function";

    private final KnownOps known;
    private final TrustedOps.Snapshot trusted;
    private final Sources sources = new Sources();

    EntryReader(KnownOps known, TrustedOps.Snapshot trusted) {
        this.known = known;
        this.trusted = trusted;
    }

    List<OpEntry> read(FoundFiles found) {
        Map<Path, Sources.OpFile> readable = new LinkedHashMap<>();
        List<OpEntry> entries = new ArrayList<>();
        found.unreadable().forEach((folder, reason) -> entries.add(unreadable(folder, List.of(), reason)));
        Set<Path> imported = new HashSet<>();
        Map<Path, IOException> unreadable = new LinkedHashMap<>();
        for (Path file : found.files().keySet()) {
            try {
                Sources.OpFile opFile = sources.opFile(file);
                readable.put(file, opFile);
                imported.addAll(opFile.modules());
            } catch (IOException e) {
                unreadable.put(file, e);
            }
        }
        found.files().forEach((file, menu) -> {
            Sources.OpFile opFile = readable.get(file);
            if (opFile == null) {
                entries.add(unreadable(file, menu, unreadable.get(file)));
            } else {
                entries.addAll(entries(file, menu, opFile, imported.contains(opFile.file())));
            }
        });
        return entries;
    }

    List<OpEntry> read(Path file, List<String> menu) {
        try {
            return entries(file, menu, sources.opFile(file), false);
        } catch (IOException e) {
            return List.of(unreadable(file, menu, e));
        }
    }

    /** An entry for a file that cannot be used. */
    static OpEntry broken(Path file, List<String> menu, List<Mistake> mistakes) {
        String title = String.valueOf(file.getFileName());
        return new OpEntry(file, "", title, menu, OpEntry.State.BROKEN, Optional.empty(), List.copyOf(mistakes));
    }

    private static OpEntry unreadable(Path place, List<String> menu, IOException reason) {
        Mistake mistake = new Mistake(
                place, 0, place + " cannot be read: " + Reasons.of(reason), "check that it is there and that you may read it");
        return broken(place, menu, List.of(mistake));
    }

    private List<OpEntry> entries(Path file, List<String> menu, Sources.OpFile opFile, boolean isImported) {
        Outline outline = opFile.outline();
        Optional<KnownOps.Found> found = known.of(file);
        if (outline.ops().isEmpty() && found.map(KnownOps.Found::descriptors).orElse(List.of()).isEmpty()) {
            String name = String.valueOf(file.getFileName());
            boolean isHelper = isImported || !outline.mentionsAlcove() || NO_OP_FILE.matcher(name).matches();
            return isHelper ? List.of() : List.of(broken(file, menu, mistakes(file, found)));
        }
        boolean isTrusted = trusted.isTrusted(opFile);
        if (isTrusted && found.isPresent() && !found.get().mistakes().isEmpty()) {
            return List.of(broken(file, menu, found.get().mistakes()));
        }
        OpEntry.State state = isTrusted
                ? found.isPresent() ? OpEntry.State.READY : OpEntry.State.UNKNOWN
                : trusted.isChanged(opFile) ? OpEntry.State.CHANGED : OpEntry.State.NEW;
        List<Map<String, Object>> descriptors = found.map(KnownOps.Found::descriptors).orElse(List.of());
        return descriptors.isEmpty()
                ? outline.ops().stream().map(op -> sketched(file, menu, state, op)).toList()
                : descriptors.stream().map(descriptor -> described(file, menu, state, descriptor)).toList();
    }

    private static List<Mistake> mistakes(Path file, Optional<KnownOps.Found> found) {
        return found.map(KnownOps.Found::mistakes).orElse(List.of(new Mistake(file, 1, NO_OP, HOW_TO)));
    }

    private static OpEntry sketched(Path file, List<String> menu, OpEntry.State state, Outline.SketchedOp op) {
        return new OpEntry(
                file, op.name(), op.title(), op.menu().isEmpty() ? menu : op.menu(), state, Optional.empty(), List.of());
    }

    private static OpEntry described(
            Path file, List<String> menu, OpEntry.State state, Map<String, Object> descriptor) {
        String name = String.valueOf(descriptor.get("name"));
        String title = descriptor.get("title") instanceof String text && !text.isEmpty() ? text : Outline.title(name);
        List<String> own = descriptor.get("menu") instanceof String path ? Outline.levels(path, title) : List.of();
        return new OpEntry(
                file, name, title, own.isEmpty() ? menu : own, state, Optional.of(descriptor), List.of());
    }
}

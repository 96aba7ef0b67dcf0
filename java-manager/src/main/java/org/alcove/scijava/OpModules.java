package org.alcove.scijava;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.catalog.OpEntry;
import org.scijava.module.ModuleInfo;

/** The modules that SciJava knows of ops. */
final class OpModules {
    private final AlcoveService service;
    private List<OpModuleInfo> infos = List.of(); // guarded by this

    OpModules(AlcoveService service) {
        this.service = service;
    }

    synchronized List<ModuleInfo> all() {
        return List.copyOf(infos);
    }

    /** Makes the modules those of the entries; one whose entry is the same stays. */
    synchronized void replaceAll(List<OpEntry> entries) {
        List<OpModuleInfo> old = infos;
        infos = entries.stream()
                .filter(entry -> entry.state() != OpEntry.State.BROKEN)
                .map(this::info)
                .toList();
        List<OpModuleInfo> gone = old.stream().filter(info -> !infos.contains(info)).toList();
        List<OpModuleInfo> added = infos.stream().filter(info -> !old.contains(info)).toList();
        if (!gone.isEmpty()) {
            service.modules().removeModules(gone);
        }
        if (!added.isEmpty()) {
            service.modules().addModules(added);
        }
    }

    /** Makes the modules of one file those of its entries. */
    synchronized void replace(List<OpEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        Path file = entries.get(0).file();
        List<OpEntry> all = new ArrayList<>();
        boolean isPlaced = false;
        for (OpModuleInfo info : infos) {
            if (!info.entry().file().equals(file)) {
                all.add(info.entry());
            } else if (!isPlaced) {
                all.addAll(entries);
                isPlaced = true;
            }
        }
        replaceAll(isPlaced ? all : Stream.concat(all.stream(), entries.stream()).toList());
    }

    /** The module of an entry. */
    synchronized OpModuleInfo info(OpEntry entry) {
        return infos.stream()
                .filter(info -> info.entry().equals(entry))
                .findFirst()
                .orElseGet(() -> new OpModuleInfo(service, entry));
    }

    /**
     * The module of the op that an older entry stands for.
     *
     * @throws AlcoveException {@link ErrorKind#LOAD_FAILED} when the file is broken, {@link ErrorKind#OP_NOT_FOUND}
     */
    OpModuleInfo named(List<OpEntry> entries, OpEntry older) {
        for (OpEntry entry : entries) {
            if (entry.state() == OpEntry.State.BROKEN) {
                throw new AlcoveException(
                        ErrorKind.LOAD_FAILED, entry.mistakes().get(0).toString(), entry.mistakes().get(0).hint(), Map.of());
            } else if (entry.op().equals(older.op())) {
                return info(entry);
            }
        }
        throw notFound(older.op() + " in " + older.file(), entries.stream().map(OpEntry::op).toList());
    }

    /** The module that a text names: {@code file.py:op}, a title, or an op's name. */
    OpModuleInfo find(String text) {
        List<OpModuleInfo> all;
        synchronized (this) {
            all = infos;
        }
        int colon = text.lastIndexOf(':');
        List<OpModuleInfo> found = colon < 0
                ? matching(all, entry -> entry.title().equals(text))
                : matching(all, entry -> entry.op().equals(text.substring(colon + 1))
                        && entry.file().endsWith(text.substring(0, colon)));
        if (found.isEmpty()) {
            found = matching(all, entry -> entry.op().equals(text));
        }
        if (found.size() == 1) {
            return found.get(0);
        } else if (found.size() > 1) {
            throw new AlcoveException(
                    ErrorKind.OP_NOT_FOUND,
                    found.size() + " ops are called " + text,
                    "name the file, too: " + found.get(0).entry().file() + ":" + found.get(0).entry().op(),
                    Map.of());
        }
        throw notFound(text, all.stream().map(info -> info.entry().file().getFileName() + ":" + info.entry().op()).toList());
    }

    private static List<OpModuleInfo> matching(List<OpModuleInfo> infos, Predicate<OpEntry> wanted) {
        return infos.stream().filter(info -> wanted.test(info.entry())).toList();
    }

    private static AlcoveException notFound(String op, List<String> known) {
        return new AlcoveException(
                ErrorKind.OP_NOT_FOUND,
                "there is no op " + op,
                known.isEmpty() ? "put an op file into one of the folders" : "there is " + String.join(", ", known),
                Map.of("known", known));
    }
}

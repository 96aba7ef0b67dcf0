package org.alcove;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** What a worker has loaded: op files and modules, each in the version that it had then. */
final class LoadedSources {
    private final Map<OpSource, Loaded> loaded = new ConcurrentHashMap<>();
    private final CancellableLock loading = new CancellableLock(); // held while one is loaded
    private final Loader loader;

    /** How a worker is asked to load one. */
    interface Loader {
        void load(OpSource source, Call call, long grace, Requests.Requester answer);
    }

    private record Loaded(Object version, List<Object> descriptors, Map<String, String> ids) {
        static Loaded of(Object version, List<Object> descriptors) {
            Map<String, String> ids = new LinkedHashMap<>();
            descriptors.stream().map(Tree::object).forEach(op -> ids.putIfAbsent(
                    String.valueOf(op.get("name")), String.valueOf(op.get("id"))));
            return new Loaded(version, descriptors, ids);
        }
    }

    LoadedSources(Loader loader) {
        this.loader = loader;
    }

    /** Whether there is one in some version. Quick. */
    boolean contains(OpSource source) {
        return loaded.containsKey(source);
    }

    /** Whether there is one in this version. Quick. */
    boolean contains(OpSource source, Object version) {
        Loaded found = loaded.get(source);
        return found != null && found.version.equals(version);
    }

    /** The id of an op of a source that is loaded in this version; null when it is not, or there is no such op. Quick. */
    String known(OpSource source, Object version, String name) {
        return contains(source, version) ? loaded.get(source).ids.get(name) : null;
    }

    /** The id of an op; its source is loaded first where it was not, or where it has changed. */
    String id(OpSource source, String name, Call call, long grace) {
        Map<String, String> ids = current(source, call, grace).ids;
        String id = ids.get(name);
        if (id == null) {
            throw OpSource.notFound(source, name, ids.keySet());
        }
        return id;
    }

    /** The descriptors of all ops of a source, which is loaded first where it was not, or where it has changed. */
    List<Object> descriptors(OpSource source, Call call, long grace) {
        return current(source, call, grace).descriptors;
    }

    private Loaded current(OpSource source, Call call, long grace) {
        Object version = source.version();
        Loaded before = loaded.get(source);
        if (before != null && before.version.equals(version)) {
            return before;
        }
        loading.lock(call::isCancelled, "another call loads the op file");
        try {
            before = loaded.get(source);
            if (before == null || !before.version.equals(version)) {
                before = Loaded.of(version, load(source, call, grace));
                loaded.put(source, before);
            }
            return before;
        } finally {
            loading.unlock();
        }
    }

    /** No deadline: it waits for the op that runs, and for imports that take what they take. A cancel ends it. */
    private List<Object> load(OpSource source, Call call, long grace) {
        CompletableFuture<List<Object>> answer = new CompletableFuture<>();
        loader.load(source, call, grace, new Requests.Requester() {
            @Override
            public void succeeded(Map<String, Object> result) {
                answer.complete(ops(result));
            }

            @Override
            public void failed(AlcoveException failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void unstarted(AlcoveException failure) {
                answer.completeExceptionally(new UnstartedException(failure));
            }
        });
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while the op file was loaded");
        } catch (ExecutionException e) {
            throw ((AlcoveException) e.getCause()).thrownHere();
        }
    }

    private static List<Object> ops(Map<String, Object> result) {
        boolean known = result.get("ops") instanceof List<?> ops
                && ops.stream().map(Tree::object).allMatch(op -> op.get("name") instanceof String && op.get("id") instanceof String);
        if (!known) {
            throw Connection.violation("a list of ops that is none");
        }
        return Tree.list(result.get("ops"));
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Java makes of the toolbox's ops; they are played here, and tried for real by the end-to-end tests. */
class EnvironmentsTest {
    private static final String PLAYED = """
            import json
            import os
            from pathlib import Path
            from typing import Any
            from alcove import Cancelled, OpError, op, progress

            def answered(directory: Path, asked: str, /, **inputs: Any) -> Any:
                inputs = {key: str(value) if isinstance(value, Path) else value for key, value in inputs.items()}
                (directory / "asked.json").write_text(json.dumps([asked, inputs]))
                return json.loads((directory / "answer.json").read_text())

            @op
            def create(specification: dict, directory: Path, offline: bool = False) -> Any:
                if specification["name"] == "endless":
                    try:
                        while True:
                            progress(0.25, "building", {"step": "linking", "package": "numpy", "done_bytes": 5})
                    except Cancelled:
                        (directory / "cleared").touch()
                        raise
                if specification["name"] == "wrong":
                    raise OpError("no such package", hint="ask somebody", cause="unsolvable", log=["line"])
                return answered(directory, "create", specification=specification, offline=offline)

            @op
            def update(directory: Path, specification: dict = {}, name: str = "", dry_run: bool = False,
                       offline: bool = False) -> Any:
                return answered(directory, "update", specification=specification, name=name, dry_run=dry_run)

            @op
            def lock(specification: dict, directory: Path, platforms: list = [], offline: bool = False) -> Any:
                return answered(directory, "lock", platforms=platforms)

            @op
            def verify(directory: Path, name: str, repair: bool = False, offline: bool = False) -> Any:
                return answered(directory, "verify", name=name, repair=repair, offline=offline)

            @op(name="list")
            def list_environments(directory: Path) -> Any:
                return answered(directory, "list")

            @op
            def show(directory: Path, name: str) -> Any:
                return answered(directory, "show", name=name)

            @op
            def export(directory: Path, name: str, format: str) -> Any:
                return answered(directory, "export", name=name, format=format)

            @op
            def rename(directory: Path, name: str, new_name: str) -> Any:
                return answered(directory, "rename", name=name, new_name=new_name)

            @op
            def remove(directory: Path, name: str, dry_run: bool = False) -> Any:
                return answered(directory, "remove", name=name, dry_run=dry_run)

            @op
            def clean(directory: Path, unused_days: float = -1.0, caches: bool = False, dry_run: bool = False) -> Any:
                return answered(directory, "clean", unused_days=unused_days, caches=caches, dry_run=dry_run)

            @op
            def pack(directory: Path, name: str, file: Path) -> Any:
                return answered(directory, "pack", name=name, file=file)

            @op
            def unpack(file: Path, directory: Path, name: str = "") -> Any:
                return answered(directory, "unpack", file=file, name=name)

            @op
            def settings(directory: Path) -> Any:
                return answered(directory, "settings")
            """;
    private static final EnvironmentSpec SPEC =
            EnvironmentSpec.ofPackages(List.of("numpy"), List.of(), List.of(), "").withName("cells");

    @RegisterExtension
    private final Workbench bench = new Workbench();

    private Environments environments(boolean offline) {
        Alcove alcove = bench.open();
        Path file = bench.file("played.py", PLAYED);
        return new Environments(bench.folder(), bench.folder(), offline, Map.of(),
                (name, onlyLooks) -> alcove.op(file, name, Workbench.python()), null);
    }

    private void answer(String json) {
        bench.file("answer.json", json);
    }

    private Object asked() throws Exception {
        return Json.parse(java.nio.file.Files.readAllBytes(bench.folder().resolve("asked.json")));
    }

    @Test
    void readsWhatListAndShowTell() throws Exception {
        answer("""
                [{"name": "cells", "hash": "0123", "directory": "/envs/cells/0123", "in_use": true, "location": "shared",
                  "current": true, "engine": "rattler", "python_version": "3.12.4", "created": "2025-01-02T03:04:05+00:00",
                  "last_used": null, "size_bytes": 5000000000, "packages": 9, "source": "/ops/cells.py",
                  "state": "ready", "variant": "gpu"},
                 {"name": "half", "engine": null, "python_version": null, "created": null, "source": null, "packages": 0,
                  "state": "incomplete", "current": false, "in_use": false, "location": "own"},
                 {"name": "odd", "state": "of tomorrow"}]
                """);
        Environments environments = environments(false);
        List<EnvironmentInfo> listed = environments.list();
        EnvironmentInfo cells = listed.get(0);
        assertEquals("cells", cells.name());
        assertEquals(Path.of("/envs/cells/0123"), cells.directory());
        assertTrue(cells.isInUse());
        assertTrue(cells.isShared());
        assertTrue(cells.isCurrent());
        assertEquals(EnvironmentInfo.State.READY, cells.state());
        assertEquals(Optional.of(Instant.parse("2025-01-02T03:04:05Z")), cells.created());
        assertEquals(Optional.empty(), cells.lastUsed());
        assertEquals(5_000_000_000L, cells.sizeBytes());
        assertEquals(9, cells.packageCount());
        assertEquals(Optional.of(Path.of("/ops/cells.py")), cells.source());
        assertEquals("gpu", cells.variant());
        EnvironmentInfo half = listed.get(1);
        assertEquals(EnvironmentInfo.State.INCOMPLETE, half.state());
        assertEquals("", half.engine());
        assertEquals(Optional.empty(), half.source());
        assertFalse(half.isCurrent() || half.isShared());
        assertEquals(EnvironmentInfo.State.BROKEN, listed.get(2).state());

        answer("""
                {"name": "cells", "directory": "/envs/cells/0123", "state": "ready", "lock_file": "conda-lock.yml",
                 "packages": [{"name": "numpy", "version": "2.0", "manager": "conda", "build": "py_0", "license": "BSD",
                               "size_bytes": 7, "url": "https://x"}, {"name": "bare"}],
                 "used_by": ["/ops/cells.py"], "own_bytes": 1, "shared_bytes": 2}
                """);
        EnvironmentInfo shown = environments.show("cells");
        assertEquals(2, shown.packageCount());
        EnvironmentPackage numpy = shown.packages().get(0);
        assertEquals(List.of("numpy", "2.0", "conda", "py_0", "BSD", "https://x"),
                List.of(numpy.name(), numpy.version(), numpy.manager(), numpy.build(), numpy.license(), numpy.url()));
        assertEquals(7, numpy.sizeBytes());
        assertEquals("", shown.packages().get(1).license());
        assertEquals(List.of(Path.of("/ops/cells.py")), shown.usedBy());
        assertEquals(Optional.of(Path.of("/envs/cells/0123/conda-lock.yml")), shown.lockFile());
        assertEquals(3, shown.ownBytes() + shown.sharedBytes());
        assertEquals(List.of("show", Map.of("name", "cells")), asked());
    }

    @Test
    void plansAndUpdates() throws Exception {
        answer("""
                {"name": "cells", "hash": "45", "changed": true, "download_bytes": 12, "kept_old": true, "changes": [
                  {"change": "upgraded", "name": "numpy", "manager": "conda", "from": "1.26", "to": "2.0"},
                  {"change": "added", "name": "new", "manager": "pip", "from": null, "to": "1.0"},
                  {"change": "removed", "name": "old", "manager": "pip", "from": "1.0", "to": null}]}
                """);
        Environments environments = environments(false);
        EnvironmentUpdate plan = environments.plan("cells", progress -> {});
        assertEquals(
                List.of(
                        new EnvironmentUpdate.Change(EnvironmentUpdate.Kind.UPGRADED, "numpy", "conda", "1.26", "2.0"),
                        new EnvironmentUpdate.Change(EnvironmentUpdate.Kind.ADDED, "new", "pip", "", "1.0"),
                        new EnvironmentUpdate.Change(EnvironmentUpdate.Kind.REMOVED, "old", "pip", "1.0", "")),
                plan.changes());
        assertTrue(plan.isChange() && plan.isOldKept());
        assertEquals(12, plan.downloadBytes());
        assertEquals(List.of("update", Map.of("specification", Map.of(), "name", "cells", "dry_run", true)), asked());
        environments.update(SPEC, progress -> {});
        assertEquals(List.of("update", Map.of("specification", Json.parse(Json.line(
                        json -> Values.write(json, SPEC.toValue(), "spec"))), "name", "", "dry_run", false)),
                asked());
    }

    @Test
    void asksForAllTheRest() throws Exception {
        Environments environments = environments(true);
        answer("{\"file_name\": \"conda-lock.yml\", \"text\": \"x\", \"platforms\": [\"win-64\"], \"packages\": {\"win-64\": 3}}");
        EnvironmentText lock = environments.lock(SPEC, List.of("win-64"), progress -> {});
        assertEquals("conda-lock.yml", lock.fileName());
        assertEquals("x", lock.text());
        assertEquals(List.of("win-64"), lock.platforms());
        assertEquals(3, lock.packageCount("win-64"));
        assertEquals(List.of("lock", Map.of("platforms", List.of("win-64"))), asked());
        assertEquals("x", environments.export("cells", "pixi.lock").text());

        answer("{\"name\": \"cells\", \"files\": 8, \"repaired\": true, \"damaged\": "
                + "[{\"path\": \"lib/a\", \"package\": null, \"problem\": \"missing\"}]}");
        EnvironmentCheck check = environments.repair("cells", progress -> {});
        assertEquals(List.of(new EnvironmentCheck.Damage("lib/a", "", "missing")), check.damages());
        assertEquals(8, check.files());
        assertTrue(check.isRepaired());
        assertEquals(List.of("verify", Map.of("name", "cells", "repair", true, "offline", true)), asked());

        answer("{\"freed_bytes\": 77, \"bytes\": 88, \"items\": "
                + "[{\"kind\": \"cache\", \"name\": \"uv\", \"path\": \"/c\", \"bytes\": 77, \"reason\": \"asked\"}]}");
        assertEquals(77, environments.remove("cells", true));
        assertEquals(List.of("remove", Map.of("name", "cells", "dry_run", true)), asked());
        EnvironmentCleanup cleanup = environments.clean(-1, true, false, progress -> {});
        assertEquals(List.of(new EnvironmentCleanup.Item("cache", "uv", Path.of("/c"), 77, "asked")), cleanup.items());
        assertEquals(List.of("clean", Map.of("unused_days", -1.0, "caches", true, "dry_run", false)), asked());
        environments.clean(30, false, true, progress -> {});
        assertEquals(List.of("clean", Map.of("unused_days", 30.0, "caches", false, "dry_run", true)), asked());
        assertEquals(88, environments.pack("cells", Path.of("/p"), false, progress -> {}));
        environments.rename("cells", "nuclei", progress -> {});
        assertEquals(List.of("rename", Map.of("name", "cells", "new_name", "nuclei")), asked());

        answer("[{\"name\": null, \"variable\": \"A\", \"value\": null, \"source\": \"default\", \"description\": \"d\"}]");
        EnvironmentSetting setting = environments.settings().get(0);
        assertEquals(List.of("", "A", "default", "d"),
                List.of(setting.name(), setting.variable(), setting.source(), setting.description()));
    }

    @Test
    void whatIsMadeMustBeThere() {
        answer("{\"name\": \"cells\", \"directory\": \"" + bench.folder().resolve("nowhere") + "\"}");
        AlcoveException failure = assertThrows(
                AlcoveException.class, () -> environments(false).create(SPEC, progress -> {}));
        assertEquals("toolbox", failure.data().get("cause"));
        assertTrue(failure.hint().orElse("").contains("env remove cells"));
    }

    @Test
    void aFailureHasItsCause() {
        AlcoveException failure = assertThrows(AlcoveException.class,
                () -> environments(false).create(SPEC.withName("wrong"), progress -> {}));
        assertEquals(ErrorKind.ENVIRONMENT_FAILED, failure.kind());
        assertEquals("no such package", failure.getMessage());
        assertEquals(Optional.of("ask somebody"), failure.hint());
        assertEquals("unsolvable", failure.data().get("cause"));
        assertEquals(List.of("line"), failure.data().get("log"));
    }

    @Test
    void anInterruptCancelsAndWaitsUntilNothingIsLeft() throws Exception {
        Environments environments = environments(false);
        List<Progress> heard = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch begun = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch ended = new CountDownLatch(1);
            boolean[] cleared = new boolean[1];
            Future<?> making = executor.submit(() -> {
                try {
                    environments.create(SPEC.withName("endless"), progress -> {
                        heard.add(progress);
                        begun.countDown();
                    });
                } catch (CancelledException cancelled) {
                    cleared[0] = bench.folder().resolve("cleared").toFile().exists();
                } finally {
                    ended.countDown();
                }
            });
            assertTrue(begun.await(1, TimeUnit.MINUTES));
            making.cancel(true);
            assertTrue(ended.await(1, TimeUnit.MINUTES));
            assertTrue(cleared[0]);
        } finally {
            executor.shutdown();
        }
        Progress progress = heard.get(0);
        assertEquals(Progress.Stage.ENVIRONMENT, progress.stage());
        assertEquals(Map.of("step", "linking", "package", "numpy", "done_bytes", 5L), progress.details());
        assertNotEquals(0, heard.size());
    }
}

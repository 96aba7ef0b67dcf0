package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.ErrorKind;
import org.alcove.Eventually;
import org.alcove.Op;
import org.alcove.SmallFileSystem;
import org.alcove.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Batches that cannot run, or cannot go on: they say why, do no harm, and go on when it is mended. */
class BatchRefusalTest {
    @RegisterExtension
    final Workbench workbench = new Workbench();

    private final BatchBench bench = new BatchBench(workbench);

    @Test
    void refusesItemsThatAreInEachOthersWayBeforeAnythingRuns() throws Exception {
        Alcove alcove = bench.open();
        Op op = bench.op(alcove, "measure");
        List<Path> images = bench.images(500, 600);
        Path plate = images.get(0).getParent();
        Batch batch = Batch.of(alcove, op).output(bench.output());
        List<BatchItem> good = bench.items(images);
        Object[][] refused = {
            {batch.items(List.of(good.get(0), good.get(0))), "two items are called"},
            {batch.items(good).naming("same"), "would be written over that of item 1"},
            {batch.items(good).naming("{folder}/{output}"), "would be written over that of item 1"},
            {batch.items(good).output(plate.getParent()).naming("{folder}/{stem}"), "would overwrite an input"},
            {batch.items(good.subList(0, 1)).output(plate).naming("well 01")
                .items(List.of(good.get(0), good.get(1))), "well 01.tif would"},
            {batch.items(good).set("sigma", 1), "no input sigma"},
            {batch.items(List.of(new BatchItem("x", Map.of("sigma", 1)))), "an input sigma"},
            {batch.items(List.of(new BatchItem("x", Map.of()))), "has no image"},
            {batch.items(good).naming("{sigma}"), "{sigma}"},
            {Batch.of(alcove, op).items(good), "output folder"},
        };
        for (Object[] each : refused) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> ((Batch) each[0]).run());
            assertEquals(ErrorKind.INVALID_PARAMS, failure.kind());
            assertTrue(failure.getMessage().contains((String) each[1]), failure.getMessage());
        }
        assertFalse(Files.exists(bench.output().resolve("report.csv")));
        assertEquals(2, IntStream.range(0, 2).filter(i -> Files.exists(images.get(i))).count());
    }

    @Test
    void oneBatchAtATimeWorksInAFolder() throws Exception {
        Alcove alcove = bench.open();
        String there = workbench.folder().resolve("there").toString();
        Batch batch = Batch.of(alcove, bench.op(alcove, "wait"))
                .items(List.of(new BatchItem("one", Map.of("number", 1)))).set("there", there).output(bench.output());
        BatchRun running = batch.start();
        Eventually.becomes("it runs", () -> running.progress().running().size() == 1);
        AlcoveException failure = assertThrows(AlcoveException.class, batch::run);
        assertEquals(ErrorKind.FILE_FAILED, failure.kind());
        assertTrue(failure.getMessage().contains("another batch"), failure.getMessage());
        Files.createFile(Path.of(there + "go"));
        assertEquals(1, running.await().done());
        assertEquals(1, batch.run().skipped());
    }

    @Test
    void goesOnWhenAFullDiskHasRoomAgain() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(IntStream.range(0, 12).map(i -> 500).toArray());
        try (SmallFileSystem small = SmallFileSystem.mount(workbench.folder().resolve("small"), 1)) {
            Path filler = small.directory().resolve("not ours");
            Files.write(filler, new byte[(1 << 20) - 40_000]);
            Batch batch = Batch.of(alcove, bench.op(alcove, "measure")).items(bench.items(images)).output(small.directory());
            AlcoveException failure = assertThrows(AlcoveException.class, batch::run);
            assertEquals(ErrorKind.FILE_FAILED, failure.kind(), failure.toString());
            Files.delete(filler);
            BatchResult result = batch.run();
            assertEquals(List.of(12L, 0L), List.of(result.done(), result.failed()));
        }
    }

    @Test
    void aManagerThatIsClosedEndsItAndCostsNoItem() throws Exception {
        Alcove alcove = bench.open();
        String there = workbench.folder().resolve("there").toString();
        List<BatchItem> items = IntStream.range(0, 50).mapToObj(i -> new BatchItem("i" + i, Map.of("number", i))).toList();
        BatchRun running = Batch.of(alcove, bench.op(alcove, "wait"))
                .items(items).set("there", there).workers(2).output(bench.output()).start();
        Eventually.becomes("it runs", () -> running.progress().running().size() == 2);
        alcove.close();
        assertThrows(AlcoveException.class, running::await);
        Files.createFile(Path.of(there + "go"));
        Alcove other = bench.open();
        assertEquals(50, Batch.of(other, bench.op(other, "wait"))
                .items(items).set("there", there).output(bench.output()).run().done());
    }

    @Test
    void manyDeadlyItemsInARowEndABatchOnlyWhereNothingWorks() throws Exception {
        Alcove alcove = bench.open();
        List<Path> images = bench.images(500, 2, 2, 2, 2, 2, 2, 2, 500);
        Batch batch = Batch.of(alcove, bench.op(alcove, "measure")).items(bench.items(images)).workers(1).output(bench.output());
        BatchResult result = batch.run();
        assertEquals(List.of(2L, 7L), List.of(result.done(), result.quarantined()));

        Alcove other = bench.open();
        Batch deadly = Batch.of(other, bench.op(other, "measure"))
                .items(bench.items(bench.images(2, 2, 2, 2, 2, 2, 2, 2, 500))).workers(1)
                .output(bench.output().resolve("other"));
        AlcoveException failure = assertThrows(AlcoveException.class, deadly::run);
        assertEquals(true, failure.data().get("failed"), failure.toString());
        List<String> ended = new ArrayList<>();
        assertThrows(AlcoveException.class, () -> deadly.onOutcome(outcome -> ended.add(outcome.item())).run());
        assertEquals(List.of(), ended, "the manager still refuses");
    }
}

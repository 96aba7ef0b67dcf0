package org.alcove.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.alcove.AlcoveException;
import org.alcove.Op;
import org.alcove.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the files of outputs are called. */
class NamingTest {
    @RegisterExtension
    final Workbench workbench = new Workbench();

    @Test
    void fillsInWhatTheItemIs() {
        Op op = workbench.op(workbench.open(), "sum", """
                from pathlib import Path
                from alcove import op

                @op
                def sum(first: float, mask: Path) -> float:
                    return first
                """);
        Map<String, Object> inputs = Map.of("first", 2.5, "mask", Path.of("masks", "m 1.ome.tif"));
        String[][] expected = {
            {"{folder}/{stem}_{output}", "plate/A 1/x.tif", "plate/A 1/x_out"},
            {"{folder}/{stem}_{output}", "x.ome.tif", "x_out"},
            {"{stem}", "run 1.5", "run 1.5"},
            {"{stem}", ".hidden", ".hidden"},
            {"{name}", "plate/x.tif", "plate/x.tif"},
            {"{output}/{number} {op}", "x", "out/000008 sum"},
            {"{mask} {first}", "x", "m 1 2.5"},
            {"{stem}", "what? <is>: \"this\"", "what_ _is__ _this_"},
            {"{stem}", "a/b\\c. ", "b_c_"},
            {"fixed/{stem}", "a/b/c.CZI", "fixed/c"},
        };
        for (String[] each : expected) {
            BatchItem item = new BatchItem(each[1], inputs);
            assertEquals(each[2], new Naming(each[0], op).of(item, 7, inputs).apply("out"), each[0]);
        }
        for (String template : new String[] {"{sigma}", "{}", "../{stem}", "/{stem}", "a/../../{stem}"}) {
            String message = assertThrows(AlcoveException.class, () -> new Naming(template, op)).getMessage();
            assertTrue(message.contains(template), message);
        }
        for (String name : new String[] {"", " ", "/etc/passwd", "../x", "a/.."}) {
            assertThrows(AlcoveException.class,
                    () -> new Naming("{name}", op).of(new BatchItem(name, inputs), 0, inputs), name);
        }
    }
}

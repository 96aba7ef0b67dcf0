package org.alcove.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the text of an op file says before anything runs it. */
class OutlineTest {
    @Test
    void anOpIsCalledAsPythonWouldCallIt() {
        Outline outline = Outline.of("from alcove import op\n@op\ndef find_small_cells(image): ...\n@op()\ndef ärger(): ...\n");
        assertEquals(List.of("find_small_cells", "ärger"), outline.ops().stream().map(Outline.SketchedOp::name).toList());
        assertEquals(List.of("Find small cells", "Ärger"), outline.ops().stream().map(Outline.SketchedOp::title).toList());
        assertTrue(outline.mentionsAlcove());
    }

    @Test
    void whatItsAuthorWroteWins() {
        Outline.SketchedOp op = only("""
                from alcove import op
                @op(
                    name='two "words"',  # a comment, with ) in it
                    title="Segm\\u0065nt" ' nuclei',
                    menu="Segmentation > Fluorescence", grace=sum([1, 2]), memory=2 * 1024**3,
                )
                @other("title=", title="no")
                def segment(
                    image: "Image" = None): ...
                """);
        assertEquals(new Outline.SketchedOp("two \"words\"", "Segment nuclei", List.of("Segmentation", "Fluorescence")), op);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "Segmentation>Nuclei, Segmentation/Nuclei",
        "Segmentation>find CELLS..., Segmentation",
        "Find cells, -",
        "' > A >> B ', A/B",
    })
    void aLastLevelThatIsTheTitleSaysNothing(String menu, String levels) {
        assertEquals(
                levels == null ? List.of() : List.of(levels.split("/")), Outline.levels(menu, "Find cells"));
    }

    @Test
    void theUsualTitleStandsWhereTheTextDoesNotSay() {
        assertEquals("Cut", only("from alcove import op\n@op(title=f'{NAME} cells', menu=MENU)\ndef cut(): ...\n").title());
        assertEquals("Cut", only("from alcove import op\n@op(title='\\N{BULLET}', menu='A' + B)\ndef cut(): ...\n").title());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "import alcove\n@alcove.op\ndef cut(): ...",
        "import json, alcove as a\n@a.op(idempotent=True)\ndef cut(): ...",
        "from alcove import (\n    Image,\n    op as command, # so\n)\n@command\ndef cut(): ...",
        "from alcove import Image; from alcove import op\n@op\nasync def cut(): ...",
        "from alcove import Image, \\\n   op\nif True:\n    @op\n    def cut(): ...",
        "try: from alcove import op\nexcept: pass\n@op\n\n# above\n\ndef cut(): ...",
    })
    void itIsSeenHoweverItIsWritten(String text) {
        assertEquals("cut", only(text).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "from alcove import op\ndef cut(): ...",
        "from alcove import op\ntext = '''\n@op\ndef cut(): ...\n'''\nr\"\"\"\\\"\"\"\n@op\ndef other(): ...\n\"\"\"\n",
        "from alcove import op\n# @op\ndef cut(): ...",
        "@other.op\n@opera\ndef cut(): ...",
        "from alcove import op\nx = (y\n@ op\n)\ndef cut(): ...",
        "from alcove import op\n@op\nclass Cut:\n    def cut(self): ...",
        "'it has no end\n\"neither\n",
        "",
        "\\",
        "@",
        "from",
        "from . import",
        "def",
        "@op(title=",
    })
    void nothingIsSeenWhereNothingIs(String text) {
        assertEquals(List.of(), Outline.of(text).ops());
    }

    @Test
    void whatIsImportedIsSeen() {
        Outline outline = Outline.of("""
                import a.b as c, d
                from . import e, f
                from ..g.h import (i as j,
                                   k)
                def late():
                    if True: import l
                    yield from m
                    raise n from o
                text = "import p"
                """);
        assertEquals(
                List.of("0 a.b", "0 d", "1 e", "1 f", "2 g.h.i", "2 g.h.k", "0 l"),
                outline.imports().stream().map(each -> each.level() + " " + each.name()).toList());
        assertFalse(outline.mentionsAlcove());
    }

    private static Outline.SketchedOp only(String text) {
        List<Outline.SketchedOp> ops = Outline.of(text).ops();
        assertEquals(1, ops.size(), ops::toString);
        return ops.get(0);
    }
}

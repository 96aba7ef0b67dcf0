package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import ij.plugin.frame.Recorder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alcove.AlcoveException;
import org.alcove.Parameter;
import org.junit.jupiter.api.Test;

class MacroOptionsTest {
    private static final Set<String> KEYS = Set.of("a", "sigma", "image", "fill", "text");

    @Test
    void readsWhatImageJWritesAndPeopleType() {
        assertEquals(
                Map.of("image", "blobs (1) [raw].gif", "sigma", "2.5", "fill", "true", "text", "", "a", "two words"),
                MacroOptions.read(" image=[blobs (1) [raw].gif]  Sigma=2.5 fill text=[] a='two words' ", KEYS));
        assertEquals(Map.of("fill", "false", "text", "a=3 sigma=4"), MacroOptions.read("fill=false text=[a=3 sigma=4]", KEYS));
        assertEquals(Map.of("a", "1"), MacroOptions.read("a=1 a=2", KEYS), "as in ImageJ the first one counts");
        assertEquals(Map.of(), MacroOptions.read("", KEYS));
    }

    @Test
    void refusesAKeyThatThereIsNot() {
        AlcoveException refusal = assertThrows(AlcoveException.class, () -> MacroOptions.read("sigma=2 simga=3", KEYS));
        assertEquals("There is no key simga", refusal.getMessage());
        assertEquals("The keys are a, fill, image, sigma, text", refusal.hint().orElseThrow());
    }

    @Test
    void refusesABracketThatIsNotClosed() {
        AlcoveException refusal = assertThrows(AlcoveException.class, () -> MacroOptions.read("image=[blobs.gif", KEYS));
        assertEquals("The bracket behind image= is not closed", refusal.getMessage());
    }

    @Test
    void anyTextComesBackFromTheRecorder() {
        for (String text : List.of(
                "", "plain", "two words", "a=3 b=4", "[x]", "x]", "]x[", "[", "\"quoted\"", "say \"hi\" now", "'single'", "it's",
                "back\\slash", "C:/data/x y.tif", "Zellkerne ü µm 核.tif", "line\nline\ttab", "&name", "&", "{0}", "100 %", "𝛼 𝛽")) {
            assertEquals(text, replayed(MacroOptions.encode(text), true), text);
        }
    }

    @Test
    void anyJsonComesBackFromTheRecorder() {
        for (String json : List.of("[1, 2.5]", "[1,2]", "[\"a]\", \"b [\", \"ü \\\" \\\\\"]", "{\"a b\": [1, \"&x\"]}", "null", "[[], []]")) {
            String encoded = MacroOptions.encodeJson(json);
            assertTrue(encoded.chars().allMatch(letter -> letter < 127), encoded);
            assertEquals(json(json), json(replayed(encoded, false)), json);
        }
    }

    /** What a macro reads whose text the recorder has written. */
    private static String replayed(String encoded, boolean decodes) {
        String options = recorded(encoded);
        assertTrue(options.chars().allMatch(letter -> letter >= ' ' && letter < 127), "ImageJ warns of other letters: " + options);
        // ImageJ's language for macros takes the text apart, between quotes.
        String seen = IJ.runMacro("return \"" + options + "\";");
        String value = MacroOptions.read(seen, KEYS).get("text");
        return decodes ? MacroOptions.decode(value) : value;
    }

    private static String recorded(String encoded) {
        Recorder.disableCommandRecording();
        Recorder.saveCommand(); // forgets what options there were
        Recorder.recordOption("sigma", "2");
        Recorder.recordOption("text", Recorder.fixString(encoded));
        Recorder.recordOption("fill", "true");
        String options = Recorder.getCommandOptions();
        Recorder.saveCommand();
        return options;
    }

    private static Object json(String text) {
        return new Parameter(Map.of("name", "x", "type", "any")).parse(text);
    }
}

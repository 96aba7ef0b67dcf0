package org.alcove.fiji;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alcove.AlcoveException;
import org.alcove.Complex;
import org.alcove.Parameter;
import org.junit.jupiter.api.Test;

class FieldsTest {
    /** A parameter that must be given, unless the members have a default. */
    private static Parameter parameter(String type, Object... members) {
        Map<String, Object> descriptor = new LinkedHashMap<>(Map.of("name", "minimum_area", "type", type));
        for (int i = 0; i < members.length; i += 2) {
            descriptor.put((String) members[i], members[i + 1]);
        }
        descriptor.put("required", !descriptor.containsKey("default"));
        return new Parameter(descriptor);
    }

    private static Field number(String type, Object... members) {
        return new NumberField("minimum_area", parameter(type, members));
    }

    private static String refusal(Field field, String text) {
        return assertThrows(AlcoveException.class, () -> field.parse(text)).getMessage();
    }

    @Test
    void labelsAreReadableAndSayTheUnit() {
        assertEquals("Minimum area", Field.label(parameter("integer")));
        assertEquals("Smallest area (pixel)", Field.label(parameter("integer", "label", "Smallest area", "unit", "pixel")));
        assertEquals("Minimum area, optional", Field.label(parameter("integer", "nullable", true)));
    }

    @Test
    void wholeNumbers() {
        Field field = number("integer", "minimum", 0L, "maximum", 20L, "default", 5L);
        assertEquals("5", field.initial());
        assertEquals(BigInteger.valueOf(7), field.parse(" 7 "));
        assertEquals(BigInteger.valueOf(3), field.parse("3.0"), "as macros write what they have computed");
        assertEquals("Minimum area must be a whole number, and 2.5 is not", refusal(field, "2.5"));
        assertEquals("Minimum area must be from 0 to 20", refusal(field, "21"));
        assertEquals("Minimum area: “many” is not a number", refusal(field, "many"));
        assertEquals("Minimum area is missing", refusal(field, ""));
        assertEquals("Minimum area must be at least 0", refusal(number("integer", "minimum", 0L), "-1"));
        assertEquals("Minimum area must be at most 1e-5", refusal(number("float", "maximum", 1e-5), "1"));
        assertEquals(new BigInteger("90071992547409931"), number("integer").parse("90071992547409931"), "beyond doubles");
    }

    @Test
    void decimalNumbers() {
        Field field = number("float", "minimum", 0.0, "maximum", 1.0, "default", 0.1);
        assertEquals(0.1, field.parse("0.1"));
        assertEquals(1e-9, field.parse("1e-9"));
        assertEquals("Minimum area: write 0.5, with a point", refusal(field, "0,5"));
        assertEquals("Minimum area must be from 0 to 1", refusal(field, "NaN"));
        assertEquals("Minimum area: “1f” is not a number", refusal(field, "1f"));
        assertEquals(Double.NaN, number("float").parse("NaN"));
        assertEquals(Double.NEGATIVE_INFINITY, number("float", "default", Double.NEGATIVE_INFINITY).parse("-Infinity"));
        assertEquals("0.1", field.encode("0.10"), "recorded shortly");
    }

    @Test
    void whatMayBeNullIsNullWhenEmpty() {
        Parameter parameter = parameter("float", "nullable", true, "default", null);
        Field field = new NumberField("diameter", parameter);
        assertEquals("", field.initial());
        assertNull(field.parse(""));
        assertEquals("None", field.encode(""));
        assertNull(field.parse(field.decode("None")));
        Field choice = ChoiceField.of("method", parameter("choice", "nullable", true, "choices", List.of("a", 2L, true), "default", null));
        assertEquals("None", choice.initial());
        assertNull(choice.parse("None"));
        assertEquals(2L, choice.parse("2"));
        assertEquals(true, choice.parse("True"), "capitals do not matter");
        Field yes = ChoiceField.of("fill", parameter("boolean", "nullable", true, "default", null));
        assertNull(yes.parse(yes.initial()));
        assertEquals(false, yes.parse("false"));
    }

    @Test
    void whatMustBeGivenIsMissedInMacros() {
        Field choice = ChoiceField.of("method", parameter("choice", "choices", List.of("otsu", "li")));
        assertEquals("otsu", choice.initial());
        assertEquals("Minimum area is missing", refusal(choice, choice.unmentioned()));
        assertEquals("Minimum area cannot be “lee”", refusal(choice, "lee"));
        Field number = number("integer", "minimum", 3L, "maximum", 9L);
        assertEquals("3", number.initial(), "a slider begins somewhere");
        assertEquals("Minimum area is missing", refusal(number, number.unmentioned()));
    }

    @Test
    void textsListsAndObjects() {
        Field text = new WrittenField("name", parameter("string", "default", "two\nlines"));
        assertEquals("two\nlines", text.parse(text.initial()));
        assertEquals("", text.parse(""));
        Field list = new WrittenField("scales", parameter("list", "default", List.of(1.0, 2.5)));
        assertEquals("[1.0, 2.5]", list.initial());
        assertEquals(List.of(1L, "x ]"), list.parse(list.decode("[1, \"x ]\"]")));
        assertEquals("Minimum area: cannot read “[1,”", refusal(list, "[1,"));
        assertEquals("Minimum area is missing", refusal(list, " "));
        assertEquals(new Complex(1, -2), new WrittenField("z", parameter("complex")).parse("1-2j"));
        assertEquals(Path.of("a b.csv"), new FileField("file", parameter("path")).parse("a b.csv"));
        assertEquals("Minimum area is missing", refusal(new FileField("file", parameter("path")), ""));
    }

    @Test
    void bytesAreWhatIsInAFile() {
        Field field = new FileField("content", parameter("bytes"));
        Object file = field.parse("/no such file ü");
        assertEquals(Path.of("/no such file ü"), file, "not read while somebody types");
        AlcoveException refusal = assertThrows(AlcoveException.class, () -> field.finish(file));
        assertEquals("Minimum area: cannot read the file /no such file ü", refusal.getMessage());
    }

    @Test
    void slidersGoFromOneEndToTheOtherInStepsThatMeetBoth() {
        assertEquals(slider(0, 20, 0.2), Slider.of(parameter("float", "minimum", 0.0, "maximum", 20.0)));
        assertEquals(slider(0, 1, 0.05), Slider.of(parameter("float", "minimum", 0.0, "maximum", 1.0, "step", 0.05)));
        assertEquals(slider(0.05, 1, 0.01), Slider.of(parameter("float", "minimum", 0.05, "maximum", 1.0, "step", 0.1)));
        assertEquals(slider(1, 99, 1), Slider.of(parameter("integer", "minimum", 1L, "maximum", 99L)));
        assertEquals(slider(-1, 0.5, 0.01), Slider.of(parameter("float", "minimum", -1L, "maximum", 0.5)));
        for (Parameter without : List.of(
                parameter("integer", "minimum", 1L),
                parameter("integer", "minimum", 1L, "maximum", 1L),
                parameter("integer", "minimum", 0L, "maximum", 1_000_000L),
                parameter("float", "minimum", 1e9, "maximum", 1e9 + 1),
                parameter("float", "minimum", 0.0, "maximum", 1.0, "nullable", true, "default", null),
                parameter("float", "minimum", 0.0, "maximum", 1.0, "step", 1e-7))) {
            assertEquals(Optional.empty(), Slider.of(without), without.toString());
        }
    }

    private static Optional<Slider> slider(double minimum, double maximum, double step) {
        return Optional.of(new Slider(minimum, maximum, step));
    }

    @Test
    void keysDifferAlsoInSmallLetters() {
        Keys keys = new Keys();
        assertEquals(List.of("sigma", "n", "n_2", "n_2_2", "a_b", "größe"),
                List.of(keys.of("sigma"), keys.of("n"), keys.of("N"), keys.of("n_2"), keys.of("a b"), keys.of("Größe")));
    }

    @Test
    void messagesStandOnTwoLines() {
        assertEquals(List.of("", ""), Lines.wrap(""));
        assertEquals(List.of("short", ""), Lines.wrap("short"));
        List<String> lines = Lines.wrap("word ".repeat(60));
        assertEquals(2, lines.size());
        assertEquals("word …", lines.get(1).substring(lines.get(1).length() - 6));
        assertEquals(58, Lines.wrap("x".repeat(300)).get(0).length());
    }
}

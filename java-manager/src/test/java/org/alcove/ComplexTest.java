package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Complex numbers as people type them. */
class ComplexTest {
    private static final Parameter PARAMETER = new Parameter(Map.of("name", "c", "type", "complex"));

    @ParameterizedTest
    @CsvSource({
        "2, 2, 0", "-2.5, -2.5, 0", "12j, 0, 12", "-1e3j, 0, -1000", "1+2j, 1, 2", "' 1.5-.5e-1j ', 1.5, -0.05",
        "1e+5+2e-5j, 1e5, 2e-5", "+1.-2.j, 1, -2"
    })
    void areReadAsPythonDoes(String text, double real, double imag) {
        assertEquals(new Complex(real, imag), PARAMETER.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "j", "1+2", "1 + 2j", "1j+2", "i", "1+2i", "1++2j", "[1, 2]", "0x1"})
    void elseTheTextIsRefused(String text) {
        assertThrows(AlcoveException.class, () -> PARAMETER.parse(text));
    }

    @Test
    void areShownAsTheyAreRead() {
        for (Complex number : new Complex[] {new Complex(1, -2.5), new Complex(-0.0, -0.0), new Complex(1e300, 1e-300)}) {
            assertEquals(number, PARAMETER.parse(number.toString()));
        }
        assertEquals("1.0+2.0j", new Complex(1, 2).toString());
    }
}

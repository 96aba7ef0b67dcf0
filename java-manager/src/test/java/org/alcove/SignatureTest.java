package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Inputs are checked alike, be they simple, which is quick, or not. */
class SignatureTest {
    private final Signature signature = new Signature(Map.of("inputs", List.of(
            Map.of("name", "a", "type", "integer", "required", true, "minimum", -5L, "maximum", 5L),
            Map.of("name", "b", "type", "float", "minimum", 0.5),
            Map.of("name", "c", "type", "any"))));

    private static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }

    @Test
    void theQuickWayAndTheWholeCheckComeToTheSame() {
        for (Object a : Arrays.<Object>asList(1, 1L, (short) 1, 5, 6, -5L, -6L, 1.0, true, "1", null, List.of(1))) {
            for (Object b : Arrays.<Object>asList(0.5, 0.25, 1, 0, 0.5f, Double.NaN, Double.POSITIVE_INFINITY, "x", null)) {
                for (Object c : Arrays.<Object>asList(null, "x", Map.of("$type", 1), new Object())) {
                    expectSame(map("a", a, "b", b, "c", c));
                }
            }
        }
        expectSame(map());
        expectSame(map("a", 1));
        expectSame(map("b", 1.0));
        expectSame(map("a", 1, "d", 2));
        expectSame(map("d", new Object()));
        expectSame(map(null, 1));
    }

    private void expectSame(Map<String, Object> given) {
        Inputs whole;
        try {
            whole = signature.inputs(given, Set.of());
        } catch (AlcoveException expected) {
            AlcoveException failure = assertThrows(AlcoveException.class, () -> signature.inputs(given), given.toString());
            assertEquals(expected.getMessage(), failure.getMessage());
            assertEquals(expected.data(), failure.data());
            return;
        }
        assertEquals(whole, signature.inputs(given));
    }

    @Test
    void inputsAreACopy() {
        Map<String, Object> given = new HashMap<>(Map.of("a", 1));
        Inputs inputs = signature.inputs(given);
        given.put("a", 2);
        assertEquals(Map.of("a", 1L), inputs.values());
    }

    @Test
    void anyMapWillDo() {
        assertEquals(Map.of("a", 1L), signature.inputs(Collections.singletonMap("a", 1)).values());
    }
}

package org.alcove.cli;

import java.util.List;
import java.util.Map;
import org.alcove.files.JsonText;

/** A result as JSON on stdout. Numbers that JSON lacks become strings. */
final class JsonOutput {
    private JsonOutput() {}

    static void print(Object value) {
        System.out.println(JsonText.pretty(value));
    }

    /** The value on one line. */
    static String text(Object value) {
        return JsonText.of(value);
    }

    /** The value for somebody who reads it: a text, a number or a path as it is, lists and objects as JSON. */
    static String forPeople(Object value) {
        return value instanceof Map<?, ?> || value instanceof List<?> ? text(value) : String.valueOf(value);
    }
}

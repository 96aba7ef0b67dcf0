package org.alcove.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.alcove.Complex;

/** A result as JSON on stdout. Numbers that JSON lacks become strings. */
final class JsonOutput {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    private JsonOutput() {}

    static void print(Object value) {
        System.out.println(text(value, true));
    }

    /** The value on one line. */
    static String text(Object value) {
        return text(value, false);
    }

    /** The value for somebody who reads it: a text, a number or a path as it is, lists and objects as JSON. */
    static String forPeople(Object value) {
        return value instanceof Map<?, ?> || value instanceof List<?> ? text(value) : String.valueOf(value);
    }

    private static String text(Object value, boolean pretty) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            if (pretty) {
                json.useDefaultPrettyPrinter();
            }
            write(json, value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Map<?, ?> members) {
            json.writeStartObject();
            for (Map.Entry<?, ?> member : members.entrySet()) {
                json.writeFieldName(String.valueOf(member.getKey()));
                write(json, member.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Iterable<?> items && !(value instanceof java.nio.file.Path)) {
            json.writeStartArray();
            for (Object item : items) {
                write(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof BigInteger integer) {
            json.writeNumber(integer);
        } else if (value instanceof Long || value instanceof Integer) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof Double number && Double.isFinite(number)) {
            json.writeNumber(number);
        } else if (value instanceof Complex number) {
            json.writeStartObject();
            json.writeFieldName("real");
            write(json, number.real());
            json.writeFieldName("imag");
            write(json, number.imag());
            json.writeEndObject();
        } else {
            json.writeString(value.toString());
        }
    }
}

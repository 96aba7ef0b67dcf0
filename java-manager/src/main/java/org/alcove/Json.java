package org.alcove;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as the protocol allows it, to and from plain Java: Map, List, String, Long or BigInteger, Double, Boolean, null.
 * The limits are the protocol's, set here because Jackson's own differ.
 */
final class Json {
    static final int MAX_DEPTH = 200;
    static final int MAX_INTEGER_DIGITS = 1000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(Integer.MAX_VALUE) // floats have no limit, integers get theirs below
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private Json() {}

    /** Something that writes one JSON value. */
    interface Writer {
        void write(JsonGenerator generator) throws IOException;
    }

    /**
     * One line: the value in ASCII, ended by a newline.
     *
     * @throws AlcoveException {@link ErrorKind#INVALID_PARAMS} when it is nested too deep
     */
    static byte[] line(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
            writer.write(generator);
        } catch (StreamConstraintsException e) {
            throw new AlcoveException(
                    ErrorKind.INVALID_PARAMS, "a value is nested deeper than " + MAX_DEPTH, "make it flatter");
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    /**
     * Parses one JSON value.
     *
     * @throws IOException when it is not JSON as the protocol allows it
     */
    static Object parse(byte[] bytes, int start, int length) throws IOException {
        // Decoded here, because Jackson lets some malformed UTF-8 pass, skips a BOM and guesses at UTF-16.
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length));
        try (JsonParser parser = FACTORY.createParser(text.array(), 0, text.limit())) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new IOException("something follows the JSON value");
            }
            return value;
        }
    }

    static Object parse(byte[] bytes) throws IOException {
        return parse(bytes, 0, bytes.length);
    }

    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("no JSON value");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> decimal(parser);
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw new IOException("unexpected " + token);
        };
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static List<Object> array(JsonParser parser) throws IOException {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items;
    }

    private static Number integer(JsonParser parser) throws IOException {
        if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return parser.getLongValue();
        }
        int sign = parser.getText().startsWith("-") ? 1 : 0;
        if (parser.getTextLength() - sign > MAX_INTEGER_DIGITS) {
            throw new IOException("an integer of more than " + MAX_INTEGER_DIGITS + " digits");
        }
        return parser.getBigIntegerValue();
    }

    private static Double decimal(JsonParser parser) throws IOException {
        double number = parser.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw new IOException(parser.getText() + " overflows a double");
        }
        return number;
    }
}

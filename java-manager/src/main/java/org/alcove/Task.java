package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;

/** What a call asks of an op's worker, and what it makes of the answer. */
interface Task {
    /** The request's method. */
    String method();

    /** Writes the members of the request's params that follow the op's id. */
    void write(JsonGenerator json) throws IOException;

    /** Whether the op has begun another of several runs, as progress says that has come so far; null when it says nothing. */
    default boolean beginsRow(Double fraction) {
        return false;
    }

    /** Whether the op runs once for it, so that the time that it takes says how long the next one will. */
    default boolean isOneRun() {
        return true;
    }

    /** How long the request's line is at most, in bytes; {@link Errand#UNBOUNDED} where that would be hard to say. */
    default long bytes(String op) {
        return Errand.UNBOUNDED;
    }

    /** The encoded outputs in a result; called by whoever reads. */
    Map<String, Object> outputs(Map<String, Object> result);

    /** One run of the op. */
    record Run(Inputs inputs) implements Task {
        /** The line without the op's name and the inputs, with the largest id and an {@code adapt}. */
        private static final int BYTES_AROUND = 150;

        @Override
        public String method() {
            return "call";
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeFieldName("inputs");
            inputs.write(json);
        }

        @Override
        public long bytes(String op) {
            return BYTES_AROUND + Inputs.bytes(op) + inputs.bytes();
        }

        @Override
        public Map<String, Object> outputs(Map<String, Object> result) {
            if (!(result.get("outputs") instanceof Map<?, ?> outputs)) {
                throw Connection.violation("a result without outputs");
            }
            return Tree.object(outputs);
        }
    }
}

package org.alcove;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The rows of one request, and how they are written: as texts, or where all are numbers as columns in shared memory. */
interface RowBatch {
    /** How many rows there are. */
    int count();

    /** Writes the members that say what the rows are, of columns with these names. */
    void write(JsonGenerator json, List<String> names) throws IOException;

    /** The arrays that it is made of, which the request's call is to hold. */
    default List<SharedArray> arrays() {
        return List.of();
    }

    /** Whether the answer comes as columns too. */
    default boolean isOfColumns() {
        return false;
    }

    /** Nobody needs it any more. */
    default void end() {}

    /**
     * Rows of any scalars.
     *
     * @param rows a JSON array of them
     */
    record OfTexts(int count, String rows) implements RowBatch {
        @Override
        public void write(JsonGenerator json, List<String> names) throws IOException {
            json.writeFieldName("columns");
            Values.writePlain(json, names);
            json.writeFieldName("rows");
            json.writeRawValue(rows);
        }
    }

    /**
     * A piece of columns that are arrays.
     *
     * @param first the first row, counted in the arrays: a multiple of {@link SharedArray#ALIGNMENT}
     * @param isOwn whether the arrays were made for this alone
     */
    record OfArrays(int count, List<SharedArray> arrays, long first, boolean isOwn) implements RowBatch {
        @Override
        public void write(JsonGenerator json, List<String> names) throws IOException {
            Iterator<String> name = names.iterator();
            json.writeArrayFieldStart("columns");
            for (SharedArray array : arrays) {
                json.writeStartObject();
                json.writeStringField("name", name.next());
                json.writeFieldName("values");
                writePiece(json, array);
                json.writeEndObject();
            }
            json.writeEndArray();
        }

        private void writePiece(JsonGenerator json, SharedArray array) throws IOException {
            json.writeStartObject();
            json.writeStringField(Values.TAG, "ndarray");
            json.writeStringField("block", array.block().name);
            json.writeNumberField("offset", array.offset() + first * array.dtype().bytes());
            json.writeStringField("dtype", array.dtype().word());
            json.writeFieldName("shape");
            json.writeArray(new int[] {count}, 0, 1);
            json.writeEndObject();
        }

        @Override
        public boolean isOfColumns() {
            return true;
        }

        @Override
        public void end() {
            if (isOwn) {
                arrays.forEach(SharedArray::close);
            }
        }
    }

    /** Where the rows come from that are still to be done. */
    interface Source {
        /** How many rows there are in all. */
        int size();

        /** Those from an index on that one request shall bring. */
        RowBatch from(int first);
    }

    /** Where the outputs of rows go. */
    interface Sink {
        /**
         * Takes those of the next rows.
         *
         * @param rows for each row its outputs, null for one that failed
         */
        void takeRows(List<List<Object>> rows);

        /**
         * Takes those of the next rows.
         *
         * @param count how many they are
         * @param columns for each output a list of values, or an array of one dimension that is closed afterwards
         * @param failures why rows failed, by their index among all
         */
        void takeColumns(int count, List<Object> columns, Map<Integer, AlcoveException> failures);
    }
}

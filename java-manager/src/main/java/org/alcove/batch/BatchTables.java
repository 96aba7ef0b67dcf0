package org.alcove.batch;

/** What becomes of the tables that the op gives for each item. */
public enum BatchTables {
    /** They are joined into one {@code .csv}, whose first column names the item. */
    CSV,
    /** They are joined into one {@code .parquet}. */
    PARQUET,
    /** Each is a {@code .csv} of its own, named as images are. */
    SEPARATE
}

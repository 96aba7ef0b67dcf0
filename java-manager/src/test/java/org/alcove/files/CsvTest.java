package org.alcove.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.alcove.Complex;
import org.junit.jupiter.api.Test;

/** Files of comma-separated values, character by character. */
class CsvTest {
    @Test
    void aLineOfNamesThenOneForEachRow() {
        assertEquals(
                "label,area\r\n1,2.5\r\n2,-0.0\r\n",
                Csv.text(List.of("label", "area"), List.of(List.of(1L, 2L), List.of(2.5, -0.0))));
    }

    @Test
    void whatWouldEndAFieldIsQuoted() {
        assertEquals(
                "\"a,b\",\"say \"\"ü\"\"\"\r\n\"two\r\nlines\",\" blanks \"\r\n",
                Csv.text(List.of("a,b", "say \"ü\""), List.of(List.of("two\r\nlines"), List.of(" blanks "))));
    }

    @Test
    void aMissingCellIsEmptyAndAnEmptyTextIsQuoted() {
        assertEquals(
                "a,b\r\n,\"\"\r\n", Csv.text(List.of("a", "b"), List.of(Arrays.asList((Object) null), List.of(""))));
    }

    @Test
    void aRowOfOneMissingCellIsNoEmptyLine() {
        assertEquals("a\r\n\"\"\r\n1\r\n", Csv.text(List.of("a"), List.of(Arrays.asList(null, 1L))));
    }

    @Test
    void numbersAreWrittenAsOthersReadThem() {
        assertEquals(
                "x\r\ntrue\r\nNaN\r\n-Infinity\r\n1.0E300\r\n1.0-2.0j\r\n",
                Csv.text(List.of("x"), List.of(List.of(
                        true, Double.NaN, Double.NEGATIVE_INFINITY, 1e300, new Complex(1, -2)))));
    }

    @Test
    void aTableWithoutRowsHasItsNames() {
        assertEquals("a,b\r\n", Csv.text(List.of("a", "b"), List.of(List.of(), List.of())));
    }
}

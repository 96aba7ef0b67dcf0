package org.alcove.gui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.awt.event.KeyEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.ResourceBundle;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.swing.Action;
import org.junit.jupiter.api.Test;

/** What is written on buttons, and what people type and read. */
class LabelsTest {
    @Test
    void theLetterBehindTheSignIsTheMnemonic() {
        Action action = Labels.action("Clean u&p && more", () -> {});
        assertEquals("Clean up & more", action.getValue(Action.NAME));
        assertEquals(KeyEvent.VK_P, action.getValue(Action.MNEMONIC_KEY));
        assertEquals(7, action.getValue(Action.DISPLAYED_MNEMONIC_INDEX_KEY));
        assertNull(Labels.action("100 &", () -> {}).getValue(Action.MNEMONIC_KEY));
        assertEquals("Save &", Labels.plain("&Save &"));
    }

    @Test
    void noTwoThingsInAMenuHaveTheSameLetter() {
        ResourceBundle bundle = ResourceBundle.getBundle("org.alcove.gui.Words");
        List<String> letters = new TreeSet<>(bundle.keySet())
                .stream()
                        .filter(key -> key.startsWith("EnvironmentActions."))
                        .map(bundle::getString)
                        .filter(text -> text.contains("&"))
                        .filter(text -> !text.equals(bundle.getString("EnvironmentActions.replace"))) // in a dialog
                        .map(text -> text.substring(text.indexOf('&') + 1, text.indexOf('&') + 2).toUpperCase())
                        .collect(Collectors.toList());
        assertEquals(letters.stream().distinct().toList(), letters);
    }

    @Test
    void packagesAreTypedOneALineOrWithCommas() {
        assertEquals(
                List.of("numpy>=1.26,<3", "scipy", "cellpose[gui,distributed]>=3"),
                CreateDialog.listed(" numpy>=1.26,<3, scipy\n\ncellpose[gui,distributed]>=3 \n"));
        assertEquals(List.of(), CreateDialog.listed(" \n "));
    }

    @Test
    void timesAreSaidAsPeopleSayThem() {
        Instant now = Instant.parse("2025-06-01T12:00:00Z");
        assertEquals("just now", Quantities.ago(now.plusSeconds(60), now));
        assertEquals("1 minute ago", Quantities.ago(now.minusSeconds(61), now));
        assertEquals("3 days ago", Quantities.ago(now.minus(Duration.ofDays(3)), now));
        assertEquals("2 years ago", Quantities.ago(now.minus(Duration.ofDays(800)), now));
        assertEquals("5.2 h", Quantities.brief(Duration.ofMinutes(312)));
        assertEquals("12 s", Quantities.brief(Duration.ofMillis(12_300)));
    }
}

package org.alcove.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.IJ;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Where ImageJ enters. */
class StartTest {
    private static final int JAVA_8 = 52;

    @Test
    void itLoadsOnJava8() throws IOException {
        try (DataInputStream bytes = new DataInputStream(Start.class.getResourceAsStream("Start.class"))) {
            bytes.readInt();
            bytes.readUnsignedShort();
            assertEquals(JAVA_8, bytes.readUnsignedShort());
        }
    }

    @Test
    void onAnOlderJavaItSaysWhichOneIsNeededAndHowToGetIt() {
        String told = told("1.8");
        assertTrue(told.startsWith("Alcove needs Java 17 or newer; this ImageJ runs on Java 8.\n"), told);
        assertTrue(told.contains("java -jar ij.jar") && told.contains(System.getProperty("java.home")), told);
        assertTrue(told("16").contains("runs on Java 16."));
    }

    @Test
    void whoCameFirstServesAllThatImageJLoadsLater() {
        // ImageJ's Help > Refresh Menus loads all plugins anew, while the first has workers that run.
        Object before = IJ.getProperty("org.alcove.commands");
        List<String> heard = new ArrayList<>();
        Consumer<String> first = heard::add;
        IJ.setProperty("org.alcove.commands", first);
        try {
            new Start().run("about");
        } finally {
            IJ.setProperty("org.alcove.commands", before);
        }
        assertEquals(List.of("about"), heard);
    }

    private static String told(String javaVersion) {
        String property = "java.specification.version";
        String before = System.getProperty(property);
        PrintStream error = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setProperty(property, javaVersion);
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            new Start().run("refresh");
        } finally {
            System.setErr(error);
            System.setProperty(property, before);
        }
        return told.toString(StandardCharsets.UTF_8);
    }
}

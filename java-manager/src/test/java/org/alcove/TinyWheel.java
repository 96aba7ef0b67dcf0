package org.alcove;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A package of one module, as small as pip takes it. */
public record TinyWheel(Path file) {
    static TinyWheel write(Path folder, String name, int padding) throws IOException {
        return write(folder, name, "1.0", padding);
    }

    public static TinyWheel write(Path folder, String name, String version, int padding) throws IOException {
        String info = name + "-" + version + ".dist-info/";
        Map<String, String> content = new LinkedHashMap<>();
        content.put(name + ".py", "VERSION = '" + version + "'\n#" + "x".repeat(padding) + "\n");
        content.put(info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
        content.put(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        content.put(info + "RECORD", name + ".py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n");
        Path file = Files.createDirectories(folder).resolve(name + "-" + version + "-py3-none-any.whl");
        try (OutputStream stream = Files.newOutputStream(file);
                ZipOutputStream archive = new ZipOutputStream(stream)) {
            for (Map.Entry<String, String> entry : content.entrySet()) {
                archive.putNextEntry(new ZipEntry(entry.getKey()));
                archive.write(entry.getValue().getBytes(UTF_8));
            }
        }
        return new TinyWheel(file);
    }

    /** As a line of toolbox.txt. */
    String pin() throws IOException {
        String name = file.getFileName().toString().replaceFirst("-.*", "");
        return name + "==1.0 --hash=sha256:" + sha256(file) + "\n";
    }

    public static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}

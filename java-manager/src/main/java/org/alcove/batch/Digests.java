package org.alcove.batch;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Short names for long texts: equal where the texts are, and only there. */
final class Digests {
    private static final int CHARACTERS = 32;

    private Digests() {}

    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String end(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest()).substring(0, CHARACTERS);
    }

    static String of(String text) {
        MessageDigest digest = start();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return end(digest);
    }

    /** Eight bytes of one: enough to look something up, where a million texts themselves would be too much to keep. */
    static long number(String text) {
        return ByteBuffer.wrap(start().digest(text.getBytes(StandardCharsets.UTF_8))).getLong();
    }
}

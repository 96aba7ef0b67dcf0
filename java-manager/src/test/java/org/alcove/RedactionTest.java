package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers shall not see. */
class RedactionTest {
    private static final String SECRET = "Xq7hunter2";

    private final Redaction redaction = new Redaction(
            Map.of("MY_TOKEN", "plain-looking-value", "SHORT_TOKEN", "ab", "SECRET_FILE", "/etc/hosts", "EDITOR", "emacs"),
            "ada",
            Set.of(Path.of("/home/ada"), Path.of("/mnt/homes/ada")),
            Set.of("scope7.lab.example", "scope7"));

    @ParameterizedTest
    @ValueSource(strings = {
        "https://me:Xq7hunter2@server/simple", "https://Xq7hunter2@server/simple", "proxy http://u:Xq7hunter2@10.0.0.1:3128 fails",
        "https://conda.server/t/Xq7hunter2/channel", "Authorization: Bearer Xq7hunter2", "authorization: Xq7hunter2",
        "'Authorization': 'Basic Xq7hunter2'", "password=Xq7hunter2", "PASSWORD: Xq7hunter2", "{\"api_key\": \"Xq7hunter2\"}",
        "token = 'Xq7hunter2'", "https://server/file?X-Amz-Signature=Xq7hunter2&x=1", "ALCOVE_SECRET=Xq7hunter2",
        "export HF_TOKEN=Xq7hunter2", "access_key: Xq7hunter2", "--token=Xq7hunter2"
    })
    void masksWhatLooksLikeASecret(String text) {
        assertFalse(Secrets.masked(text).contains(SECRET), Secrets.masked(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "ghp_0123456789abcdefghij0123456789abcdef", "hf_abcdefghijklmnopqrstuvwxyz", "AKIAIOSFODNN7EXAMPLE",
        "glpat-0123456789abcdef0123", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    })
    void knowsTokensByTheirLooks(String token) {
        assertEquals("with *** in it", Secrets.masked("with " + token + " in it"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "2 tokens were found", "segment(image, sigma=2.0)", "/data/t/plate1/A01.tif", "the key is pressed", "Basic segmentation done",
        "https://conda.anaconda.org/conda-forge", "worker 4711 ended: SIGKILL"
    })
    void leavesOtherTextAlone(String text) {
        assertEquals(text, redaction.of(text));
    }

    @Test
    void masksPeopleAndPlaces() {
        assertEquals("~/plates and ~/x", redaction.of("/home/ada/plates and /mnt/homes/ada/x"));
        assertEquals("/home/adamant", redaction.of("/home/adamant"));
        assertEquals("USER on HOST, HOST", redaction.of("ada on scope7, scope7.lab.example"));
        assertEquals("canada", redaction.of("canada"));
        assertEquals("from ***@***", redaction.of("from ada.l@lab.example"));
    }

    @Test
    void masksTheValuesOfVariablesThatAreSecretByName() {
        assertEquals("got *** from a server", redaction.of("got plain-looking-value from a server"));
        assertEquals("/etc/hosts, ab and emacs", redaction.of("/etc/hosts, ab and emacs"));
    }
}

package org.alcove;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for localhost that nobody but the test knows. */
record TestCertificate(Path file, SSLContext context) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    static TestCertificate make(Path folder) throws Exception {
        Path store = folder.resolve("keys.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(keytool, "-genkeypair", "-keyalg", "EC", "-alias", "test", "-keystore",
                store.toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-dname", "CN=localhost", "-ext",
                "SAN=dns:localhost,ip:127.0.0.1").inheritIO().start();
        assertEquals(0, process.waitFor());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(store)) {
            keys.load(stream, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        String encoded = Base64.getMimeEncoder().encodeToString(keys.getCertificate("test").getEncoded());
        Path file = folder.resolve("company.pem");
        Files.writeString(file, "# our own\n-----BEGIN CERTIFICATE-----\n" + encoded + "\n-----END CERTIFICATE-----\n");
        return new TestCertificate(file, context);
    }
}

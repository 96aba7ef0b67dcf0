package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Clients that see proxies, passwords and certificates as other programs of this machine do, not as the JDK by itself. */
final class HttpClients {
    // Where Linux distributions keep the machine's certificates, a company's own among them. The JDK has a list of its own.
    private static final List<Path> SYSTEM_CERTIFICATES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"));
    // The stores of Windows and macOS; each is there on its own system alone.
    private static final List<String> SYSTEM_STORES = List.of("Windows-ROOT", "KeychainStore");

    private HttpClients() {}

    /**
     * A client.
     *
     * @param address what it is for; a user and password in it are for this host alone
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED} {@code network} when a setting cannot be used
     */
    static HttpClient open(NetworkSettings network, URI address) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(network.timeout())
                .proxy(proxies(network))
                .authenticator(new Passwords(network, address));
        if ("https".equals(address.getScheme())) {
            builder.sslContext(trust(network));
        }
        return builder.build();
    }

    private static ProxySelector proxies(NetworkSettings network) {
        if (network.proxy().isEmpty()) {
            ProxySelector system = ProxySelector.getDefault();
            return system != null ? system : HttpClient.Builder.NO_PROXY;
        }
        String text = network.proxy().get();
        if (text.isEmpty()) {
            return HttpClient.Builder.NO_PROXY;
        }
        try {
            URI proxy = NetworkSettings.address(text);
            if (proxy.getScheme().startsWith("http") && proxy.getHost() != null) {
                int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
                return new Chosen(new InetSocketAddress(proxy.getHost(), port), network.direct());
            }
        } catch (IllegalArgumentException e) {
            // It is none, as said below.
        }
        throw Toolbox.failure("network", "this proxy cannot be used: " + NetworkSettings.masked(text),
                "for a first start it must be one for HTTP, as in http://proxy.example.org:3128", List.of());
    }

    /** One proxy for all hosts but some. */
    private static final class Chosen extends ProxySelector {
        private final Proxy proxy;
        private final List<String> direct;

        Chosen(InetSocketAddress address, List<String> direct) {
            this.proxy = new Proxy(Proxy.Type.HTTP, address);
            this.direct = direct;
        }

        @Override
        public List<Proxy> select(URI address) {
            return List.of(isDirect(address, direct) ? Proxy.NO_PROXY : proxy);
        }

        @Override
        public void connectFailed(URI address, SocketAddress proxyAddress, IOException failure) {
            // The request itself fails, too.
        }
    }

    /** Whether the host is one of those names, or lies in one of those domains; a port may follow. */
    static boolean isDirect(URI address, List<String> direct) {
        String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
        return direct.stream().map(name -> name.toLowerCase(Locale.ROOT)).anyMatch(name -> {
            String domain = name.replaceFirst(":\\d+$", "").replaceFirst("^\\*?\\.", "");
            return name.equals("*") || host.equals(domain) || host.endsWith("." + domain);
        });
    }

    /** Passwords stand in the URLs of proxy and file, and go to these two alone. */
    private static final class Passwords extends Authenticator {
        private final NetworkSettings network;
        private final URI address;

        Passwords(NetworkSettings network, URI address) {
            this.network = network;
            this.address = address;
        }

        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            boolean isProxy = getRequestorType() == RequestorType.PROXY;
            URI asked = isProxy ? NetworkSettings.address(network.proxy().orElse("")) : address;
            if (asked.getRawUserInfo() == null || !asked.getHost().equals(getRequestingHost())) {
                return null;
            }
            String[] parts = asked.getRawUserInfo().split(":", 2);
            return new PasswordAuthentication(
                    decoded(parts[0]), (parts.length < 2 ? "" : decoded(parts[1])).toCharArray());
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        }
    }

    private static SSLContext trust(NetworkSettings network) {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            if (network.certificates().isPresent()) {
                add(trusted, read(network.certificates().get()));
            } else {
                addSystemCertificates(trusted);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw Toolbox.failure("network", "the certificates cannot be read: " + Folders.reason(e),
                    "let ALCOVE_CERTIFICATES or SSL_CERT_FILE name a readable PEM file, or unset it", List.of());
        } catch (GeneralSecurityException e) {
            throw Toolbox.failure("network", "the certificates cannot be used: " + e.getMessage(),
                    "let ALCOVE_CERTIFICATES or SSL_CERT_FILE name a PEM file, or unset it", List.of());
        }
    }

    private static void addSystemCertificates(KeyStore trusted) throws GeneralSecurityException, IOException {
        TrustManagerFactory own = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        own.init((KeyStore) null);
        for (TrustManager manager : own.getTrustManagers()) {
            add(trusted, List.of(((X509TrustManager) manager).getAcceptedIssuers()));
        }
        for (Path file : SYSTEM_CERTIFICATES) {
            if (Files.isReadable(file)) {
                add(trusted, read(file));
            }
        }
        for (String name : SYSTEM_STORES) {
            add(trusted, stored(name));
        }
    }

    private static List<Certificate> read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream stream = Files.newInputStream(file)) {
            return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(stream));
        }
    }

    private static List<Certificate> stored(String store) throws IOException {
        List<Certificate> found = new ArrayList<>();
        try {
            KeyStore system = KeyStore.getInstance(store);
            system.load(null, null);
            for (String alias : java.util.Collections.list(system.aliases())) {
                found.add(system.getCertificate(alias));
            }
        } catch (GeneralSecurityException e) {
            return List.of(); // another system's
        }
        return found;
    }

    private static void add(KeyStore trusted, List<? extends Certificate> certificates) throws GeneralSecurityException {
        for (Certificate certificate : certificates) {
            if (certificate instanceof X509Certificate) {
                trusted.setCertificateEntry("authority " + trusted.size(), certificate);
            }
        }
    }
}

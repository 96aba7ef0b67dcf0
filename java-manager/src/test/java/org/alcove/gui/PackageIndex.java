package org.alcove.gui;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.alcove.TinyWheel;

/** Packages over HTTP on the loopback interface, as pip and uv look for them; a download can be held up. */
final class PackageIndex implements AutoCloseable {
    /** Set while a download waits. */
    final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean holds;

    PackageIndex() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** Publishes a version of a package. */
    void publish(Path folder, String name, String version) throws IOException {
        TinyWheel wheel = TinyWheel.write(folder, name, version, 100_000);
        files.put(String.valueOf(wheel.file().getFileName()), Files.readAllBytes(wheel.file()));
    }

    /** From now on downloads stop halfway. */
    void hold() {
        holds = true;
    }

    String url(String file) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/files/" + file;
    }

    /** An op file that wants packages from here. */
    String opFile(String... packages) {
        String wanted = java.util.Arrays.stream(packages).map(each -> '"' + each + '"').collect(Collectors.joining(", "));
        return """
                # /// script
                # dependencies = [%s]
                #
                # [[tool.uv.index]]
                # url = "http://127.0.0.1:%d/simple"
                # default = true
                # ///
                from alcove import op

                @op
                def nothing(number: int = 0) -> int:
                    return number
                """.formatted(wanted, server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String file = path.substring(path.replaceFirst("/$", "").lastIndexOf('/') + 1);
            if (files.containsKey(file)) {
                send(exchange, files.get(file), holds);
            } else {
                String name = file.replace("/", "");
                String links = files.keySet().stream()
                        .filter(each -> each.startsWith(name + "-"))
                        .map(each -> "<a href=\"/files/" + each + "\">" + each + "</a>")
                        .collect(Collectors.joining());
                exchange.getResponseHeaders().set("Content-Type", "text/html");
                byte[] page = ("<!DOCTYPE html><html><body>" + links + "</body></html>").getBytes(UTF_8);
                exchange.sendResponseHeaders(links.isEmpty() ? 404 : 200, page.length);
                exchange.getResponseBody().write(page);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] content, boolean isHeld) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, content.length);
        int first = isHeld ? content.length / 2 : content.length;
        exchange.getResponseBody().write(content, 0, first);
        exchange.getResponseBody().flush();
        if (isHeld) {
            held.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}

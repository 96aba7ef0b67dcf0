package org.alcove;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** Files over HTTP on the loopback interface, with faults that a test switches on; it can go on where it was. */
final class FileServer implements AutoCloseable {
    /** What the next request gets instead of a good answer. */
    enum Fault {
        /** Half of what is left, and then the connection's end. */
        CUT,
        /** 503. */
        BUSY,
        /** The first half, and the rest when the server is closed. */
        HOLD,
        /** The whole file, though a part was asked for. */
        NO_RANGES
    }

    final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final Map<String, String> redirects = new ConcurrentHashMap<>();
    final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    /** Method, address and range of each request. */
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** What a proxy asks for, if anything: "Basic" and the encoded user and password. */
    volatile String proxyAuthorization;
    final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FileServer() throws IOException {
        this(null);
    }

    FileServer(SSLContext tls) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = tls == null ? HttpServer.create(address, 0) : HttpsServer.create(address, 0);
        if (server instanceof HttpsServer secure) {
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        }
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + (range == null ? "" : " " + range));
            Fault fault = faults.poll();
            String given = exchange.getRequestHeaders().getFirst("Proxy-Authorization");
            if (proxyAuthorization != null && !proxyAuthorization.equals(given)) {
                exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"test\"");
                exchange.sendResponseHeaders(407, -1);
            } else if (redirects.containsKey(path)) {
                exchange.getResponseHeaders().set("Location", redirects.get(path));
                exchange.sendResponseHeaders(302, -1);
            } else if (fault == Fault.BUSY) {
                exchange.sendResponseHeaders(503, -1);
            } else if (!files.containsKey(path)) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                send(exchange, files.get(path), fault == Fault.NO_RANGES ? null : range, fault);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] content, String range, Fault fault) throws IOException {
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (range != null) {
            String part = from + "-" + (content.length - 1) + "/" + content.length;
            exchange.getResponseHeaders().set("Content-Range", "bytes " + part);
        }
        int length = content.length - from;
        exchange.sendResponseHeaders(range == null ? 200 : 206, length);
        OutputStream body = exchange.getResponseBody();
        boolean isHalf = fault == Fault.CUT || fault == Fault.HOLD;
        body.write(content, from, isHalf ? length / 2 : length);
        body.flush();
        if (fault == Fault.HOLD) {
            held.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdown();
    }
}

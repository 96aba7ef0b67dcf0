package org.alcove;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * One file from the network. What was fetched stays when the connection breaks, and the next try, or the next run, goes
 * on from there. The caller checks the file's hash, which also tells whether the parts belong together.
 */
final class Download {
    private static final long MILLISECONDS_BETWEEN_LOOKS = 100;
    private static final long FIRST_PAUSE_MILLISECONDS = 500;
    private static final List<Integer> WORTH_ANOTHER_TRY = List.of(408, 425, 429, 500, 502, 503, 504);

    /** Hears how much there is; {@code total} is -1 while it is unknown. */
    interface Listener {
        void bytes(long done, long total);
    }

    private final Call call;
    private final NetworkSettings network;
    private final String name;
    private final URI address;
    private final Path file;
    private final Listener listener;

    /**
     * A download that has not begun.
     *
     * @param call whose cancel ends it
     * @param name what messages call it
     * @param file where the bytes go; what is there already counts as the beginning
     */
    Download(Call call, NetworkSettings network, String name, URI address, Path file, Listener listener) {
        this.call = call;
        this.network = network;
        this.name = name;
        this.address = address;
        this.file = file;
        this.listener = listener;
    }

    /**
     * Fetches it.
     *
     * @throws AlcoveException {@link ErrorKind#ENVIRONMENT_FAILED}: {@code network} or {@code disk_full}
     */
    void run() throws IOException {
        HttpClient client = HttpClients.open(network, address);
        long most = size();
        int fruitless = 0;
        for (int tries = 0; ; tries++) {
            Trouble trouble = attempt(client);
            if (trouble == null) {
                listener.bytes(size(), size());
                return;
            }
            // With a network that breaks often it still goes on, if in pieces.
            fruitless = size() > most ? 0 : fruitless + 1;
            most = Math.max(most, size());
            if (!trouble.mayPass || fruitless > network.retries()) {
                throw failure(trouble.text);
            }
            Command.pause(FIRST_PAUSE_MILLISECONDS << Math.min(tries, 6), call);
        }
    }

    /** Why a try failed, and whether another may not. */
    private record Trouble(String text, boolean mayPass) {}

    private Trouble attempt(HttpClient client) throws IOException {
        long have = size();
        HttpRequest.Builder request = HttpRequest.newBuilder(withoutUser(address)).timeout(network.timeout());
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        long[] total = {-1};
        CompletableFuture<HttpResponse<Path>> response =
                client.sendAsync(request.build(), answer -> body(answer, have, total));
        try {
            return verdict(await(response, total));
        } catch (TimeoutException e) {
            return new Trouble("no data for " + network.timeout().toSeconds() + " s", true);
        } catch (ExecutionException e) {
            return trouble(e.getCause());
        } finally {
            response.cancel(true);
        }
    }

    private HttpResponse.BodySubscriber<Path> body(HttpResponse.ResponseInfo answer, long have, long[] total) {
        long length = answer.headers().firstValueAsLong("Content-Length").orElse(-1);
        if (answer.statusCode() == 200) {
            total[0] = length;
            return BodyHandlers.ofFile(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING).apply(answer);
        }
        String range = answer.headers().firstValue("Content-Range").orElse("");
        if (answer.statusCode() == 206 && range.startsWith("bytes " + have + "-")) {
            total[0] = length < 0 ? -1 : have + length;
            return BodyHandlers.ofFile(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND).apply(answer);
        }
        return HttpResponse.BodySubscribers.replacing(file);
    }

    private HttpResponse<Path> await(CompletableFuture<HttpResponse<Path>> response, long[] total)
            throws IOException, TimeoutException, ExecutionException {
        long seen = -1;
        long since = System.nanoTime();
        while (true) {
            try {
                return response.get(MILLISECONDS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancelledException("interrupted");
            } catch (TimeoutException e) {
                if (call.isCancelled()) {
                    throw new CancelledException("cancelled");
                }
                long size = size();
                if (size != seen) {
                    seen = size;
                    since = System.nanoTime();
                    listener.bytes(size, total[0]);
                } else if (System.nanoTime() - since > network.timeout().toNanos()) {
                    throw e;
                }
            }
        }
    }

    private Trouble verdict(HttpResponse<Path> response) throws IOException {
        int status = response.statusCode();
        if (status == 200 || status == 206 && response.headers().firstValue("Content-Range").isPresent()) {
            return null;
        }
        if (status == 416) {
            Files.delete(file); // as long as the whole, or longer, and yet not it
            return new Trouble("it cannot go on where it was", true);
        }
        String meaning = switch (status) {
            case 401, 403 -> ": it wants a password, or does not allow it";
            case 404 -> ": there is no such file";
            case 407 -> ": the proxy wants a password";
            default -> "";
        };
        return new Trouble("it answered " + status + meaning, WORTH_ANOTHER_TRY.contains(status));
    }

    private Trouble trouble(Throwable failure) throws IOException {
        String text = String.valueOf(failure.getMessage());
        if (Toolbox.isAboutRoom(text)) {
            throw Toolbox.diskFull(file.getParent(), List.of());
        }
        if (failure instanceof HttpConnectTimeoutException || failure instanceof ConnectException) {
            boolean isUnknown = failure.getCause() instanceof UnresolvedAddressException
                    || failure.getCause() != null && failure.getCause().getCause() instanceof UnresolvedAddressException;
            return new Trouble(isUnknown ? "its name is not known" : "no connection", true);
        }
        if (failure instanceof UnknownHostException) {
            return new Trouble("its name is not known", true);
        }
        if (failure instanceof HttpTimeoutException) {
            return new Trouble("no answer within " + network.timeout().toSeconds() + " s", true);
        }
        if (text.contains("authentication attempts")) {
            return new Trouble("the password for it, or for the proxy, is not accepted", false);
        }
        if (failure instanceof SSLException) {
            return new Trouble("its certificate is not trusted (" + text + ")", false);
        }
        if (failure instanceof java.nio.file.FileSystemException refused) {
            throw refused;
        }
        return new Trouble("the connection broke (" + text + ")", true);
    }

    private AlcoveException failure(String reason) {
        String host = address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
        String certificates = reason.contains("certificate")
                ? "; a proxy with a certificate of its own: its authority goes into ALCOVE_CERTIFICATES"
                : "";
        return Toolbox.failure("network", name + " could not be downloaded from " + host + ": " + reason,
                "check the network connection and the proxy (" + network.describeProxy() + ")" + certificates,
                List.of(NetworkSettings.masked(address.toString())));
    }

    private long size() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private static URI withoutUser(URI address) {
        return address.getRawUserInfo() == null
                ? address
                : URI.create(address.toString().replace(address.getRawUserInfo() + "@", ""));
    }

    /** "3 of 18 MB, about 12 s left", for a listener to say; the rate is that since the first look. */
    static final class Pace {
        private static final double SECONDS_TO_KNOW = 2;
        private final long began = System.nanoTime();
        private long first = -1;

        String describe(long done, long total) {
            String of = total < 0 ? "" : String.format(Locale.ROOT, " of %.1f", total / 1e6);
            return String.format(Locale.ROOT, "%.1f%s MB", done / 1e6, of) + secondsLeft(done, total);
        }

        private String secondsLeft(long done, long total) {
            first = first < 0 ? done : first;
            double seconds = (System.nanoTime() - began) / 1e9;
            if (total < 0 || seconds < SECONDS_TO_KNOW || done <= first) {
                return "";
            }
            return String.format(Locale.ROOT, ", about %.0f s left", (total - done) / ((done - first) / seconds));
        }

        Map<String, Object> details(String name, long done, long total) {
            return Map.of("step", "downloading", "package", name, "done_bytes", done, "total_bytes", Math.max(total, done));
        }
    }
}

package speed;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import speed.program.Case;
import speed.program.Samples;

/** The floors of a call: a child that sends back what it reads, through blocking pipes. */
final class Echo implements AutoCloseable {
    /** About as long as the line of a call, or its reply. */
    private static final int SIZE = 128;
    private static final int WARM_UPS = 12_000;
    private static final double WARM_UP_SECONDS = 1;
    private static final String IN_PYTHON = """
            import os
            while True:
                data = os.read(0, 65536)
                if not data:
                    break
                while data:
                    data = data[os.write(1, data):]
            """;

    private final Process process;
    private final OutputStream requests;
    private final InputStream replies;
    private final byte[] request = new byte[SIZE];
    private final byte[] reply = new byte[SIZE];

    private Echo(Process process) {
        this.process = process;
        this.requests = process.getOutputStream();
        this.replies = process.getInputStream();
        Arrays.fill(request, (byte) 'x');
        request[SIZE - 1] = '\n';
    }

    static Echo inC(Places places) throws IOException {
        return new Echo(places.start(places.build().resolve("echo")));
    }

    static Echo inPython(Places places) throws IOException {
        return new Echo(places.start(places.python(), "-c", IN_PYTHON));
    }

    /** One after the other. */
    Case trips() throws Exception {
        return Case.repeating(this::trip, WARM_UPS, WARM_UP_SECONDS, this);
    }

    private long trip() throws IOException {
        long began = System.nanoTime();
        send();
        receive();
        return System.nanoTime() - began;
    }

    /** So many under way. */
    Case flight(int window) throws Exception {
        Case flight = count -> flight(window, count);
        flight.measure(Case.IS_WARMED ? WARM_UPS : 1);
        return flight.closing(this);
    }

    private Samples flight(int window, int count) throws IOException {
        long began = System.nanoTime();
        int sent = 0;
        for (int received = 0; received < count; received++) {
            while (sent < count && sent < received + window) {
                send();
                sent++;
            }
            receive();
        }
        return Samples.rate(count, began);
    }

    private void send() throws IOException {
        requests.write(request);
        requests.flush();
    }

    private void receive() throws IOException {
        if (replies.readNBytes(reply, 0, SIZE) != SIZE || reply[SIZE - 1] != '\n') {
            throw new EOFException("the echo has ended");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

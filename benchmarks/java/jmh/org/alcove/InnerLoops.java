package org.alcove;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What Java does for a call, piece by piece, without any process or pipe. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InnerLoops {
    private static final Map<String, Object> ADD = Map.of(
            "inputs",
            List.of(
                    Map.of("name", "a", "type", "integer", "required", true),
                    Map.of("name", "b", "type", "integer", "required", true)));
    private static final Map<String, Object> ADD_ONE =
            Map.of("inputs", List.of(Map.of("name", "image", "type", "array", "role", "image", "required", true)));

    private final Signature add = new Signature(ADD);
    private final Signature addOne = new Signature(ADD_ONE);
    private final Inputs numbers = add.inputs(Map.of("a", 40, "b", 2));
    private final Requests requests = new Requests(
            new Connection(InputStream.nullInputStream(), OutputStream.nullOutputStream(), 1 << 24, "jmh", new Deaf()),
            Runnable::run);
    private final Answer answer = new Answer();
    private long id;

    private SharedMemory memory;
    private SharedArray image;
    private byte[] imageReply;
    private Map<String, Block> blocks;

    /** Shared memory, and an image in it. */
    @Setup
    public void share() {
        memory = SharedMemory.open(Places.memoryDirectory());
        Block block = memory.allocate(1 << 20);
        image = new SharedArray(memory, block, 0, DType.UINT16, new long[] {512, 1024}, Axis.list("y x"));
        imageReply = Json.line(json -> Values.write(json, Map.of("image", image), "outputs"));
        blocks = Map.of(block.name, block);
    }

    /** Gives it back. */
    @TearDown
    public void close() {
        image.close();
        memory.close();
    }

    /** Two integers are checked. */
    @Benchmark
    public Object checkNumbers() {
        return add.inputs(Map.of("a", 40, "b", 2));
    }

    /** An image is checked. */
    @Benchmark
    public Object checkImage() {
        return addOne.inputs(Map.of("image", image));
    }

    /** The inputs of a call become JSON. */
    @Benchmark
    public byte[] encodeNumbers() {
        return Json.line(numbers::write);
    }

    /** The descriptor of an image becomes JSON. */
    @Benchmark
    public byte[] encodeImage() {
        return Json.line(json -> Values.write(json, image, "image"));
    }

    /** A reply is read. */
    @Benchmark
    public Object parseNumber() throws IOException {
        return Json.parse(reply(++id));
    }

    /** The image in a reply is read; it becomes an array of its own, which is closed. */
    @Benchmark
    public void parseImage() throws IOException {
        Object outputs = Values.read(Json.parse(imageReply), memory, blocks);
        ((SharedArray) Tree.object(outputs).get("image")).close();
    }

    /** A request is sent, and its answer handed to whoever waits for it: all of a call but the wire. */
    @Benchmark
    public Object exchange() throws IOException {
        requests.send("call", numbers::write, answer, () -> false, sent -> id = sent);
        requests.received(Tree.object(Json.parse(reply(id))), forgotten -> {});
        return answer.result;
    }

    private static byte[] reply(long id) {
        return ("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"outputs\":{\"result\":42},\"kept\":[]}}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Answer implements Requests.Requester {
        private Map<String, Object> result;

        @Override
        public void succeeded(Map<String, Object> result) {
            this.result = result;
        }

        @Override
        public void failed(AlcoveException failure) {
            throw failure;
        }
    }

    /** Nothing comes of a stream that has no bytes. */
    private static final class Deaf implements Connection.Listener {
        @Override
        public void received(Map<String, Object> message) {}

        @Override
        public void ended(AlcoveException violation) {}
    }
}

package org.alcove.batch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.alcove.Call;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/** One item on its way through the batch, and the memory that it holds meanwhile. One thread at a time has it. */
final class Work implements AutoCloseable {
    final BatchItem item;
    /** Its place among the items, from 0. */
    final long index;
    /** What all items have, and what it has itself; files as their paths. */
    final Map<String, Object> inputs;
    /** From an output's name to the path of its file in the output folder, without the ending. */
    final UnaryOperator<String> naming;
    /** What is being done with it. */
    Stage stage = Stage.READING;
    /** How many workers it has killed. */
    int deaths;
    /** How often there was too little shared memory for it alone. */
    int shortages;
    /** How often the op's workers had been revived when it was computed last. */
    int revival;
    double seconds;
    Long worker;

    /** The ways of an item, in their order. */
    enum Stage {
        READING,
        COMPUTING,
        WRITING
    }

    private final String batch;
    private final List<SharedArray> images = new ArrayList<>();
    private Map<String, Object> values = Map.of();
    private Outputs outputs;
    private String key;
    private volatile Call call;

    Work(BatchItem item, long index, Map<String, Object> common, Naming naming, String batch) {
        this.item = item;
        this.index = index;
        this.inputs = new LinkedHashMap<>(common);
        inputs.putAll(item.inputs());
        this.naming = naming.of(item, index, inputs);
        this.batch = batch;
    }

    /** Changes with everything that its outputs depend on; files are looked at when this is asked for first. */
    String key() {
        if (key == null) {
            key = ItemKeys.key(batch, naming.apply("{output}"), inputs);
        }
        return key;
    }

    /** The files that it is made of. */
    List<Path> inputFiles() {
        return inputs.values().stream().filter(Path.class::isInstance).map(Path.class::cast).toList();
    }

    /** Reads its images; how many bytes they have. */
    long read(Op op, BatchReader reader) throws Exception {
        stage = Stage.READING;
        values = new LinkedHashMap<>(inputs);
        long bytes = 0;
        for (Parameter input : op.inputs()) {
            if (input.type().equals("array") && values.get(input.name()) instanceof Path file) {
                SharedArray image = reader.read(file);
                images.add(image);
                bytes += image.size() * image.dtype().bytes();
                values.put(input.name(), image);
            }
        }
        return bytes;
    }

    /** Runs the op on it; {@code isCancelled} is asked when the call can be reached by {@link #cancel}. */
    void compute(Op op, BooleanSupplier isCancelled) {
        stage = Stage.COMPUTING;
        call = op.callAsync(values);
        try {
            if (isCancelled.getAsBoolean()) {
                call.cancel();
            }
            outputs = call.await();
        } finally {
            seconds = call.runTime().toNanos() / 1e9;
            worker = call.worker().isPresent() ? (Long) call.worker().getAsLong() : worker;
        }
    }

    /** Ends its call, if it has one; from any thread. */
    void cancel() {
        Call running = call;
        if (running != null) {
            running.cancel();
        }
    }

    /** What the op returned, or changed in an array that it was given. */
    Object value(Parameter parameter) {
        return parameter.direction().isPresent() || !outputs.names().contains(parameter.name())
                ? values.get(parameter.name())
                : outputs.get(parameter.name());
    }

    /** Gives its memory back; it may be read again after that. */
    @Override
    public void close() {
        images.forEach(SharedArray::close);
        images.clear();
        values = Map.of();
        if (outputs != null) {
            outputs.close();
            outputs = null;
        }
    }
}

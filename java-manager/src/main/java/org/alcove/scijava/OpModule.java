package org.alcove.scijava;

import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.alcove.Alcove;
import org.alcove.AlcoveException;
import org.alcove.Call;
import org.alcove.CancelledException;
import org.alcove.ErrorKind;
import org.alcove.Op;
import org.alcove.Outputs;
import org.alcove.Parameter;
import org.alcove.SharedArray;
import org.scijava.Cancelable;
import org.scijava.module.AbstractModule;
import org.scijava.module.Module;
import org.scijava.module.ModuleInfo;

/** One run of an op. */
final class OpModule extends AbstractModule implements Cancelable {
    private final AlcoveService service;
    private final OpModuleInfo info;
    private final Map<String, Object> given = new HashMap<>();
    private Call call; // guarded by this, as are the next
    private Module described;
    private String cancelReason;

    OpModule(AlcoveService service, OpModuleInfo info) {
        this.service = service;
        this.info = info;
    }

    /** Keeps also what the module does not know yet to be an input of it. */
    @Override
    public void setInput(String name, Object value) {
        given.put(name, value);
        super.setInput(name, value);
    }

    @Override
    public ModuleInfo getInfo() {
        return info;
    }

    /**
     * Calls the op and waits.
     *
     * @throws AlcoveException when that fails; a cancelled one returns
     */
    @Override
    public void run() {
        try {
            if (info.entry().descriptor().isEmpty()) {
                runDescribed();
            } else {
                service.consent().require(info.entry().file());
                Alcove alcove = service.alcove();
                call(alcove, alcove.op(info.entry().file(), info.entry().op()));
            }
        } catch (CancelledException e) {
            cancel(e.getMessage());
        }
    }

    /**
     * The outputs for these inputs, which need no conversion by SciJava.
     *
     * @throws CancelledException when it was cancelled
     */
    Map<String, Object> outputs(Map<String, ?> inputs) {
        for (String name : inputs.keySet()) {
            if (info.getInput(name) == null) {
                List<String> known = new ArrayList<>();
                info.inputs().forEach(item -> known.add(item.getName()));
                throw new AlcoveException(
                        ErrorKind.INVALID_PARAMS,
                        info.getTitle() + " has no input " + name,
                        "it takes " + String.join(", ", known),
                        Map.of("path", "inputs." + name));
            }
        }
        inputs.forEach(this::setInput);
        inputs.keySet().forEach(this::resolveInput);
        run();
        if (isCanceled()) {
            throw new CancelledException(getCancelReason());
        }
        Map<String, Object> outputs = new LinkedHashMap<>();
        info.outputs().forEach(output -> outputs.put(output.getName(), getOutput(output.getName())));
        return outputs;
    }

    /** What the op takes was not known until now: the module that knows it does the work. */
    private void runDescribed() {
        Module module = service.described(info.entry()).createModule();
        synchronized (this) {
            described = module;
        }
        if (isCanceled()) {
            return;
        }
        try {
            service.modules().run(module, true, new HashMap<>(given)).get();
        } catch (InterruptedException e) {
            module.cancel();
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted");
        } catch (ExecutionException e) {
            throw failure(e);
        }
        if (module instanceof Cancelable cancelable && cancelable.isCanceled()) {
            cancel(cancelable.getCancelReason());
        }
        module.getOutputs().forEach(this::give);
    }

    /** SciJava wraps what a module threw. */
    private static RuntimeException failure(ExecutionException wrapper) {
        Throwable cause = wrapper;
        while (cause.getCause() != null && !(cause instanceof AlcoveException)) {
            cause = cause.getCause();
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }

    private void call(Alcove alcove, Op op) {
        StatusLine status = service.statusLine(info.getTitle());
        try (OpInputs inputs = new OpInputs(alcove, service.exchange())) {
            inputs.read(op, this);
            Call begun = op.callAsync(inputs.values(), status::show);
            synchronized (this) {
                call = begun;
            }
            if (isCanceled()) {
                begun.cancel();
            }
            Outputs outputs = begun.await();
            try {
                Map<Parameter, Object> results = new LinkedHashMap<>();
                op.outputs().forEach(output -> results.put(output, outputs.get(output.name())));
                results.putAll(inputs.written());
                give(results, op.title(), inputs.original());
            } catch (RuntimeException | Error e) {
                outputs.close();
                throw e;
            }
            if (service.exchange().copies()) {
                outputs.close();
            } else {
                inputs.handOverWritten();
            }
        } finally {
            status.clear();
        }
    }

    private void give(Map<Parameter, Object> results, String opTitle, Object original) {
        long arrays = results.values().stream().filter(SharedArray.class::isInstance).count();
        String title = service.exchange().name(original).map(name -> opTitle + " of " + name).orElse(opTitle);
        results.forEach((output, value) -> {
            String own = arrays > 1 ? title + " (" + output.name() + ")" : title;
            give(output.name(), fromOp(output, value, own, original));
        });
    }

    private Object fromOp(Parameter output, Object value, String title, Object original) {
        if (output.type().equals("path") && value instanceof String path) {
            return new File(path);
        } else if (value instanceof List<?> items && !output.type().equals("shapes")) {
            List<Object> converted = new ArrayList<>();
            items.forEach(item -> converted.add(fromOp(output.items().orElse(output), item, title, original)));
            return converted;
        }
        return service.exchange().fromOp(output, value, title, original);
    }

    private void give(String name, Object value) {
        setOutput(name, value);
        resolveOutput(name);
    }

    @Override
    public void cancel() {
        cancel("cancelled");
    }

    @Override
    public void cancel(String reason) {
        Call running;
        Module inner;
        synchronized (this) {
            cancelReason = reason == null ? "cancelled" : reason;
            running = call;
            inner = described;
        }
        if (running != null) {
            running.cancel();
        }
        if (inner != null) {
            inner.cancel();
        }
    }

    @Override
    public synchronized boolean isCanceled() {
        return cancelReason != null;
    }

    @Override
    public synchronized String getCancelReason() {
        return cancelReason;
    }
}

package speed.program;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A program that measures: a request comes as a line of JSON on standard input, and each is answered by a line on standard
 * output. {@code ./benchmark} drives several of them in turns; what waits for its turn blocks in a read and does nothing.
 */
public final class Program {
    private final Map<String, Maker> makers = new LinkedHashMap<>();
    private final Map<Object, Case> made = new HashMap<>();

    /** Makes a case and warms it up. */
    public interface Maker {
        Case make(Request request) throws Exception;
    }

    /** Adds a case of this name. */
    public Program add(String name, Maker maker) {
        makers.put(name, maker);
        return this;
    }

    /** Answers requests until there are no more, then closes all cases. */
    public void run(Map<String, String> facts) throws IOException {
        PrintStream replies = System.out;
        System.setOut(System.err); // for libraries that print
        Map<String, Object> ready = new LinkedHashMap<>();
        ready.put("ready", true);
        ready.put("facts", facts);
        replies.println(json(ready));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = requests.readLine()) != null; ) {
            replies.println(json(reply(line)));
        }
        made.values().forEach(Program::close);
    }

    private Map<String, Object> reply(String line) {
        Map<String, Object> reply = new LinkedHashMap<>();
        try {
            Request request = Request.parse(line);
            reply.put("case", request.name());
            answer(request, reply);
        } catch (SkippedException skipped) {
            reply.put("skipped", skipped.getMessage());
            reply.put("hint", skipped.hint());
        } catch (Exception | Error failure) {
            failure.printStackTrace();
            reply.put("error", String.valueOf(failure));
        }
        return reply;
    }

    private void answer(Request request, Map<String, Object> reply) throws Exception {
        if (!makers.containsKey(request.name())) {
            throw new IllegalArgumentException("no such case");
        }
        if (request.action().equals("done")) {
            close(made.remove(request.key()));
            return;
        }
        Case wanted = made.get(request.key());
        if (wanted == null) {
            wanted = makers.get(request.name()).make(request);
            made.put(request.key(), wanted);
        }
        if (request.action().equals("measure")) {
            Samples samples = wanted.measure(request.count());
            reply.put("unit", samples.unit());
            reply.put("samples", samples.values());
            reply.put("facts", samples.facts());
        }
    }

    private static void close(Case closed) {
        try {
            if (closed != null) {
                closed.close();
            }
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(member -> json(member.getKey()) + ": " + json(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        } else if (value instanceof double[] numbers) {
            return Arrays.stream(numbers)
                    .mapToObj(number -> String.valueOf(Math.round(number * 1000) / 1000.0))
                    .collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof String text) {
            return '"' + text.replaceAll("[\\p{Cntrl}]+", " ").replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        return String.valueOf(value);
    }
}

package org.alcove;

import java.nio.file.Path;
import java.util.Map;

/** {@code initialize}: what a worker is told of its host, and what it answers. */
final class Greeting {
    private static final int PROTOCOL = 1;
    static final int MAX_LINE_BYTES = 16 << 20;

    private Greeting() {}

    static Json.Writer params(Launch launch, SharedMemory memory, String prefix) {
        Path directory = launch.environmentDirectory();
        return json -> {
            json.writeStartObject();
            json.writeNumberField("protocol", PROTOCOL);
            json.writeObjectFieldStart("host");
            json.writeStringField("name", "alcove-java");
            json.writeStringField("version", Alcove.version());
            json.writeNumberField("pid", ProcessHandle.current().pid());
            json.writeEndObject();
            json.writeObjectFieldStart("memory");
            json.writeStringField("directory", memory.directory().toString());
            json.writeStringField("prefix", prefix);
            json.writeNumberField("quota_bytes", memory.quotaBytes());
            json.writeEndObject();
            if (directory != null) {
                json.writeObjectFieldStart("environment");
                json.writeStringField("directory", directory.toString());
                json.writeEndObject();
            }
            json.writeNumberField("max_line_bytes", MAX_LINE_BYTES);
            json.writeStringField("log_level", "info");
            json.writeEndObject();
        };
    }

    /**
     * The worker's process id; {@code otherwise} where it does not say.
     *
     * @throws AlcoveException {@link ErrorKind#UNSUPPORTED_PROTOCOL}
     */
    static long accept(Map<String, Object> answer, long otherwise) {
        Object protocol = answer.get("protocol");
        if (!Long.valueOf(PROTOCOL).equals(protocol)) {
            throw new AlcoveException(
                    ErrorKind.UNSUPPORTED_PROTOCOL,
                    "the worker speaks protocol " + protocol + ", this host protocol " + PROTOCOL,
                    "use a worker and a host of one version of Alcove");
        }
        return Tree.number(Tree.object(answer.get("worker")).get("pid"), otherwise);
    }
}

package org.alcove;

import java.util.Locale;

/** What went wrong, in a word that does not change between versions. Branch on it, never on a message. */
public enum ErrorKind {
    /** A line was not the JSON that the protocol allows. */
    PARSE_ERROR,
    /** A message had the wrong shape. */
    INVALID_REQUEST,
    /** The worker does not know the method. */
    METHOD_NOT_FOUND,
    /** An input does not fit the op's descriptor. */
    INVALID_PARAMS,
    /** The op's function raised. */
    OP_FAILED,
    /** The call was cancelled. */
    CANCELLED,
    /** There is no such block of shared memory, or it is too small. */
    ARRAY_UNAVAILABLE,
    /** The quota or the memory directory is full. */
    OUT_OF_SHARED_MEMORY,
    /** The op file cannot be loaded. */
    LOAD_FAILED,
    /** The op file has no op of that name. */
    OP_NOT_FOUND,
    /** The op returned something that cannot be sent. */
    UNENCODABLE_OUTPUT,
    /** A message is longer than the limit. */
    MESSAGE_TOO_LARGE,
    /** Host and worker have no version of the protocol in common. */
    UNSUPPORTED_PROTOCOL,
    /** The worker got another request before {@code initialize}. */
    NOT_INITIALIZED,
    /** The worker's process could not be started, or did not answer. */
    START_FAILED,
    /** The worker's process ended while it had calls. */
    WORKER_DIED,
    /** The op ran for longer than {@link Op#within} allows; the data member {@code seconds} says how long that is. */
    DEADLINE_EXCEEDED,
    /** The worker's process used more memory than allowed. */
    MEMORY_EXCEEDED,
    /** The other side broke the protocol. */
    PROTOCOL_VIOLATION,
    /** An environment could not be made, changed or removed; its data member {@code cause} says why. */
    ENVIRONMENT_FAILED,
    /** A file of arrays could not be read or written; its data member {@code cause} says why. */
    FILE_FAILED,
    /** The writer of a stream closed it or died, and there is no frame that was not read. */
    STREAM_ENDED,
    /** A stream has a writer already, or all its slots hold frames that somebody still looks at. */
    STREAM_BUSY,
    /** Not a stream, or not one that can be read here: another format, a wrong name, damaged files. */
    STREAM_UNAVAILABLE;

    /** The word as it stands in messages and in {@code --json}, for example {@code op_failed}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ErrorKind ofWord(String word) {
        for (ErrorKind kind : values()) {
            if (kind.word().equals(word)) {
                return kind;
            }
        }
        return PROTOCOL_VIOLATION;
    }
}

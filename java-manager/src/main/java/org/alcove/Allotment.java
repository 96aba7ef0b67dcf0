package org.alcove;

/**
 * What part of the machine a worker gets.
 *
 * @param threads so many threads its libraries shall compute with, 0 to leave that to them
 * @param gpu what it gets as {@code CUDA_VISIBLE_DEVICES}, null to leave that as this process has it
 * @param memoryBytes what it and its children may use, apart from blocks; 0 for no limit
 */
record Allotment(int threads, String gpu, long memoryBytes) {
    /** All of it. */
    static final Allotment WHOLE = new Allotment(0, null, 0);
}

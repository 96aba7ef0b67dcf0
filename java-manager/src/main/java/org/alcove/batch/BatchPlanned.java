package org.alcove.batch;

import java.nio.file.Path;
import java.util.List;

/**
 * What a batch would do with an item.
 *
 * @param item its name
 * @param status what an earlier run made of it; {@link BatchStatus#PENDING} when it is to be run
 * @param outputs the files that its outputs would be written to, without those whose type is known only when they are there
 */
public record BatchPlanned(String item, BatchStatus status, List<Path> outputs) {}

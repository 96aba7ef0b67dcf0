package org.alcove;

import java.util.Optional;

/** How the launch of an op's workers is found: through a look for its environment. */
interface LaunchLook {
    /** The launch in an environment that is ready, which is made first where it is missing, on behalf of a call. */
    Launch now(Call call);

    /** The launch when its environment is ready: a look at some small files, no process. */
    default Optional<Launch> find() {
        return Optional.empty();
    }

    /** Another number once this manager has done anything after which another launch may be found. */
    default long changes() {
        return 0;
    }
}

package org.alcove;

import java.util.List;
import java.util.Map;

/**
 * The environment variables that tell libraries how many threads to compute with. Each library reads them once, when it
 * is imported.
 */
final class ThreadCounts {
    /** OpenMP, which is GCC's and Intel's and with them scikit-image's, scikit-learn's and PyTorch's. */
    private static final String GENERAL = "OMP_NUM_THREADS";

    /** Of libraries that take the general one where theirs is not set. */
    private static final List<String> FOLLOWING =
            List.of("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS");

    /** Of libraries that know only their own: Accelerate, Numba, TensorFlow, ITK, OpenCV, Polars, and others in Rust. */
    private static final List<String> OWN = List.of(
            "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
            "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "OPENCV_FOR_THREADS_NUM", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS");

    private ThreadCounts() {}

    /** Sets what is not set: what a user or the environment's activation says counts, also for what follows it. */
    static void set(Map<String, String> variables, int threads) {
        String count = Integer.toString(threads);
        if (variables.putIfAbsent(GENERAL, count) == null) {
            FOLLOWING.forEach(name -> variables.putIfAbsent(name, count));
        }
        OWN.forEach(name -> variables.putIfAbsent(name, count));
    }
}

package images;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alcove.Alcove;
import org.alcove.DType;

/**
 * Times all cases side by side: each round does each of them some times, so that whatever else happens on the machine
 * hits them alike. Prints a JSON object for each case and size, with the times of each round.
 */
final class Speed {
    private static final int REPEATS = 5;
    private static final int WARM_UPS = 200;
    private static final double WARM_UP_MILLISECONDS = 1500;

    private Speed() {}

    static void main(Path python, Path folder, Path fifos, int rounds) throws Exception {
        try (Alcove alcove = Alcove.open();
                PlainPython plain = new PlainPython(
                        python, folder.resolve("plain_python.py"), fifos.resolve("in"), fifos.resolve("out"))) {
            AlcoveCases calls = new AlcoveCases(alcove, folder.resolve("ops/image_ops.py"), python);
            // The small images first: thousands of their calls let Java compile what all calls share.
            measure(new Size(DType.UINT16, 1 << 20), calls, plain, rounds, 20);
            measure(new Size(DType.UINT16, 64 << 20), calls, plain, rounds, 1);
            measure(new Size(DType.UINT8, 64 << 20), calls, plain, rounds / 2, 1);
            measure(new Size(DType.FLOAT32, 64 << 20), calls, plain, rounds / 2, 1);
        }
    }

    private static void measure(Size size, AlcoveCases calls, PlainPython plain, int rounds, int more) throws Exception {
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put("numpy_fresh", plain.add(size, "fresh"));
        cases.put("numpy_out", plain.add(size, "out"));
        cases.put("pipe", plain.echo(size));
        cases.put("call_fresh", calls.call("add_one", size));
        cases.put("call_out", calls.call("add_one_into", size));
        cases.put("call_in_place", calls.call("add_one_in_place", size));
        cases.put("call_same", calls.call("same", size));
        cases.put("call_copied", calls.call("result_elsewhere", size));
        cases.put("call_fresh_with_copies", calls.callWithCopies("add_one", size));
        cases.put("copies", calls.copies(size));
        calls.check(size);
        for (Case each : cases.values()) {
            double spent = 0;
            for (int i = 0; i < WARM_UPS * more && spent < WARM_UP_MILLISECONDS; i++) {
                spent += each.run();
            }
        }
        Map<String, List<double[]>> times = new LinkedHashMap<>();
        List<String> order = new ArrayList<>(cases.keySet());
        for (int round = 0; round < rounds; round++) {
            for (String name : order) {
                double[] milliseconds = new double[REPEATS * more];
                for (int i = 0; i < milliseconds.length; i++) {
                    milliseconds[i] = cases.get(name).run();
                }
                times.computeIfAbsent(name, unknown -> new ArrayList<>()).add(milliseconds);
            }
            java.util.Collections.rotate(order, 1);
        }
        times.forEach((name, values) -> print(size, name, values));
    }

    private static void print(Size size, String name, List<double[]> rounds) {
        String values = String.join(",", rounds.stream().map(java.util.Arrays::toString).toList());
        System.out.printf("{\"case\":\"%s\",\"dtype\":\"%s\",\"bytes\":%d,\"rounds\":[%s]}%n",
                name, size.dtype().word(), size.bytes(), values);
    }
}

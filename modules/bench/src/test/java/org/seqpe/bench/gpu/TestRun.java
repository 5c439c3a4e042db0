package org.seqpe.bench.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.compute.cuda.driver.Gpus;

/** Runs classes of tests without Maven: the parts of the GPU check that are tests. {@code TestRun FILE CLASS...} */
final class TestRun implements TestExecutionListener {
    private final Figures figures;
    private final Map<String, int[]> counts = new LinkedHashMap<>();
    private String current = "";

    private TestRun(Figures figures) {
        this.figures = figures;
    }

    public static void main(String[] arguments) {
        Figures figures = new Figures(Path.of(arguments[0]));
        TestRun listener = new TestRun(figures);
        keepContext();
        List<DiscoverySelector> classes = new ArrayList<>();
        Arrays.stream(arguments).skip(1).forEach(name -> classes.add(selectClass(name)));
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(classes)
                                .build(),
                        listener);
        listener.report();
        figures.expect(listener.total(0) > 0, "no test has run");
        // Native threads would keep the process from ending.
        System.exit(figures.hasFailed() ? 1 : 0);
    }

    /** Tests open a device each. The context of the GPU stays for all of them, because making one takes long. */
    private static void keepContext() {
        if (Gpus.hasDriver() && !Gpus.list().isEmpty()) {
            DriverApi.cuDevicePrimaryCtxRetain(new long[1], Gpus.list().get(0).handle());
        }
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (test.getSource().orElse(null) instanceof ClassSource source) {
            current = source.getClassName().replaceFirst(".*\\.", "");
            counts.putIfAbsent(current, new int[3]);
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        figures.say("skipped %s: %s", test.getDisplayName(), reason);
        count(2);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.ABORTED) {
            executionSkipped(
                    test, result.getThrowable().map(Throwable::getMessage).orElse(""));
            return;
        }
        boolean succeeded = result.getStatus() == Status.SUCCESSFUL;
        if (test.isTest()) {
            count(succeeded ? 0 : 1);
        }
        if (!succeeded) {
            Throwable cause = result.getThrowable().orElse(null);
            figures.fail(
                    "%s %s: %s",
                    current, test.getUniqueIdObject().getLastSegment().getValue() + " " + test.getDisplayName(), cause);
            if (!(cause instanceof AssertionError)) {
                trace(cause);
            }
        }
    }

    /** The first lines are enough to find the place. */
    private void trace(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            figures.say("  %s", each);
            Arrays.stream(each.getStackTrace())
                    .filter(frame -> frame.getClassName().startsWith("org.seqpe"))
                    .limit(12)
                    .forEach(frame -> figures.say("    at %s", frame));
        }
    }

    private void count(int which) {
        counts.computeIfAbsent(current, name -> new int[3])[which]++;
        keep();
    }

    private int total(int which) {
        return counts.values().stream().mapToInt(each -> each[which]).sum();
    }

    private void keep() {
        figures.put("passed", total(0));
        figures.put("failed", total(1));
        figures.put("skipped", total(2));
    }

    private void report() {
        counts.forEach((name, each) ->
                figures.say("%-34s %4d passed, %3d failed, %3d skipped", name, each[0], each[1], each[2]));
    }
}

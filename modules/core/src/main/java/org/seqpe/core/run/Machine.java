package org.seqpe.core.run;

/**
 * What a run was computed with, because its bits depend on it: kernels round by the processor's vectors, and libraries
 * choose theirs by its model.
 *
 * @param jvm name and version of the Java virtual machine
 * @param processor model of the driver's processor, and how many of them the JVM sees
 * @param device that the driver computes on
 */
public record Machine(String jvm, String processor, String device) {
    /** This machine. */
    public static Machine here(String device) {
        return new Machine(
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                Processor.model() + ", " + Runtime.getRuntime().availableProcessors() + " processors",
                device);
    }
}

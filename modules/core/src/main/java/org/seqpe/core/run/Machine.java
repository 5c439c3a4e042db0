package org.seqpe.core.run;

/**
 * The machine that computed a run. The exact bits of the result depend on it: the rounding of kernels depends on the
 * processor's vector width, and libraries choose their kernels by its model.
 *
 * @param jvm name and version of the Java virtual machine
 * @param processor model of the driver's processor, and how many of them the JVM sees
 * @param device device on which the driver computes
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

/** The parts of the check of a real GPU that are written in Java (docs/benchmarks.md, "GPU check"). */
package org.seqpe.bench.gpu;

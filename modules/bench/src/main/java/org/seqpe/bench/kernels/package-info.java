/** JMH benchmarks: one method for each kernel of {@link org.seqpe.compute.Device}, at shapes that occur in training. */
package org.seqpe.bench.kernels;

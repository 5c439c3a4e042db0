/**
 * The kernels of {@link org.seqpe.compute.cpu.CpuDevice}: Vector API loops over direct memory, and OpenBLAS in
 * single-thread mode called from our own threads.
 *
 * <p>Rules that make results bitwise independent of the number of threads: work is cut into tasks by sizes that follow
 * from the shapes alone; a task writes only what belongs to it; sums over tasks go through partial sums that are
 * combined in a fixed order.
 *
 * <p>A kernel object holds the operands of the call in progress in its fields, so that a call makes no objects. A
 * device, and so each of its kernel objects, is used by one thread at a time.
 */
package org.seqpe.compute.cpu;

package org.seqpe.compute;

import org.bytedeco.javacpp.FloatPointer;

/**
 * A vector of float32 numbers in host memory that another library owns, such as DL4J's flat parameters.
 *
 * @param address of the first element; its position must not be moved
 * @param size elements
 * @param owner what keeps the memory alive: the library's own object, which a device of that library may use instead of
 *     the address
 */
public record HostVector(FloatPointer address, long size, Object owner) {}

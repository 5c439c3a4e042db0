/**
 * Image models over resolutions: pictures, how many are classified rightly, and the rows of a sweep (method.md section
 * 7). A picture is [3, rows, columns] floats.
 */
package org.seqpe.evaluation.image;

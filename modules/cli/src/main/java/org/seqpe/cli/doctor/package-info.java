/** What {@code seqpe doctor} finds out about a machine. Nothing that is missing or broken there makes it fail. */
package org.seqpe.cli.doctor;

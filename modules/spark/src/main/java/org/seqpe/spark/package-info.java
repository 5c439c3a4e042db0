/** What all Spark jobs share: how a session is made. The only module of the project that sees Spark. */
package org.seqpe.spark;

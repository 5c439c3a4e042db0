/** Where text comes from: finding a corpus's files, and reading the documents in them, without Spark. */
package org.seqpe.data.corpus;

/** Where questions and answers come from: finding their files, and reading the questions in them, without Spark. */
package org.seqpe.data.qa.corpus;

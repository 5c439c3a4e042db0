/** Long contexts: sentences hidden in texts, and paragraphs among others. */
package org.seqpe.data.qa.haystack;

/** What the tasks of a preparation of questions and answers do, wherever they run. */
package org.seqpe.data.qa.stage;

package org.seqpe.model.text;

import org.seqpe.model.Task;

/** A task whose model predicts the next token from those before it, with the arrays of a {@link LanguageTask}. */
public interface TextTask extends Task {}

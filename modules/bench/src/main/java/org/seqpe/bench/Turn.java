package org.seqpe.bench;

/** What is measured in turn with others, in a process that they share. */
interface Turn {
    String name();

    /** Called before each turn: every side needs its own setting of OpenBLAS, which belongs to the process. */
    void begin();
}

package org.seqpe.data.prepare;

/** Hears how far a preparation is. */
public interface PrepareProgress {
    /** Hears nothing. */
    PrepareProgress NONE = new PrepareProgress() {
        @Override
        public void stage(String name, int tasks) {}

        @Override
        public void done(int tasks) {}

        @Override
        public void note(String message) {}
    };

    /** A stage of the work begins. */
    void stage(String name, int tasks);

    /** How many of the stage's tasks are done so far. */
    void done(int tasks);

    /** Something the user should know, such as files or documents that are left out. */
    void note(String message);
}

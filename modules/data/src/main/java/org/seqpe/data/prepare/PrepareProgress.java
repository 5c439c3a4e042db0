package org.seqpe.data.prepare;

/** Receives the progress of a preparation. */
public interface PrepareProgress {
    /** Ignores everything. */
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

    /** The number of the stage's tasks that are done so far. */
    void done(int tasks);

    /** Something the user should know, such as files or documents that are left out. */
    void note(String message);
}

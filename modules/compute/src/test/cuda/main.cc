// Runs the cases; an argument is a filter on their names, another such as 0/2 a share of them. Exit status 1 where one fails.
#include "cases.h"
#ifdef ON_GPU
#include <sys/mman.h>
#include <sys/wait.h>
#else
EMULATION_SWITCH
#endif

#ifdef ON_GPU
// A family's cases run in a child. One that ends early, in a fault of the card or a kernel without end, has failed with the case it was
// at, and another child goes on behind that, unless the whole family seems to be broken.
static void runWatched(Family* family) {
    constexpr int MOST_FAULTS = 4;
    Case::progress->wanted = 0;
    for (int faults = 1;; faults++) {
        const pid_t child = fork();
        if (child == 0) {
            Case::skipped = Case::progress->wanted;
            family->run();
            fflush(stdout);
            _Exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            return;
        }
        printf("FAIL %s: the process ended with status %d\n", Case::progress->name, status);
        Case::progress->failures++;
        if (faults == MOST_FAULTS) {
            printf("FAIL %s: the cases behind were not run after %d faults\n", family->name, faults);
            return;
        }
        fflush(stdout);
    }
}
static void runAll() {
    for (Family* family : Family::all) {
        runWatched(family);
    }
}
static Progress* newProgress() { return new (mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Progress; }
#else
static void runAll() {
    for (Family* family : Family::all) {
        family->run();
    }
    if (emulation::bankConflicts) {
        printf("FAIL: %llu bank conflicts of ldmatrix\n", (unsigned long long)emulation::bankConflicts);
        Case::progress->failures++;
    }
}
static Progress* newProgress() {
    static Progress own;
    return &own;
}
#endif

int main(int count, char** arguments) {
    if (count > 1) {
        Case::filter = arguments[1];
    }
    if (count > 2) {
        sscanf(arguments[2], "%d/%d", &Case::share, &Case::shares);
    }
    const auto start = std::chrono::steady_clock::now();
    std::sort(Family::all.begin(), Family::all.end(), [](Family* a, Family* b) { return strcmp(a->name, b->name) < 0; });
    Case::progress = newProgress();
    runAll();
    const Progress& all = *Case::progress;
    printf("%d cases, %d failed, results %016llx, %.0f s\n", all.count, all.failures, (unsigned long long)all.hash,
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return all.failures ? 1 : 0;
}

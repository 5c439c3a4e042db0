// Runs the cases; an argument is a filter on their names. Exit status 1 where one fails.
#include "cases.h"

#ifndef ON_GPU
asm(".text\n.globl emulationSwitch\nemulationSwitch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\nmovq %rsp,(%rdi)\n"
    "movq %rsi,%rsp\npopq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n");
#endif

int main(int count, char** arguments) {
    if (count > 1) {
        Case::filter = arguments[1];
    }
    const auto start = std::chrono::steady_clock::now();
    std::sort(Family::all.begin(), Family::all.end(), [](Family* a, Family* b) { return strcmp(a->name, b->name) < 0; });
    for (Family* family : Family::all) {
        family->run();
    }
#ifndef ON_GPU
    if (emulation::bankConflicts) {
        printf("FAIL: %llu bank conflicts of ldmatrix\n", (unsigned long long)emulation::bankConflicts);
        Case::failures++;
    }
#endif
    printf("%d cases, %d failed, results %016llx, %.0f s\n", Case::count, Case::failures, (unsigned long long)Case::hash,
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return Case::failures ? 1 : 0;
}

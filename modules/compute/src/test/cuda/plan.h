// The plans that the host makes of lists of uses: what cases and benchmark give to the kernels of rows.cuh and list_attention.cuh.
#pragma once
#include <algorithm>
#include <vector>

// Lists of uses by target, cut into pieces (rows.cuh). `targetOf[i]` is the target of use i; -1 means that the use does not count.
struct Plan {
    std::vector<int> order, start, target, splitStart, splitTarget;
    int partials = 0;
    // every: a piece for each target, although nothing uses it, so that its row is written.
    Plan(const std::vector<int>& targetOf, int targets, int longest, bool every) {
        std::vector<int> first(targets + 1, 0);
        for (int t : targetOf) {
            if (t >= 0) {
                first[t + 1]++;
            }
        }
        for (int t = 0; t < targets; t++) {
            first[t + 1] += first[t];
        }
        order.resize(first[targets]);
        std::vector<int> next(first.begin(), first.end() - 1);
        for (size_t i = 0; i < targetOf.size(); i++) {
            if (targetOf[i] >= 0) {
                order[next[targetOf[i]]++] = (int)i;
            }
        }
        start.push_back(0);
        splitStart.push_back(0);
        for (int t = 0; t < targets; t++) {
            const int uses = first[t + 1] - first[t], pieces = std::max(uses > 0 || every ? 1 : 0, (uses + longest - 1) / longest);
            for (int p = 0; p < pieces; p++) {
                start.push_back(std::min(first[t + 1], first[t] + (p + 1) * longest));
                target.push_back(pieces == 1 ? t : -1 - partials++);
            }
            if (pieces > 1) {
                splitTarget.push_back(t);
                splitStart.push_back(partials);
            }
        }
    }
};

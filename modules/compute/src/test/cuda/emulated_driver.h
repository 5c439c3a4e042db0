// What the emulated driver offers beside the driver's own functions: control for tests, and what the emulated cuBLASLt needs.
#pragma once

extern "C" {
// Keys: devices, capability (10 * major + minor), driver (version), memory (bytes of a device), init (what cuInit returns), fail (what
// the next launch reports when it runs), eager (1: work runs when it is queued), seed (of the work that runs before anything waits; 0:
// none does), reset (forgets errors). Not 0 where there is no such key.
int emulatedCudaSet(const char* key, long long value);
// Keys: launches, waits, live (allocations), liveBytes, queued (operations), violations. -1 where there is no such key.
long long emulatedCudaGet(const char* key);
// The next launch of that kernel reports this status when it runs.
int emulatedCudaFailKernel(const char* name, int status);

// Queues work. `run` is called when it is its turn, or `drop` where it is refused, or an error or a reset came before. Returns a status
// of the driver.
int emulatedCudaEnqueue(void* stream, void (*run)(void*), void (*drop)(void*), void* state);
// Whether this range lies in one allocation of device memory.
int emulatedCudaIsInside(unsigned long long address, unsigned long long bytes);
// The work that runs now has failed, with an error that stays.
void emulatedCudaFault(int status, const char* why);
}

#!/usr/bin/env bash
# Builds and checks the CUDA kernels.
#
#   build.sh emulate [filter]   compiles the cases for the processor and runs them (g++, no CUDA; less than a minute)
#   build.sh faults [filter]    plants one fault at a time and shows that the cases catch it (g++ and python3)
#   build.sh libraries          builds stand-ins for the driver and cuBLASLt, target/cuda/libraries, for tests without a GPU, and checks them;
#                               does nothing where no source has changed (g++ and python3)
#   build.sh compile            compiles every kernel for sm_80, sm_86, sm_89 and sm_90a, and checks limits.txt (nvcc 12.6 or newer)
#   build.sh code               compiles so, and puts the machine code into the module's resources: run it after a change of the kernels
#   build.sh sources_sum        says the sum of the sources that `code` writes down
#   build.sh gpu                builds target/cuda/gpu/gpu-cases, gpu-benchmark and a script `run` that keeps a log of both; they need
#                               nothing but NVIDIA's driver (nvcc)
#
# Results go to target/cuda of the module, or to the folder that CUDA_TARGET names. EVERY_CASE=1 adds the cases that take long;
# GPU_ARCHITECTURES names other architectures for `gpu`; CUDA_JOBS says how many compilers run at once (2).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cases=$(cd "$here/../../test/cuda" && pwd)
out=${CUDA_TARGET:-$here/../../../target/cuda}
resources=$here/../resources/org/seqpe/compute/cuda
architectures=(sm_80 sm_86 sm_89 sm_90a)
families=(attention_cases any_attention_cases list_attention_cases row_cases head_cases loss_cases)
# GCC warns of subscripts in templates that it has folded into one, and of numbers that a lane behind the last column does not have.
flags=(-std=c++17 -fno-strict-aliasing -Wall -Wno-unknown-pragmas -Wno-array-bounds -Wno-unused-function -Wno-maybe-uninitialized ${EVERY_CASE:+-DEVERY_CASE})

emulate() {
    mkdir -p "$out/emulate"
    printf '%s\n' "${families[@]}" main | xargs -P "${CUDA_JOBS:-2}" -I{} \
        g++ "${flags[@]}" -O1 -march=native -I"$here" -I"$cases" -c -o "$out/emulate/{}.o" "$cases/{}.cc"
    local objects=("${families[@]/%/.o}" main.o)
    g++ -o "$out/emulate/cases" "${objects[@]/#/$out/emulate/}"
    local jobs=${CUDA_JOBS:-2} failed=0
    seq 0 $((jobs - 1)) | xargs -P "$jobs" -I{} sh -c '"$0/cases" "$1" "{}/$2" >"$0/{}.log" 2>&1' "$out/emulate" "${1:-}" "$jobs" || failed=1
    cat $(seq -f "$out/emulate/%g.log" 0 $((jobs - 1)))
    return $failed
}

faults() {
    python3 - "$here" "$cases" "$out/faults" "${1:-}" <<'PYTHON'
import os, re, shutil, subprocess, sys
here, cases, out, wanted = sys.argv[1:]
shutil.rmtree(out, ignore_errors=True)
os.makedirs(out)
def compile(source, to, include):
    return subprocess.run(["g++", "-std=c++17", "-O1", "-w", "-march=native", "-DFAULTS", "-I" + include, "-I" + here, "-I" + cases, "-c", "-o", to, source]).returncode == 0
assert compile(cases + "/main.cc", out + "/main.o", here)
survivors = caught = 0
text = re.sub(r"(?m)^# .*\n", "", open(cases + "/faults.txt").read())
for entry in text.split("\n## ")[1:]:
    name, places, change = entry.split("\n", 2)
    source, filter, file = [part.strip() for part in places.split("|")]
    old, new = re.split(r"(?m)^->\n?", change.rstrip("\n"), maxsplit=1)
    old, new = old.rstrip("\n"), new.rstrip("\n")
    if wanted not in name:
        continue
    planted = out + "/include"
    shutil.rmtree(planted, ignore_errors=True)
    shutil.copytree(here, planted)
    kernel = open(planted + "/" + file).read()
    if old not in kernel:
        survivors += 1
        print("FAIL not in", file + ":", name)
        continue
    open(planted + "/" + file, "w").write(kernel.replace(old, new, 1))
    if not compile(cases + "/" + source, out + "/planted.o", planted) or subprocess.run(["g++", "-o", out + "/planted", out + "/main.o", out + "/planted.o"]).returncode:
        survivors += 1
        print("FAIL does not compile:", name)
        continue
    run = subprocess.run([out + "/planted", filter], stdout=subprocess.PIPE, text=True, errors="replace")
    lines = [line for line in run.stdout.splitlines() if line.startswith("FAIL")]
    if run.returncode:
        caught += 1
        print("caught  ", name + ":", len(lines), "failures;", lines[0][:90] if lines else "status %d" % run.returncode, flush=True)
    else:
        survivors += 1
        print("FAIL survived:", name, flush=True)
print(caught, "planted faults caught,", survivors, "not")
sys.exit(1 if survivors or not caught else 0)
PYTHON
}

libraries() {
    local to="$out/libraries"
    if [ -e "$to/checked" ] && [ -z "$(find "$here" "$cases" -type f -newer "$to/checked" -print -quit)" ]; then
        return
    fi
    mkdir -p "$to"
    rm -f "$to/checked"
    touch "$to/started"
    g++ -E -P -DEMULATE -x c++ "$here/exports.cu" | tr '\n' ' ' | grep -oE 'LAUNCH_BOUNDS\([0-9]+\) extern "C" void [A-Za-z0-9_]+' |
        sed -E 's/.*\(([0-9]+)\).* (.*)/KERNEL_ENTRY(\1, \2)/' >"$to/kernels.inc"
    printf '%s\n' emulated_kernels emulated_driver emulated_cublaslt | xargs -P "${CUDA_JOBS:-2}" -I{} \
        g++ "${flags[@]}" -O2 -march=native -fPIC -fvisibility=hidden -I"$here" -I"$cases" -I"$to" -c -o "$to/{}.o" "$cases/{}.cc"
    g++ -shared -Wl,-soname,libcuda.so.1 -Wl,--no-undefined -o "$to/libcuda.so.1" "$to/emulated_kernels.o" "$to/emulated_driver.o"
    g++ -shared -Wl,-soname,libcublasLt.so.13 -Wl,--no-undefined -Wl,-rpath,'$ORIGIN' -o "$to/libcublasLt.so.13" "$to/emulated_cublaslt.o" "$to/libcuda.so.1"
    python3 "$cases/emulated_test.py" "$to" 2>"$to/test.log" || { cat "$to/test.log"; return 1; }
    mv "$to/started" "$to/checked"
}

# Compiles the kernels for one architecture; what ptxas says of each stands in the log.
compile_one() {
    local arch=$1
    if [[ $arch == compute_* ]]; then
        nvcc -std=c++17 -O3 -arch="$arch" -ptx -o "$out/compile/kernels_$arch.ptx" "$here/exports.cu" >"$out/compile/$arch.log" 2>&1
    else
        nvcc -std=c++17 -O3 -arch="$arch" -Xptxas -v -cubin -o "$out/compile/kernels_$arch.cubin" "$here/exports.cu" >"$out/compile/$arch.log" 2>&1
    fi || { cat "$out/compile/$arch.log"; return 1; }
}

compile() {
    mkdir -p "$out/compile"
    local failed=0
    export -f compile_one
    export here out
    printf '%s\n' "${architectures[@]}" | xargs -P "${CUDA_JOBS:-2}" -I{} bash -c 'compile_one {}'
    for arch in "${architectures[@]}"; do
        python3 - "$arch" "$out/compile/$arch.log" "$here/limits.txt" <<'PYTHON' || failed=1
import fnmatch, re, sys
arch, log, table = sys.argv[1:]
limits = [line.split() for line in open(table) if line.strip() and not line.startswith("#")]
kernels, name = {}, None
for line in open(log):
    if m := re.search(r"Compiling entry function '(\S+)'", line):
        name = m.group(1)
        kernels[name] = [0, 0]
    elif m := re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", line):
        if name in kernels:
            kernels[name][1] = int(m.group(1)) + int(m.group(2))
    elif m := re.search(r"Used (\d+) registers", line):
        kernels[name][0] = int(m.group(1))
bad = 0
for name, (registers, spills) in sorted(kernels.items()):
    limit = next((l for l in limits if fnmatch.fnmatch(name, l[0])), None)
    if limit is None:
        bad += 1
        print("FAIL", arch, name, "has no limit in limits.txt")
    elif registers > int(limit[1]) or spills > int(limit[2]):
        bad += 1
        print(f"FAIL {arch} {name}: {registers} registers and {spills} bytes of spills; limits {limit[1]} and {limit[2]}")
print(f"{arch}: {len(kernels)} kernels, {bad} above their limits")
sys.exit(1 if bad else 0)
PYTHON
    done
    return $failed
}

# The machine code that the distribution has, and a sum of the sources that it was made from (KernelImage).
code() {
    compile
    compile_one compute_80
    local images=("--image3=kind=ptx,sm=80,file=$out/compile/kernels_compute_80.ptx")
    for arch in "${architectures[@]}"; do
        images+=("--image3=kind=elf,sm=${arch#sm_},file=$out/compile/kernels_$arch.cubin")
    done
    mkdir -p "$resources"
    "$(dirname "$(readlink -f "$(command -v nvcc)")")/fatbinary" --create="$resources/kernels.fatbin" -64 --compress-mode=size "${images[@]}"
    sources_sum >"$resources/kernels.sources"
    ls -l "$resources"
}

sources_sum() {
    (cd "$here" && LC_ALL=C sha256sum ./*.cuh exports.cu | sha256sum | cut -d' ' -f1)
}

gpu() {
    mkdir -p "$out/gpu"
    local codes=() objects=()
    for arch in ${GPU_ARCHITECTURES:-90a}; do
        codes+=("-gencode=arch=compute_$arch,code=sm_$arch")
    done
    for source in main "${families[@]}"; do
        nvcc -std=c++17 --extended-lambda -O2 "${codes[@]}" -DON_GPU ${EVERY_CASE:+-DEVERY_CASE} -I"$here" -I"$cases" -x cu -c -o "$out/gpu/$source.o" "$cases/$source.cc"
        objects+=("$out/gpu/$source.o")
    done
    nvcc -cudart static "${codes[@]}" -Xcompiler -static-libstdc++,-static-libgcc -o "$out/gpu/gpu-cases" "${objects[@]}"
    nvcc -std=c++17 -O3 "${codes[@]}" -cudart static -Xcompiler -static-libstdc++,-static-libgcc -I"$here" -o "$out/gpu/gpu-benchmark" "$cases/benchmark.cu"
    cat >"$out/gpu/run" <<'RUN'
#!/usr/bin/env bash
# Checks and times the kernels on this machine's card and keeps all lines in one log: run [log] (gpu.log)
cd "$(dirname "${BASH_SOURCE[0]}")"
log=${1:-gpu.log}
{
    nvidia-smi -L
    echo "# the cases, twice: both have to show the same results"
    ./gpu-cases
    ./gpu-cases | tail -1
    echo "# the benchmark"
    ./gpu-benchmark
} 2>&1 | tee "$log"
grep -c '^FAIL' "$log" | sed 's/$/ lines begin with FAIL/'
RUN
    chmod +x "$out/gpu/run"
    ls -l "$out/gpu"/{gpu-cases,gpu-benchmark,run}
}

case "${1:-}" in
    emulate | faults | libraries | compile | code | sources_sum | gpu) "$@" ;;
    *)
        sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 2
        ;;
esac

package org.seqpe.compute.cpu.bfloat16;

import java.util.Optional;
import java.util.function.Supplier;
import org.seqpe.compute.cpu.runtime.Gemm;

/** What computes products of bfloat16 on a processor. Sums are of float32 everywhere; their order is the unit's. */
public enum MatrixUnit {
    /** Tiles of Intel's Sapphire Rapids and newer. */
    AMX("AMX", OneDnnGemm::new),
    /** Dot products of pairs, in AMD's Zen 4 and Intel's Cooper Lake and newer. */
    AVX512_BF16("AVX512-BF16", OneDnnGemm::new),
    /** Float32 products of the rounded operands, for processors that have neither: slower than float32. */
    EMULATION("emulation", EmulatedGemm::new);

    private final String title;
    private final Supplier<Gemm> gemm;

    MatrixUnit(String title, Supplier<Gemm> gemm) {
        this.title = title;
        this.gemm = gemm;
    }

    /** As people write it. */
    public String title() {
        return title;
    }

    /** A new product of operands of bfloat16. */
    public Gemm newGemm() {
        return gemm.get();
    }

    /** The best unit that this processor has; empty where it has none. */
    public static Optional<MatrixUnit> ofProcessor() {
        return OneDnn.unit();
    }
}

package org.seqpe.compute.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostIntsTest {
    @Test
    void lengthFollowsTheLastUpload() {
        HostInts ints = HostInts.allocate(5);
        assertThat(ints.length()).isZero();
        ints.upload(7, 8, 9);
        assertThat(ints.toArray()).containsExactly(7, 8, 9);
        ints.upload(new int[] {1, 2, 3}, 1, 2);
        assertThat(ints.toArray()).containsExactly(2, 3);
        assertThat(ints.capacity()).isEqualTo(5);
    }

    @Test
    void viewsSeeLaterUploads() {
        HostInts ints = HostInts.allocate(5);
        HostInts view = ints.view(1, 3);
        ints.upload(1, 2, 3, 4, 5);
        assertThat(view.length()).isEqualTo(3);
        assertThat(view.toArray()).containsExactly(2, 3, 4);
        view.upload(-2);
        assertThat(ints.toArray()).containsExactly(1, -2, 3, 4, 5);
    }

    @Test
    void refusesWhatDoesNotFit() {
        HostInts ints = HostInts.allocate(2);
        assertThatThrownBy(() -> ints.upload(1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 2");
        assertThatThrownBy(() -> ints.view(1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ints.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
